"""`--until`: a time at which an apply begins nothing more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import click

from qqgroup_provision.messages import say
from qqgroup_provision.workspace.moments import moment

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")


class Until(click.ParamType[str]):
    """A time of day, or a date with a time."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        written = str(value)
        if not _CLOCK.match(written) and ("T" not in written or moment(written, UTC) is None):
            self.fail(str(say("`{value}` is no time, such as 22:00 or 2026-12-01T06:00.", value=written)), param, ctx)
        return written


def moment_of(written: str, zone: tzinfo, now: datetime) -> datetime:
    """The moment that is meant: a time of day is the next one in that zone. Raises click's error for a past one."""
    clock = _CLOCK.match(written)
    if clock is None:
        found = moment(written, zone)
        if found is None or found <= now:
            raise click.BadParameter(str(say("{time} has passed.", time=written)), param_hint="--until")
        return found
    at = now.astimezone(zone).replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


@contextmanager
def stopped_at(at: datetime, now: datetime, stopping: asyncio.Event, tell: Callable[[], None]) -> Iterator[None]:
    """Let the step at hand be the last one when the time has come. Used in an event loop."""

    def stop() -> None:
        stopping.set()
        tell()

    handle = asyncio.get_running_loop().call_later(max(0.0, (at - now).total_seconds()), stop)
    try:
        yield
    finally:
        handle.cancel()
