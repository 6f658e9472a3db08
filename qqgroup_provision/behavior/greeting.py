"""Words for those who come and go: at once, or once for all who do within a while, so that a rush is no flood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.configuration import Configuration, Greeting
from qqgroup_provision.behavior.decision import Action, Decision, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import Event, Joined, Left, Tick
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.rendering import drawn, rendered

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

FORGOTTEN = timedelta(minutes=10)  # who waited longer is not greeted: nobody was there to do it in time
_MOST = 50  # people who are greeted together

_KINDS = {Joined: "welcome", Left: "farewell"}


def _used(configuration: Configuration) -> bool:
    return configuration.welcome is not None or configuration.farewell is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    """The marks that say who waits to be greeted."""
    configuration = prepared.configuration
    return tuple(_key(configuration, kind) for kind in _concerned(event, configuration))


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    """What is said when somebody comes or goes, and when the time is up for those who wait."""
    configuration = prepared.configuration
    actions: list[Action] = []
    reasons: list[Reason] = []
    changes: list[MemoryChange] = []
    for kind, greeting in _concerned(event, configuration).items():
        key = _key(configuration, kind)
        mark = remembered.get(key)
        stale = mark is not None and not timedelta() <= now - mark.at < timedelta(seconds=greeting.merge) + FORGOTTEN
        waiting = mark.people if mark is not None and not stale else ()
        since = mark.at if mark is not None and waiting else now
        if isinstance(event, Joined | Left) and event.person.qq not in {qq for qq, _ in waiting}:
            waiting = (*waiting, (event.person.qq, event.person.name))
        address = Address(configuration.group, kind)
        due = since + timedelta(seconds=greeting.merge)
        if waiting and (due <= now or len(waiting) >= _MOST):
            saying = drawn(greeting.sayings, f"{event.group}/{address}/{since.isoformat()}/{waiting[0][0]}")
            actions.append(Say(rendered(saying, waiting, configuration, now), item=address))
            reasons.append(Reason(address, Verdict.DONE))
        elif waiting:
            actions.append(Wake(due))
            reasons.append(Reason(address, Verdict.LATER))
            changes.append(Remember(key, Mark(since, waiting), due + FORGOTTEN))
            continue
        if mark is not None:
            changes.append(Forget(key))
    return Decision(tuple(actions), tuple(reasons), tuple(changes))


def _concerned(event: Event, configuration: Configuration) -> dict[str, Greeting]:
    """The greetings an event is about. Nobody greets a bot, or itself."""
    of = {"welcome": configuration.welcome, "farewell": configuration.farewell}
    if isinstance(event, Joined | Left):
        if event.person.qq == event.me or event.person.qq in configuration.bots:
            return {}
        of = {_KINDS[type(event)]: of[_KINDS[type(event)]]}
    elif not isinstance(event, Tick):
        return {}
    return {kind: greeting for kind, greeting in of.items() if greeting is not None}


def _key(configuration: Configuration, kind: str) -> Key:
    return Key(str(Address(configuration.group, kind)), "waiting")


GREETING = Part(_used, _keys, _act, deaf=True)
