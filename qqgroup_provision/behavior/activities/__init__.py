"""What a group does together: votes, quizzes, nominations, draws, and checking in."""
