"""Keep one issue about drift: opened or updated while there is drift, closed once there is none."""

from __future__ import annotations

import argparse
from pathlib import Path

from forge import Forge
from one_report import is_ours, marked

MARKER = "qqgroup-drift"
LABEL = "drift"
TITLE = "Live groups differ from groups/"


def main(arguments: list[str] | None = None) -> None:
    """Report the Markdown of `--file`, or close the issue with `--clean`; SystemExit when GitHub refuses."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--file", type=Path)
    what.add_argument("--clean", action="store_true")
    parser.add_argument("--whole", required=True, help="address of the run whose summary is not cut")
    options = parser.parse_args(arguments)
    forge = Forge.from_environment()
    issues = forge.pages(f"issues?state=open&labels={LABEL}")
    ours = next((issue for issue in issues if is_ours(issue, MARKER)), None)
    if options.clean:
        _close(forge, ours, options.whole)
        return
    body = marked(MARKER, options.file.read_text(encoding="utf-8"), options.whole)
    if ours is None:
        forge.call("POST", "issues", {"title": TITLE, "labels": [LABEL], "body": body})
    else:
        forge.call("PATCH", f"issues/{int(ours['number'])}", {"body": body})


def _close(forge: Forge, ours: dict[str, object] | None, whole: str) -> None:
    if ours is None:
        return
    number = ours["number"]
    forge.call("POST", f"issues/{number}/comments", {"body": f"No drift any more: {whole}"})
    forge.call("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})


if __name__ == "__main__":
    main()
