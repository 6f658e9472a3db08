"""Milky 1.2 over HTTP, as LLBot and Lagrange.Milky really speak it."""
