"""What is wrong with schedules and curfews: times that never come, windows that overlap, years without a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import combinations

from qqgroup_provision.behavior import calendars, cron
from qqgroup_provision.behavior.calendars import Calendar
from qqgroup_provision.behavior.configuration import Configuration, Mention, Saying, Schedule, Spoken
from qqgroup_provision.behavior.placeholders import slots
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, listed, say

SOON = timedelta(days=60)  # before the calendar ends
_FILLED = ("date", "group_id", "group_name", "time")  # placeholders about nobody: a time has no one to be about


def faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """What is wrong at any time."""
    for schedule in configuration.schedules:
        found = list(_never(schedule))
        yield from found or _impersonal(schedule.sayings)
    nights = [window.night for window in configuration.curfew]
    for night in nights:
        if night.opens == night.closes:
            yield _does_not_fit(night.place, say("The window ends when it begins."))
    for one, other in combinations([night for night in nights if night.opens != night.closes], 2):
        if one.meets(other):
            yield _does_not_fit(other.place, say("The window overlaps with the one at {place}.", place=one.place))
    for window in configuration.curfew:
        yield from _impersonal((*window.at_begin, *window.at_end))


def timely(configuration: Configuration, now: datetime) -> Iterator[Diagnostic]:
    """What is wrong now, or soon will be: years that the calendar does not know."""
    for schedule in configuration.schedules:
        timing = schedule.timing
        if timing.calendar is not None and not any(_never(schedule)):
            yield from _known(timing.calendar, timing.zone, schedule.place, now, ends=timing.after(now) is None)
    for window in configuration.curfew:
        night = window.night
        if night.calendar is not None:
            yield from _known(night.calendar, configuration.zone, night.place, now, ends=False)


def _known(calendar: Calendar, zone: tzinfo, place: Place, now: datetime, *, ends: bool) -> Iterator[Diagnostic]:
    today, end = now.astimezone(zone).date(), calendars.last_day()
    if ends or today > end or today < calendars.first_day():
        yield _no_calendar(
            say("`{calendar}` is known up to {end} only, so this does not come again.", calendar=calendar, end=end),
            place,
            Severity.ERROR,
        )
    elif end - today < SOON:
        yield _no_calendar(
            say("`{calendar}` is known up to {end} only; then this comes no more.", calendar=calendar, end=end),
            place,
            Severity.WARNING,
        )


def _no_calendar(summary: Text, place: Place, severity: Severity) -> Diagnostic:
    return Diagnostic(
        "QG352",
        summary,
        place=place,
        hint=say("Update it, for the bot as well: pip install -U chinesecalendar"),
        severity=severity,
    )


def _never(schedule: Schedule) -> Iterator[Diagnostic]:
    timing = schedule.timing
    problem = cron.fault(timing.cron)
    if problem is not None:
        yield Diagnostic(
            "QG351",
            say("This is no cron with a time that comes: {problem}.", problem=problem),
            place=schedule.place,
            hint=say("Write minute, hour, day, month and weekday: `0 8 * * 1-5` is 8:00 from Monday to Friday."),
        )
    elif timing.calendar is not None and not any(calendars.holds(timing.calendar, day) for day in timing.days()):
        yield Diagnostic(
            "QG351",
            say("None of its days was in `{calendar}` in any year that is known.", calendar=timing.calendar),
            place=schedule.place,
            hint=say("Take other days, or the other calendar."),
        )


def _impersonal(sayings: Iterable[Saying]) -> Iterator[Diagnostic]:
    """QG334: nobody has said anything, so there is nobody to be mentioned or named."""
    for saying in sayings:
        for piece in saying.pieces:
            names = list(slots(piece.template)) if isinstance(piece, Spoken) else []
            names += ["at"] if isinstance(piece, Mention) and piece.qq is None else []
            for name in names:
                if name not in _FILLED:
                    yield Diagnostic(
                        "QG334",
                        say("There is no placeholder `{name}` here.", name=f"{{{name}}}"),
                        place=saying.place,
                        hint=say(
                            "There are {names}. Double a brace that is meant as one.",
                            names=listed(f"{{{one}}}" for one in _FILLED),
                        ),
                    )


def _does_not_fit(place: Place, summary: Text) -> Diagnostic:
    return Diagnostic("QG353", summary, place=place, hint=say("Correct one of the times."))
