"""Desired, live and remembered, in; a plan, out. Pure functions."""
