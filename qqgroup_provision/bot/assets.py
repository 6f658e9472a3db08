"""Pictures the bot can send, each in a file that is called as its content's sha256."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from qqgroup_provision.workspace.files import MAX_ASSET_BYTES

LARGEST = MAX_ASSET_BYTES  # what a workspace may have can be brought
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Assets:
    """A folder of them, made if need be. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def has(self, sha256: str) -> bool:
        return is_digest(sha256) and (self._folder / sha256).is_file()

    def missing(self, wanted: Iterable[str]) -> list[str]:
        return sorted({sha256 for sha256 in wanted if not self.has(sha256)})

    def content(self, path: str, sha256: str) -> bytes:
        """The content of a picture, whatever a configuration calls it. Raises OSError."""
        if not is_digest(sha256):
            raise FileNotFoundError(sha256)
        return (self._folder / sha256).read_bytes()

    def keep(self, sha256: str, content: bytes) -> None:
        """Store content durably, or find that it is there. Raises ValueError for content of another digest."""
        if not is_digest(sha256) or hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError("the content has another digest")
        if self.has(sha256):
            return
        handle, scratch = tempfile.mkstemp(dir=self._folder, prefix=".new-")  # readable by its owner only
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(scratch).replace(self._folder / sha256)
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise


def is_digest(text: str) -> bool:
    return _SHA256.match(text) is not None
