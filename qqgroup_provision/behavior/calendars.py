"""Which days are worked in China: holidays, and weekends that make up for them (调休), as announced each year."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache


class Calendar(StrEnum):
    """A choice of days, as YAML calls it. Every day is in exactly one of them."""

    WORKDAYS = "cn-workdays"  # days on which people work, made-up weekends among them
    HOLIDAYS = "cn-holidays"  # all others, ordinary weekends among them


def holds(calendar: Calendar, day: date) -> bool | None:
    """Whether a day is in a calendar; `None` for a year that nobody has announced, or that is too long ago."""
    from chinese_calendar import is_workday  # type: ignore[import-untyped]  # loaded only where YAML has a calendar

    try:
        worked: bool = is_workday(day)
    except NotImplementedError:
        return None
    return worked is (calendar is Calendar.WORKDAYS)


@cache
def first_day() -> date:
    """The first day that is known."""
    return date(min(_holidays()).year, 1, 1)


@cache
def last_day() -> date:
    """The last day that is known."""
    return date(max(_holidays()).year, 12, 31)


def _holidays() -> list[date]:
    from chinese_calendar import holidays

    return list(holidays)
