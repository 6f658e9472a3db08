"""Conversations played to the behaviour engine, with a clock of their own: what came of them, and why."""
