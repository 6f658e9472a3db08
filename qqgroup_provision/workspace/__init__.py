"""YAML text to typed descriptions of groups: parse with positions, check, compose, build."""
