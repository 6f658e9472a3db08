"""Where the `qqgroup` command begins, and `python -m qqgroup_provision` too."""

from __future__ import annotations

import sys

from qqgroup_provision import __version__


def main() -> None:
    """Run the command. The version is told before anything is loaded: scripts ask for it often."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"qqgroup {__version__}\n")
        return
    from qqgroup_provision.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
