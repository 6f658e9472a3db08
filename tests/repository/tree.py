"""The files of this repository: those that git tracks, and those it would if they were added now."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Relative to `ROOT`, sorted, without what is ignored or deleted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    names = sorted({name for name in listed.split("\0") if name})
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


HOSTILE = Path("tests/data/hostile")  # what no file should be


def texts() -> list[tuple[Path, str]]:
    """Every file that is text, with its text."""
    found = []
    for path in files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content and not path.is_relative_to(HOSTILE):
            found.append((path, content.decode()))
    return found


def copy_to(folder: Path) -> Path:
    """A copy of the files alone, as a fresh clone would have them."""
    for path in files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target)
    return folder
