"""The workspace's store as commands use it: opened, and locked for as long as somebody is willing to wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qqgroup_provision.cli.terminal import require_extra
from qqgroup_provision.errors import LockHeld
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.durations import seconds

if TYPE_CHECKING:
    from qqgroup_provision.state.store import StateStore
    from qqgroup_provision.workspace.model import Workspace

F = TypeVar("F", bound=Callable[..., Any])
_FIRST, _LONGEST = 1.0, 16.0  # seconds between two tries


class Duration(click.ParamType[float]):
    """A duration as it is written in YAML, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return 0.0 if value == "0" else seconds(value)
        except ValueError:
            self.fail(str(say("`{value}` is no duration, such as 30s or 5m.", value=value)), param, ctx)


def lock_timeout_option(function: F) -> F:
    """`--lock-timeout`, as `patience` in seconds."""
    option = click.option(
        "--lock-timeout",
        "patience",
        type=Duration(),
        default="0",
        metavar="DURATION",
        help=str(say("Wait so long for the lock, such as 5m; else not at all.")),
    )
    return option(function)


def store_of(workspace: Workspace) -> StateStore:
    """The store of a workspace. Raises `InvalidInput`: QG131, and QG142 for packages that are not installed."""
    from qqgroup_provision.state.open_store import open_store, packages_of

    require_extra("stores", *packages_of(workspace.shared_state))
    return open_store(workspace, os.environ)


@contextmanager
def locked(store: StateStore, operation: str, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock. Raises `LockHeld` if it is not free after so many seconds; who held it last is told.

    What ends the command meanwhile, SIGTERM as well, gives the lock back: a store elsewhere would keep it.
    """
    deadline = time.monotonic() + patience
    pause = _FIRST
    told = False
    while True:
        with _ended_in_order():
            lock = store.lock(operation)
            try:
                lock.__enter__()
            except LockHeld as held:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
                if not told:
                    told = True
                    click.echo(str(held.diagnostics[0].summary), err=True)
            else:
                try:
                    yield
                except BaseException:
                    if not lock.__exit__(*sys.exc_info()):
                        raise
                else:
                    lock.__exit__(None, None, None)
                return
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM, with which a CI cancels, ends the command from within, so that it cleans up behind itself."""
    if os.name == "nt" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
