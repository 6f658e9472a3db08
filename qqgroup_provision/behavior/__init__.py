"""What the bot does: a pure function from an event, a configuration, memory and a clock to a decision with reasons.

Nothing here opens a file, a connection or a database, asks for the time, or draws lots of its own.
"""
