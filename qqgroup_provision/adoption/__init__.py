"""Live groups to YAML, and YAML to its canonical form. Pure: texts and readings in, texts out."""
