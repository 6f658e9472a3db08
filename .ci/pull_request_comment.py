"""Show a plan in a pull request: one comment, created the first time and updated in place from then on."""

from __future__ import annotations

import argparse
from pathlib import Path

from forge import Forge
from one_report import is_ours, marked

MARKER = "qqgroup-plan"


def main(arguments: list[str] | None = None) -> None:
    """Post the Markdown of `--file` to pull request `--pull`; SystemExit when GitHub refuses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pull", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--whole", required=True, help="address of the run whose summary is not cut")
    options = parser.parse_args(arguments)
    forge = Forge.from_environment()
    body = {"body": marked(MARKER, options.file.read_text(encoding="utf-8"), options.whole)}
    comments = forge.pages(f"issues/{options.pull}/comments")
    ours = next((comment for comment in comments if is_ours(comment, MARKER)), None)
    if ours is None:
        forge.call("POST", f"issues/{options.pull}/comments", body)
    else:
        forge.call("PATCH", f"issues/comments/{int(ours['id'])}", body)


if __name__ == "__main__":
    main()
