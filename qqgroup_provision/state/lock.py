"""One apply at a time: a lock the system drops when its holder dies, with a note that says who that is.

The lock itself is the operating system's, on a file that is never deleted, so there is nothing to clean up
after a crash and no moment in which two can take it. The note is only for people.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import LockHeld
from qqgroup_provision.messages import say

_LEASE = timedelta(hours=6)  # how long an apply may reasonably take; told to people, never acted on


@contextmanager
def file_lock(path: Path, operation: str) -> Iterator[None]:
    """Hold the lock at `path`. Raises `LockHeld` (QG721) at once if another process does."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(handle):
            raise LockHeld(_held(path, _note(handle)))
        _write_note(handle, operation)
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(handle, 0)
            _release(handle)
    finally:
        os.close(handle)


@contextmanager
def moment_of(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for a moment, once it is free: for what takes no longer than to write a small file."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _take(handle):
            time.sleep(0.002)
        try:
            yield
        finally:
            _release(handle)
    finally:
        os.close(handle)


def holder_of(path: Path) -> Mapping[str, Any] | None:
    """What the note says of whoever holds the lock at `path`; `None` if nobody does."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        if _take(handle):
            _release(handle)
            return None
        return _note(handle)
    finally:
        os.close(handle)


def _held(path: Path, note: Mapping[str, Any]) -> Diagnostic:
    holder = say(
        "{who}, process {pid}, {operation} since {created}, expected to end by {expires}",
        who=note.get("who", "?"),
        pid=note.get("pid", "?"),
        operation=note.get("operation", "?"),
        created=note.get("created", "?"),
        expires=note.get("expires", "?"),
    )
    return Diagnostic(
        "QG721",
        say("Another run holds the lock: {holder}.", holder=holder),
        subject=path.as_posix(),
        hint=say("Wait for it to end. The lock of a process that died is free by itself."),
    )


def _note(handle: int) -> Mapping[str, Any]:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        note = json.loads(os.read(handle, 4096))
    except (ValueError, OSError):
        return {}
    return note if isinstance(note, dict) else {}


def _write_note(handle: int, operation: str) -> None:
    now = datetime.now(UTC)
    note = {
        "who": holder(),
        "pid": os.getpid(),
        "operation": operation,
        "created": now.isoformat(timespec="seconds"),
        "expires": (now + _LEASE).isoformat(timespec="seconds"),
    }
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, json.dumps(note, ensure_ascii=False).encode())


def holder() -> str:
    """Who this process works for: user and host."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may have no name for its user
        user = "?"
    return f"{user}@{socket.gethostname()}"


if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes, and locked bytes cannot be read: one far behind the note stands for the file.
    _BYTE = 1 << 20

    def _take(handle: int) -> bool:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
