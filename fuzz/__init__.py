"""Fuzz targets: whatever a file or an answer holds, nothing worse comes of it than an error of the tool's own.

Each module beside this one that has `WEIGHT` is a target: `seeds()` gives what to begin with, and `one(data, folder)`
takes one input and gives all that a person would be shown. `folder` is a workspace of its own. `guard.py` has what
must not happen, `python -m fuzz` runs them all (`make fuzz`), and tests replay `tests/data/hostile/<target>/`.
"""
