"""What happens in the world, as values. Implementations tell their listeners of it, each in its own words.

`time` is the world's, in seconds; `operator` is who did it; numbers of messages are the world's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from qqgroup_provision.simulator.content import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something in a group."""

    time: int
    group: int

    def reaches(self, qq: int, rank: int) -> bool:
        """Whether QQ tells this somebody. `rank` is their standing now: 2 owner, 1 admin, 0 member, -1 not there."""
        return rank >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Happening):
    """A message, also the one that comes of an upload."""

    sequence: int
    sender: int
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled(Happening):
    sequence: int
    sender: int
    operator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Happening):
    """`operator` let them in and `inviter` brought them along, 0 for nobody."""

    qq: int
    operator: int = 0
    inviter: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Happening):
    """`operator` is who threw them out, 0 where they went by themselves."""

    qq: int
    operator: int = 0

    def reaches(self, qq: int, rank: int) -> bool:
        return rank >= 0 or qq == self.qq


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedToJoin(Happening):
    """`inviter` is the member who wants to bring them along, 0 where they ask themselves. Admins hear of it."""

    request: int
    qq: int
    comment: str
    inviter: int = 0

    def reaches(self, qq: int, rank: int) -> bool:
        return rank >= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Happening):
    """An account is invited into a group that it is not in."""

    request: int
    qq: int
    inviter: int

    def reaches(self, qq: int, rank: int) -> bool:
        return qq == self.qq


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Happening):
    """For some seconds; 0 is the end of it."""

    qq: int
    operator: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MutedAll(Happening):
    operator: int
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminChanged(Happening):
    qq: int
    operator: int
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChanged(Happening):
    qq: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleChanged(Happening):
    qq: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EssenceChanged(Happening):
    sequence: int
    sender: int
    operator: int
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded(Happening):
    """A file. `id` is QQ's own."""

    qq: int
    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(Happening):
    operator: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Poked(Happening):
    qq: int
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(Happening):
    """A face under a message. `count` is how many people have put this one there by now."""

    qq: int
    sequence: int
    face: str
    count: int
    on: bool
