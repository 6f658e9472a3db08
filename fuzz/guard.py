"""What no input may bring about: a crash, two seconds of work, 500 MB, a file outside the workspace, or a secret."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import sysconfig
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from qqgroup_provision.errors import QQGroupError

SECONDS = 2.0  # of this process's own time, so that a busy machine makes nobody guilty
MEMORY = 500 << 20  # bytes by which it may grow
TOKEN = "s3cret-token"  # the account's
OUTSIDE = "0utside-the-workspace"  # what is in a file beside the workspace
ENVIRONMENT = {"TEST_TOKEN": TOKEN, "ANSWER": "s3cret-answer"}
SECRETS = (TOKEN, OUTSIDE, ENVIRONMENT["ANSWER"])
# What a terminal would obey; a report may break lines, and nothing else.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Target = Callable[[bytes, Path], str]


class Found(Exception):
    """Something happened that no input may bring about."""


def check(one: Target, data: bytes, folder: Path) -> None:
    """Give a target one input. Raises `Found`, or whatever the target should not have raised."""
    before = _memory()
    with _in_time(), _kept_inside(folder) as opened:
        try:
            shown = one(data, folder)
        except QQGroupError as error:
            shown = "".join(f"{item.summary} {item.hint} {item.subject}" for item in error.diagnostics)
            shown = _CONTROL.sub("", shown)  # before a report has made it printable
    if opened:
        raise Found(f"opened {opened[0]}")
    if _memory() - before > MEMORY:
        raise Found(f"took {_memory() - before >> 20} MB")
    for secret in SECRETS:
        if secret in shown and secret.encode() not in data:
            raise Found(f"showed {secret}")
    steering = _CONTROL.search(shown)
    if steering:
        raise Found(f"showed {steering[0]!r} as it is")


def _memory() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


@contextmanager
def _in_time() -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise Found(f"took {SECONDS:.0f} seconds")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class _Watch:
    """An audit hook stays for good; what it looks at does not."""

    def __init__(self) -> None:
        self.inside = ""
        self.opened: list[str] = []
        self._ours = tuple(
            os.path.realpath(path)
            for path in (*sys.path, *sysconfig.get_paths().values(), *zoneinfo.TZPATH, "/proc", "/dev")
            if path
        )
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not self.inside or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        inside, self.inside = self.inside, ""  # looking at a path must not be looked at
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if path != inside and not path.startswith((inside + os.sep, *self._ours)):
            self.opened.append(path)
        self.inside = inside


_watches: list[_Watch] = []


@contextmanager
def _kept_inside(folder: Path) -> Iterator[list[str]]:
    """Collects what is opened that lies neither in the folder nor where Python and packages have theirs."""
    if not _watches:
        _watches.append(_Watch())
    (watch,) = _watches
    watch.opened = []
    watch.inside = os.path.realpath(folder)
    try:
        yield watch.opened
    finally:
        watch.inside = ""
