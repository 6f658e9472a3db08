"""Times that come again, as cron writes them: five fields, minute to weekday, in a time zone.

A time that a clock skips in spring comes once, right after the gap; one that it has twice in autumn comes once. Times
are given in UTC: two of them are compared and subtracted rightly, as those of a zone with summer time are not.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cronsim import CronSim

_FIELDS = 5
_SOME = datetime(2000, 1, 1)  # noqa: DTZ001  (only to read an expression with)


def after(written: str, moment: datetime, zone: tzinfo) -> datetime | None:
    """The first time later than a moment; `None` where none comes within 50 years. Raises ValueError."""
    return _first(written, moment.astimezone(zone), reverse=False)


def latest(written: str, moment: datetime, zone: tzinfo) -> datetime | None:
    """The last time that is not later than a moment; `None` where there was none in 50 years. Raises ValueError."""
    return _first(written, moment.astimezone(zone) + timedelta(microseconds=1), reverse=True)


@lru_cache(maxsize=1024)
def fault(written: str) -> str | None:
    """What is wrong with an expression, in the words of whoever reads it; `None` for one that comes at some time."""
    try:
        found = _first(written, _SOME, reverse=False)
    except ValueError as error:
        return str(error) or written
    return None if found is not None else written


def _first(written: str, moment: datetime, *, reverse: bool) -> datetime | None:
    found = next(_times(written, moment, reverse=reverse), None)
    return found.astimezone(UTC) if found is not None else None


def _times(written: str, moment: datetime, *, reverse: bool) -> CronSim:
    from cronsim import CronSim, CronSimError  # loaded for groups that have times only

    if len(written.split()) != _FIELDS:
        raise ValueError(written)
    try:
        return CronSim(written, moment, reverse)
    except CronSimError as error:
        raise ValueError(str(error)) from None
