"""What implements the ports: everything that talks to QQ, and nothing that decides."""
