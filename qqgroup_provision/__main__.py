"""`python -m qqgroup_provision` is `qqgroup`."""

from __future__ import annotations

from qqgroup_provision.cli.main import main

if __name__ == "__main__":
    main()
