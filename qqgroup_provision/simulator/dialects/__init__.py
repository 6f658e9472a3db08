"""How each implementation serves the world: field names, types, codes, defaults and defects of its own."""
