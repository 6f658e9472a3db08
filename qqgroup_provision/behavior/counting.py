"""How often somebody has said something lately: the last few messages of a person, under one key, and no more of them
than the rules of a group ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from qqgroup_provision.behavior.conditions import Counted, Flood, Hit, Leaf
from qqgroup_provision.behavior.event import Message
from qqgroup_provision.behavior.memory import Key, Mark, Remember

MOST = 100  # messages of a person that are remembered; no rule counts further

Said = tuple[int, str]  # a message: milliseconds since 1970, and what tells its text from others; empty for none


def lately_key(group: str, person: int) -> Key:
    """Under which a person's last messages are."""
    return Key(f"{group}/rule", "lately", person)


def with_this(mark: Mark | None, message: Message, text: str, counted: Collection[Counted]) -> tuple[Said, ...]:
    """The messages that count, the last of which is this one. A clock that was put back makes none count for ever."""
    at = _milliseconds(message.at)
    widest = max(leaf.within for leaf in counted) * 1000
    # What is said again may have other messages in between.
    most = max(leaf.messages if isinstance(leaf, Flood) else MOST for leaf in counted)
    before = tuple(one for one in (mark.people if mark is not None else ()) if abs(at - one[0]) <= widest)
    return (*before, (at, _told_apart(text)))[-most:]


def counted_hits(said: tuple[Said, ...], counted: Collection[Counted]) -> Iterator[tuple[Leaf, Hit]]:
    """The conditions that the last of these messages makes hold."""
    now, text = said[-1]
    for leaf in counted:
        near = [one for one in said if abs(now - one[0]) <= leaf.within * 1000]
        if isinstance(leaf, Flood):
            held = len(near) >= leaf.messages
        else:
            held = bool(text) and sum(one[1] == text for one in near) >= leaf.times
        if held:
            yield leaf, Hit()


def remembered(key: Key, said: tuple[Said, ...], counted: Collection[Counted], now: datetime) -> Remember:
    """The change that keeps them as long as they can matter."""
    return Remember(key, Mark(now, said), now + timedelta(seconds=max(leaf.within for leaf in counted)))


def counts(hits: Mapping[Leaf, Hit]) -> bool:
    """Whether anything that was counted is among what was found."""
    return any(isinstance(leaf, Counted) for leaf in hits)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _told_apart(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16] if text else ""
