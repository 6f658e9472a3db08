"""Values to text: plans, diagnostics, state and outcomes, for people and for machines. Pure functions."""
