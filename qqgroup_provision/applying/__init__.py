"""Carrying a plan out: in order, at a pace, written down before and after, and looked at afterwards."""
