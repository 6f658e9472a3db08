"""One file a resource kind: what YAML wants of it, what is live, and which operations change it."""
