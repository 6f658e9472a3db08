"""`schedules` and `curfew` of a composed group, typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import time, tzinfo
from typing import Any

from qqgroup_provision.behavior.calendars import Calendar
from qqgroup_provision.behavior.configuration import CurfewWindow, Saying, Schedule
from qqgroup_provision.behavior.nights import EVERY_DAY, Night
from qqgroup_provision.behavior.timing import Timing
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.moments import zone
from qqgroup_provision.workspace.phrases import Phrases

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CATCH_UP = 3600.0


def schedules(phrases: Phrases, items: Sequence[Mapping[str, Any]]) -> Iterator[Schedule]:
    """What is said at certain times. The place of one is that of its `cron`: faults are about that."""
    for item in items:
        yield Schedule(
            key=item["key"],
            timing=Timing(item["cron"], _zone(phrases, item), _calendar(item)),
            sayings=phrases.sayings(item, "send"),
            catch_up=seconds(item["catch_up"]) if "catch_up" in item else _CATCH_UP,
            place=phrases.positions.value(item, "cron", phrases.fallback),
        )


def curfew(phrases: Phrases, items: Sequence[Mapping[str, Any]]) -> Iterator[CurfewWindow]:
    """When everybody but admins is muted."""

    def sayings(item: Mapping[str, Any], key: str) -> tuple[Saying, ...]:
        return phrases.sayings(item, key) if key in item else ()

    for number, item in enumerate(items):
        night = Night(
            opens=time.fromisoformat(item["from"]),
            closes=time.fromisoformat(item["to"]),
            days=frozenset(map(_WEEKDAYS.index, item["days"])) if "days" in item else EVERY_DAY,
            calendar=_calendar(item),
            place=phrases.positions.key(items, number, phrases.fallback),
        )
        yield CurfewWindow(night, sayings(item, "at_begin"), sayings(item, "at_end"))


def _calendar(item: Mapping[str, Any]) -> Calendar | None:
    return Calendar(item["calendar"]) if "calendar" in item else None


def _zone(phrases: Phrases, item: Mapping[str, Any]) -> tzinfo:
    if "timezone" not in item:
        return phrases.zone
    found = zone(item["timezone"])
    if found is None:
        phrases.found.append(
            Diagnostic(
                "QG319",
                say("There is no time zone `{name}`.", name=item["timezone"]),
                place=phrases.positions.value(item, "timezone", phrases.fallback),
                hint=say("Write it as in `Asia/Shanghai` or `Europe/Berlin`."),
            )
        )
    return found or phrases.zone
