"""When something comes again: a cron expression in a time zone, on the days of a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from qqgroup_provision.behavior import calendars, cron
from qqgroup_provision.behavior.calendars import Calendar

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """Five fields of cron, as they are meant in a zone; on all days, or those of a calendar."""

    cron: str
    zone: tzinfo
    calendar: Calendar | None = None

    @property
    def mark(self) -> int:
        """A number that is another one for any other timing."""
        written = f"{self.cron} | {self.zone} | {self.calendar}"
        return int.from_bytes(hashlib.sha256(written.encode()).digest()[:6])

    def after(self, moment: datetime) -> datetime | None:
        """The first time later than a moment, in UTC; `None` where none comes, or no calendar tells of one."""
        at = moment
        while (found := cron.after(self.cron, at, self.zone)) is not None:
            if found <= moment:  # in the hour that a clock has twice, the first one is meant
                at = found
                continue
            day = found.astimezone(self.zone).date()
            fits = True if self.calendar is None else calendars.holds(self.calendar, day)
            if fits:
                return found
            if fits is None:
                return None
            at = datetime.combine(day + _ONE_DAY, time(), self.zone).astimezone(UTC) - timedelta(seconds=1)
        return None

    def due(self, since: datetime, now: datetime) -> datetime | None:
        """The last time that is later than `since` and not later than `now`."""
        last, found = None, self.after(since)
        while found is not None and found <= now:
            last, found = found, self.after(found)
        return last

    def days(self) -> Iterator[date]:
        """The days of all years a calendar knows on which it may come, whatever that says of them."""
        days = "0 0 " + " ".join(self.cron.split()[2:])
        begin, end = calendars.first_day(), calendars.last_day()
        at: datetime | None = datetime.combine(begin, time(), UTC) - timedelta(seconds=1)
        while at is not None and (at := cron.after(days, at, UTC)) is not None and at.date() <= end:
            yield at.date()
