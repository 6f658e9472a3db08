"""Something that is done whenever its time comes, and once each time, however often a bot ends and begins.

A mark says up to when everything was done, and by which expression: another one begins anew, so that nothing is made
up for that nobody had asked for then. After a pause only the latest time is still done.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from qqgroup_provision.behavior import cron
from qqgroup_provision.behavior.memory import Key, Mark, Remember

LONG = timedelta(days=3650)  # longer than any two times lie apart that somebody waits for
_SKEW = timedelta(days=1)  # a mark from later than that was made by a clock that was wrong


def waits(written: str, mark: Mark | None, now: datetime) -> bool:
    """Whether it was waited for already; if not, `done(…, now)` begins it."""
    return mark is not None and mark.people == ((0, written),) and mark.at <= now + _SKEW


def due(written: str, mark: Mark | None, now: datetime, zone: tzinfo) -> datetime | None:
    """The time that has come and is not done yet; `None` where there is none."""
    if mark is None or not waits(written, mark, now):
        return None
    last = cron.latest(written, now, zone)
    return last if last is not None and last > mark.at else None


def done(key: Key, written: str, at: datetime) -> Remember:
    """The change by which it is done up to that time."""
    return Remember(key, Mark(at, ((0, written),)), at + LONG)
