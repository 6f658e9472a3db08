"""What a group's bot is to do, as values. Made from YAML by the workspace; nothing here knows of YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import NOWHERE, Condition, Phishing, leaves
from qqgroup_provision.behavior.event import Person
from qqgroup_provision.behavior.nights import Night
from qqgroup_provision.behavior.placeholders import Template
from qqgroup_provision.behavior.timing import Timing
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.ports import Rank

if TYPE_CHECKING:
    from qqgroup_provision.behavior.activities.model import Activity
    from qqgroup_provision.behavior.appeals import Appeal
    from qqgroup_provision.behavior.cards import CardFormat
    from qqgroup_provision.behavior.hosts import Hosts
    from qqgroup_provision.behavior.joining import Newcomer, Review
    from qqgroup_provision.behavior.last_resort import LastResort
    from qqgroup_provision.behavior.linked import Links
    from qqgroup_provision.behavior.observing import Inactive, Statistics
    from qqgroup_provision.behavior.topics import Topics

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words the bot says."""

    template: Template


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention of the person by QQ number; without one, of whoever the event is about."""

    qq: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the workspace, with the digest of its content."""

    path: str
    sha256: str


Piece: TypeAlias = Spoken | Mention | Picture


@dataclass(frozen=True, slots=True)
class Saying:
    """One message of the bot. Among several, one is drawn; `weight` is its share."""

    pieces: tuple[Piece, ...]
    weight: int = 1
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cooldown:
    """How long, in seconds, until something happens again: in the group, and for one person. 0 is at once."""

    group: float = 0.0
    user: float = 0.0


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day, from a time up to another one, over midnight if that is earlier."""

    opens: time
    closes: time

    def holds(self, now: datetime) -> bool:
        """Whether a moment, in the zone that is meant, lies in it."""
        at = now.time()
        if self.opens <= self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes


@dataclass(frozen=True, slots=True)
class Who:
    """Whom something is for: anybody of these ranks who has one of these roles, and none of those.

    Empty is no limit. `level` is the least level in the group.
    """

    ranks: frozenset[Rank] = frozenset()
    roles: frozenset[str] = frozenset()
    not_roles: frozenset[str] = frozenset()
    level: int = 0

    def takes(self, person: Person, roles: frozenset[str]) -> bool:
        """Whether it is for somebody who has these roles."""
        if self.ranks and person.rank not in self.ranks:
            return False
        if self.level and (person.level is None or person.level < self.level):
            return False  # a level that nobody told is none that is high enough
        return not roles & self.not_roles and (not self.roles or bool(roles & self.roles))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to messages of some kind."""

    key: str
    when: Condition
    sayings: tuple[Saying, ...]
    cooldown: Cooldown = Cooldown()
    hours: tuple[Hours, ...] = ()  # empty is always
    who: Who = Who()
    quote: bool = False
    title: str = ""  # by which it is found when people search
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said when people come or go: once for all who do within `merge` seconds of the first."""

    sayings: tuple[Saying, ...]
    merge: float = 0.0
    place: Place = field(default=NOWHERE, compare=False)


# Seconds of a mute that QQ takes: it rounds to minutes, 0 would lift one, and 30 days are refused (qq_protocol §7.2).
SHORTEST_MUTE, LONGEST_MUTE = 60.0, 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Penalty:
    """One step of a ladder: what is done, all of it at once. `mute` is in seconds.

    With `last` not only the message is recalled, but so many of that person's, `within` so many seconds.
    """

    warn: bool = False
    recall: bool = False
    mute: float | None = None
    kick: bool = False
    last: int = 0
    within: float = 0.0
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is not allowed, and what comes of it: one step a strike, and the last one stays.

    One strike is forgotten every `decay` seconds. With `trial` it is only told what would have been one.
    """

    key: str
    text: str
    detect: Condition
    penalties: tuple[Penalty, ...]
    decay: float
    exempt_roles: frozenset[str] = frozenset()
    trial: bool = False
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is said at certain times. What was missed is said up to `catch_up` seconds later."""

    key: str
    timing: Timing
    sayings: tuple[Saying, ...]
    catch_up: float = 3600.0
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CurfewWindow:
    """When everybody but admins is muted, and what is said when that begins and when it ends."""

    night: Night
    at_begin: tuple[Saying, ...] = ()
    at_end: tuple[Saying, ...] = ()


class Right(StrEnum):
    """What somebody may have the bot do. The words are those of YAML."""

    MUTE = "mute"
    RECALL = "recall"
    KICK = "kick"
    ANNOUNCE = "announce"
    SET_ESSENCE = "set_essence"
    APPEAL = "appeal"


@dataclass(frozen=True, slots=True)
class Permission:
    """The commands that people of a role may give, and whether rules pass them over."""

    role: str
    may: frozenset[Right]
    place: Place = field(default=NOWHERE, compare=False)
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a bot does in one group. `roles` are those of each person by QQ number.

    `rules` and `replies` stand in the order in which they are tried. `bots` are accounts that are never answered.
    """

    group: str
    group_id: int
    group_name: str = ""
    zone: tzinfo = CHINA
    rules: tuple[Rule, ...] = ()
    replies: tuple[Reply, ...] = ()
    welcome: Greeting | None = None
    farewell: Greeting | None = None
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    bots: frozenset[int] = frozenset()
    permissions: tuple[Permission, ...] = ()
    activities: tuple[Activity, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    curfew: tuple[CurfewWindow, ...] = ()
    review: Review | None = None
    newcomer: Newcomer | None = None
    statistics: Statistics | None = None
    inactive: Inactive | None = None
    card_format: CardFormat | None = None
    appeal: Appeal | None = None
    links: Links | None = None
    topics: Topics | None = None
    last_resort: LastResort | None = None

    @property
    def exempt(self) -> frozenset[str]:
        """The roles that no rule concerns."""
        return frozenset(one.role for one in self.permissions if one.exempt)

    def grants(self, right: Right) -> bool:
        """Whether anybody may give the commands that take this right."""
        return any(right in one.may for one in self.permissions)

    def address(self, item: Reply | Rule) -> Address:
        return Address(self.group, "rule" if isinstance(item, Rule) else "reply", item.key)

    def sayings(self) -> Iterator[Saying]:
        """Everything that may be said."""
        for reply in self.replies:
            yield from reply.sayings
        for greeting in (self.welcome, self.farewell):
            if greeting is not None:
                yield from greeting.sayings
        for schedule in self.schedules:
            yield from schedule.sayings
        for window in self.curfew:
            yield from (*window.at_begin, *window.at_end)
        if self.newcomer is not None:
            yield from self.newcomer.sayings
        if self.topics is not None and self.topics.nudge is not None:
            yield from self.topics.nudge.sayings
        if self.last_resort is not None:
            yield from self.last_resort.sayings

    def answers(self) -> Iterator[Condition]:
        """What is looked for in answers: of those who want to come in, or just did, and in quizzes."""
        for activity in self.activities:
            yield from activity.answers
        if self.review is not None:
            yield from self.review.answers
        if self.newcomer is not None:
            yield self.newcomer.answer

    def sorting(self) -> Iterator[Condition]:
        """What is looked for in messages beside rules and replies: by topics, and before an assistant is asked."""
        if self.topics is not None:
            yield from self.topics.conditions
        if self.last_resort is not None and self.last_resort.when is not None:
            yield self.last_resort.when

    def pictures(self) -> Iterator[tuple[str, str]]:
        """Path and sha256 of every picture that may be said."""
        for saying in self.sayings():
            yield from ((piece.path, piece.sha256) for piece in saying.pieces if isinstance(piece, Picture))

    def host_lists(self) -> set[Hosts]:
        """Every list of hosts that a condition looks into."""
        messages = (*(rule.detect for rule in self.rules), *(reply.when for reply in self.replies))
        conditions = (*messages, *self.sorting(), *self.answers())
        found = (leaf for condition in conditions for leaf in leaves(condition) if isinstance(leaf, Phishing))
        return {one for leaf in found for one in leaf.lists}

    def items(self) -> Iterator[Address]:
        """The address of everything that is configured."""
        yield from (self.address(rule) for rule in self.rules)
        yield from (self.address(reply) for reply in self.replies)
        for kind, greeting in (("welcome", self.welcome), ("farewell", self.farewell)):
            if greeting is not None:
                yield Address(self.group, kind)
        yield from (Address(self.group, "role_permission", one.role) for one in self.permissions)
        yield from (Address(self.group, "activity", one.key) for one in self.activities)
        yield from (Address(self.group, "schedule", one.key) for one in self.schedules)
        alone = {
            "curfew": self.curfew,
            "join_review": self.review,
            "newcomer": self.newcomer,
            "topics": self.topics,
            "last_resort": self.last_resort,
            "card_format": self.card_format,
            "appeal": self.appeal,
            "statistics": self.statistics,
            "inactive": self.inactive,
            "links": self.links,
        }
        yield from (Address(self.group, kind) for kind, one in alone.items() if one)
