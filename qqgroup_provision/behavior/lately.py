"""What somebody said lately, by the ids of messages, for groups in which several may be recalled at once.

Of each plain member the last few are remembered under one key, and each is recalled once: what was taken is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qqgroup_provision.behavior.configuration import Configuration, Penalty, Right
from qqgroup_provision.behavior.event import Message
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember

MOST = 50  # messages of a person that are remembered, and recalled at once
BY_COMMAND = 3600.0  # seconds back from which a command recalls


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message by the id that the account has for it which heard it; `at` is in seconds since 1970."""

    at: int
    account: int
    id: str


@dataclass(frozen=True, slots=True)
class Lately:
    """The messages of one person, in the order in which they were heard; those from `within` seconds are kept."""

    key: Key
    messages: tuple[Earlier, ...]
    within: float

    def with_this(self, message: Message) -> Lately:
        this = Earlier(int(message.at.timestamp()), message.me, message.id)
        return replace(self, messages=(*(one for one in self.messages if one != this), this)[-MOST:])

    def without(self, message: Message) -> Lately:
        """As if this one had not been said: it is recalled by itself."""
        left = tuple(one for one in self.messages if (one.account, one.id) != (message.me, message.id))
        return replace(self, messages=left)

    def taken(self, penalty: Penalty, now: datetime) -> tuple[tuple[Earlier, ...], Lately]:
        """The messages before the last one that a step recalls with it, and what is left."""
        if not penalty.last:
            return (), self
        before, this = self.messages[:-1], self.messages[-1:]
        chosen = _newest(before, penalty.last - 1, penalty.within, now)
        return chosen, replace(self, messages=(*(one for one in before if one not in chosen), *this))

    def last(self, count: int, now: datetime) -> tuple[tuple[Earlier, ...], Lately]:
        """The last few, for a command, and what is left."""
        chosen = _newest(self.messages, count, BY_COMMAND, now)
        return chosen, replace(self, messages=tuple(one for one in self.messages if one not in chosen))

    def changes(self, now: datetime) -> list[MemoryChange]:
        """The changes that keep them as long as they can matter."""
        near = _near(self.messages, self.within, now)
        if not near:
            return [Forget(self.key)]
        people = tuple((one.at, f"{one.account}/{one.id}") for one in near)
        return [Remember(self.key, Mark(now, people), now + timedelta(seconds=self.within))]


def said_key(configuration: Configuration, qq: int) -> Key:
    """Under which somebody's last messages are."""
    return Key(f"{configuration.group}/rule", "said", qq)


def lately_of(
    message: Message, configuration: Configuration, marks: Mapping[Key, Mark], within: float, qq: int = 0
) -> Lately:
    """What is remembered of `qq`, or of who said the message."""
    key = said_key(configuration, qq or message.sender.qq)
    mark = marks.get(key)
    return Lately(key, tuple(map(_earlier, mark.people)) if mark is not None else (), within)


def recalled_within(configuration: Configuration) -> float:
    """From how many seconds back a message may be recalled together with others; 0 where none is."""
    steps = (penalty.within for rule in configuration.rules for penalty in rule.penalties if penalty.last)
    return max(*steps, 0.0, BY_COMMAND if configuration.grants(Right.RECALL) else 0.0)


def _newest(messages: tuple[Earlier, ...], count: int, within: float, now: datetime) -> tuple[Earlier, ...]:
    near = _near(messages, within, now)
    return tuple(near[len(near) - min(count, len(near)) :])


def _near(messages: tuple[Earlier, ...], within: float, now: datetime) -> list[Earlier]:
    """Those that were said so lately. Times of messages are whole seconds."""
    at = int(now.timestamp())
    return [one for one in messages if abs(at - one.at) <= within]


def _earlier(pair: tuple[int, str]) -> Earlier:
    account, _, name = pair[1].partition("/")
    return Earlier(pair[0], int(account), name)
