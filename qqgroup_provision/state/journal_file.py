"""The lines of a journal in a local file: each is on the disk before anything else happens."""

from __future__ import annotations

import os
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say


class JournalFile:
    """Appends to a new file. `JournalLines` (journal.py)."""

    def __init__(self, path: Path) -> None:
        """Raises FileExistsError where a journal is left over: it has to be settled first."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(path, flags, 0o600)
        self._path = path
        _sync_folder(path.parent)

    def append(self, line: bytes, at_once: bool) -> None:
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)  # whatever may be put off: a disk is quick
        except OSError as error:
            raise InvalidInput(
                Diagnostic(
                    "QG716",
                    say("The journal cannot be written: {reason}.", reason=error.strerror),
                    subject=self._path.as_posix(),
                    hint=say("Check the disk, and run the command again: it looks at what was begun."),
                )
            ) from None

    def close(self) -> None:
        os.close(self._file)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable, where the system has a way to."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
