"""Speed, compared with peers in one run. `make bench` writes results.md."""
