"""Parts of a day or night, again and again: from when until when, on which days of the week or of a calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from qqgroup_provision.behavior import calendars
from qqgroup_provision.behavior.calendars import Calendar
from qqgroup_provision.behavior.conditions import NOWHERE
from qqgroup_provision.diagnostics import Place

EVERY_DAY = frozenset(range(7))
_LONGEST_WAIT = 400  # days in which the next one is looked for
_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Night:
    """From one time to another one, over midnight if that is not later. `days` are when it begins: Monday is 0."""

    opens: time
    closes: time
    days: frozenset[int] = EVERY_DAY
    calendar: Calendar | None = None
    place: Place = field(default=NOWHERE, compare=False)

    def span(self, day: date, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """When it begins and ends, in UTC, if it begins on that day. A day no calendar knows has none."""
        if day.weekday() not in self.days:
            return None
        if self.calendar is not None and calendars.holds(self.calendar, day) is not True:
            return None
        ends_on = day if self.opens < self.closes else day + timedelta(days=1)
        begin, end = datetime.combine(day, self.opens, zone), datetime.combine(ends_on, self.closes, zone)
        return begin.astimezone(UTC), end.astimezone(UTC)

    def holding(self, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """The one that a moment lies in, by when it begins and ends."""
        today = now.astimezone(zone).date()
        spans = (self.span(day, zone) for day in (today - timedelta(days=1), today))
        return next((span for span in spans if span is not None and span[0] <= now < span[1]), None)

    def after(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the next one begins; `None` where none does for more than a year."""
        today = now.astimezone(zone).date()
        spans = (self.span(today + timedelta(days=number), zone) for number in range(_LONGEST_WAIT))
        return next((span[0] for span in spans if span is not None and span[0] > now), None)

    def meets(self, other: Night) -> bool:
        """Whether there may be a moment that lies in both."""
        return any(
            self._begins_with(other, later)
            and _minute(self.opens) < later * _MINUTES + _minute(other.opens) + other._minutes
            and later * _MINUTES + _minute(other.opens) < _minute(self.opens) + self._minutes
            for later in (-1, 0, 1)
        )

    def _begins_with(self, other: Night, later: int) -> bool:
        """Whether the other one may begin so many days later."""
        if later == 0 and None not in (self.calendar, other.calendar) and self.calendar is not other.calendar:
            return False  # no day is in both calendars
        return any((day + later) % 7 in other.days for day in self.days)

    @property
    def _minutes(self) -> int:
        return (_minute(self.closes) - _minute(self.opens)) % _MINUTES or _MINUTES


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
