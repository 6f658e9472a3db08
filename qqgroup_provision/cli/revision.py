"""A workspace as it was in a commit, for as long as it is looked at."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 60  # seconds for git to answer


@contextmanager
def workspace_at(folder: Path, revision: str) -> Iterator[Path | None]:
    """The workspace of `folder` as it was in a commit, in a folder that is gone afterwards; `None` where git knows no
    such commit, or it has no such folder."""
    content = _archived(folder, revision)
    if content is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="qqgroup-") as place, tarfile.open(fileobj=io.BytesIO(content)) as files:
        files.extractall(place, filter="data")  # nothing that leads out of the folder
        yield Path(place)


def _archived(folder: Path, revision: str) -> bytes | None:
    if revision.startswith("-") or not folder.is_dir():
        return None
    git = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), "archive", "--format=tar", revision]
    try:
        return subprocess.run(git, capture_output=True, timeout=_PATIENCE, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
