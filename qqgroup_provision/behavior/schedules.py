"""What the bot says at certain times: once each time, and once for all that passed while nobody was there to say it.

What is said is remembered first, with the time it was for. A schedule that is seen for the first time, or that has
other times than before, says nothing for a time before that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.configuration import Configuration, Schedule
from qqgroup_provision.behavior.decision import Action, Decision, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import Event, Tick
from qqgroup_provision.behavior.memory import Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.rendering import drawn, rendered

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KEPT = timedelta(days=400)  # how long a mark counts: longer than until anything comes again
_LATE = timedelta(minutes=1)  # who was kept waiting that long, for a pause or a server, still says it in time
_WRONG = timedelta(days=1)  # what is remembered of a time so far ahead was written while the clock was wrong


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    if not isinstance(event, Tick):
        return ()
    return tuple(_key(prepared.configuration, schedule) for schedule in prepared.configuration.schedules)


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    if not isinstance(event, Tick):
        return Decision()
    configuration = prepared.configuration
    actions: list[Action] = []
    reasons: list[Reason] = []
    changes: list[MemoryChange] = []
    for schedule in configuration.schedules:
        key = _key(configuration, schedule)
        address, mark = Address(configuration.group, "schedule", schedule.key), remembered.get(key)
        since = _since(schedule, mark, now)
        if since is None:
            changes.append(_accounted(key, schedule, now, now))
        else:
            oldest = now - max(_LATE, timedelta(seconds=schedule.catch_up))
            due = schedule.timing.due(max(since, oldest - timedelta(microseconds=1)), now)
            if due is not None:
                saying = drawn(schedule.sayings, f"{event.group}/{address}/{due.isoformat()}")
                segments = rendered(saying, (), configuration, now)
                actions += (Say(segments, item=address),) if segments else ()
                reasons.append(Reason(address, Verdict.DONE))
                changes.append(_accounted(key, schedule, due, now))
            elif (missed := schedule.timing.after(since)) is not None and missed < oldest:
                reasons.append(Reason(address, Verdict.MISSED))
                changes.append(_accounted(key, schedule, oldest, now))
        upcoming = schedule.timing.after(max(now, since or now))
        if upcoming is not None:
            actions.append(Wake(upcoming))
    return Decision(tuple(actions), tuple(reasons), tuple(changes))


def _since(schedule: Schedule, mark: Mark | None, now: datetime) -> datetime | None:
    """Up to when everything was said that was to be said; `None` where nothing is known of these times."""
    if mark is None or not mark.people or mark.people[0][0] != schedule.timing.mark or mark.at - now > _WRONG:
        return None
    return mark.at


def _accounted(key: Key, schedule: Schedule, at: datetime, now: datetime) -> Remember:
    return Remember(key, Mark(at, ((schedule.timing.mark, ""),)), now + KEPT)


def _key(configuration: Configuration, schedule: Schedule) -> Key:
    return Key(str(Address(configuration.group, "schedule", schedule.key)), "last")


SCHEDULES = Part(lambda configuration: bool(configuration.schedules), _keys, _act, deaf=True)
