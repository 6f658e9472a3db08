"""What a message has to be like for something to happen: a tree whose leaves are looked up, never searched for.

An `Index` searches a message once for the leaves of all trees of a group; `holds` then only looks which of them it
found. Two leaves that say the same are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from qqgroup_provision.behavior.hosts import Hosts
from qqgroup_provision.behavior.normal import Normal
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text, listed, say

NOWHERE = Place("")
NOTHING = Normal("", "")


class How(StrEnum):
    """How a text has to stand in a message. The words are those of YAML."""

    EQUALS = "equals"  # it is the whole message
    PREFIX = "prefix"  # the message begins with it
    CONTAINS = "contains"  # it is somewhere in the message
    WHOLE_WORD = "whole_word"  # the same, and no letter or digit goes on where it begins or ends


class Trait(StrEnum):
    """What a message can have besides text. The words are those of YAML."""

    AT_ME = "at_me"
    IMAGE = "image"
    FILE = "file"
    CARD = "card"  # a mini-program, or something shared from one
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Words:
    """A text that has to be there, as it is written in YAML."""

    how: How = field(hash=False)  # an enumeration takes long to hash, and the text says nearly all
    written: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression of RE2 that has to match somewhere."""

    written: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A sentence that the whole message has to resemble: `score` of 100 is the same."""

    written: str
    score: int
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Has:
    """Something besides text that has to be there."""

    trait: Trait
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one of the hosts or a host below one; with `others` to any but those."""

    hosts: tuple[str, ...] = ()
    others: bool = True
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Longer:
    """More characters than these."""

    characters: int
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Flood:
    """So many messages of one person within so many seconds, this one included."""

    messages: int
    within: float
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same text so many times by one person within so many seconds, this one included."""

    times: int
    within: float
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """Every part has to hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One part has to hold at least."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Personal:
    """Something personal of one of these sorts (personal.py), written so that whoever reads it could use it."""

    sorts: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Phishing:
    """A link to a host of one of these lists, or to one that passes itself off as one of `imitated`."""

    lists: tuple[Hosts, ...]
    imitated: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code in a picture: one that leads to one of the hosts or below one, with `others` any but those.

    With `invitation` only one that invites into a group counts. Pictures that nobody could read have none.
    """

    hosts: tuple[str, ...] = ()
    others: bool = True
    invitation: bool = False
    place: Place = field(default=NOWHERE, compare=False)


Counted: TypeAlias = Flood | Repeat  # no message says this alone: it takes those that were said before
Leaf: TypeAlias = Words | Expression | Fuzzy | Has | Link | Longer | Personal | Phishing | Qr | Counted
Condition: TypeAlias = Leaf | All | Any | Not


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a leaf was found: a range of the normal form of a message's text, or nowhere for what is no text.

    `captures` are what the groups of an expression took, by number and by name, as it was written. `score` is how
    much a message resembles.
    """

    text: Normal = NOTHING
    start: int = 0
    end: int = 0
    captures: Mapping[str, str] = field(default_factory=dict)
    score: int = 100

    @property
    def span(self) -> tuple[int, int]:
        """The range of the message as it was written; made when it is asked for."""
        return self.text.span(self.start, self.end)


Hits: TypeAlias = Mapping[Leaf, Hit]


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf of a tree, in the order in which it is written."""
    if isinstance(condition, All | Any):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


def holds(condition: Condition, hits: Hits) -> bool:
    """Whether a message in which these leaves were found is one the condition is about."""
    if isinstance(condition, All):
        return all(holds(part, hits) for part in condition.parts)
    if isinstance(condition, Any):
        return any(holds(part, hits) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.part, hits)
    return condition in hits


def found(condition: Condition, hits: Hits) -> Iterator[tuple[Leaf, Hit]]:
    """The leaves that made a condition hold, with where they were found."""
    if isinstance(condition, Not):
        return
    if isinstance(condition, All | Any):
        for part in condition.parts:
            if holds(part, hits):
                yield from found(part, hits)
    elif condition in hits:
        yield condition, hits[condition]


def triggers(condition: Condition) -> frozenset[Leaf] | None:
    """Leaves of which one is found whenever the condition holds; `None` where it can hold without any."""
    if isinstance(condition, All):
        known = [some for part in condition.parts if (some := triggers(part)) is not None]
        return min(known, key=_commonness) if known else None
    if isinstance(condition, Any):
        parts = [triggers(part) for part in condition.parts]
        return frozenset().union(*(some for some in parts if some is not None)) if None not in parts else None
    if isinstance(condition, Not | Counted):
        return None
    return frozenset((condition,))


def _commonness(some: frozenset[Leaf]) -> tuple[bool, int]:
    """How often one of them can be expected: pictures and links are in many messages, a certain word in few."""
    return (any(isinstance(leaf, Has | Link | Longer | Qr) for leaf in some), len(some))


def described(leaf: Leaf) -> Text:
    """A leaf as people read it in a report."""
    if isinstance(leaf, Words):
        return say("{how}: {text}", how=leaf.how.value, text=leaf.written)
    if isinstance(leaf, Expression):
        return say("{how}: {text}", how="regex", text=leaf.written)
    if isinstance(leaf, Fuzzy):
        return say("{how}: {text} ({score} of 100 at least)", how="fuzzy", text=leaf.written, score=leaf.score)
    if isinstance(leaf, Link) and leaf.hosts:
        how = "link.except" if leaf.others else "link.hosts"
        return say("{how}: {text}", how=how, text=listed(leaf.hosts))
    if isinstance(leaf, Longer):
        return say("{how}: {text}", how="longer_than", text=leaf.characters)
    if isinstance(leaf, Flood):
        return say("{how}: {count} within {seconds} s", how="flood", count=leaf.messages, seconds=f"{leaf.within:g}")
    if isinstance(leaf, Repeat):
        return say("{how}: {count} within {seconds} s", how="repeat", count=leaf.times, seconds=f"{leaf.within:g}")
    if isinstance(leaf, Personal):
        return say("{how}: {text}", how="personal_data", text=listed(leaf.sorts))
    if isinstance(leaf, Phishing):
        return say("{how}: {text}", how="phishing", text=listed((*(one.path for one in leaf.lists), *leaf.imitated)))
    if isinstance(leaf, Qr) and (leaf.hosts or leaf.invitation):
        how = "qr.invitation" if leaf.invitation else "qr.except" if leaf.others else "qr.hosts"
        return say("{how}: {text}", how=how, text=listed(leaf.hosts) if leaf.hosts else "true")
    how = "link" if isinstance(leaf, Link) else "qr" if isinstance(leaf, Qr) else leaf.trait.value
    return say("{how}: {text}", how=how, text="true")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a tree that is shown: how deep it stands, what it says, whether it held."""

    depth: int
    text: Text
    held: bool


def traced(condition: Condition, hits: Hits, depth: int = 0) -> Iterator[Line]:
    """A whole tree with what became of every part."""
    held = holds(condition, hits)
    if isinstance(condition, All | Any):
        yield Line(depth, say("all of these") if isinstance(condition, All) else say("any of these"), held)
        for part in condition.parts:
            yield from traced(part, hits, depth + 1)
    elif isinstance(condition, Not):
        yield Line(depth, say("not this"), held)
        yield from traced(condition.part, hits, depth + 1)
    else:
        yield Line(depth, described(condition), held)
