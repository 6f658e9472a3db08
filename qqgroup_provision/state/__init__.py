"""What was applied last, and the journal of what is being applied: formats, files and locks."""
