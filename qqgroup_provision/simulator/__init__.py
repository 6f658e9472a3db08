"""A QQ on this machine: a world of groups, served as the implementations people run would serve it."""
