"""What a workspace says, typed and frozen. Nothing here knows of YAML syntax, files or live groups.

Three values everywhere: `UNSET` is not managed, `None` is to be cleared, anything else is to be set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from qqgroup_provision.diagnostics import Place

T = TypeVar("T")


class Unset(Enum):
    """The type of `UNSET`: YAML says nothing, so the tool leaves the field alone."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
Managed: TypeAlias = T | Unset | None


class Ownership(Enum):
    """What happens to live items of a collection that YAML does not name."""

    ADDITIVE = "additive"  # they are left alone
    EXCLUSIVE = "exclusive"  # they are removed, and the plan shows each
    REPORT = "report"  # they are left alone, and the plan shows each


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an account may act. All in seconds but `in_flight`, which counts requests."""

    write: float = 2.0  # between two writes
    announcement: float = 10.0  # between two announcements
    settle: float = 2.0  # until an implementation's member cache is fresh
    in_flight: int = 32  # reads side by side


@dataclass(frozen=True, slots=True)
class Account:
    """A QQ account that operates groups. `token` is the reference as written, `${env:…}` or `${file:…}`."""

    key: str
    endpoint: str
    protocol: str
    token: str
    pace: Pace
    place: Place


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody YAML can name. `name` fills `{name}` in a card and defaults to the key."""

    key: str
    qq: int
    name: str


@dataclass(frozen=True, slots=True)
class Role:
    """Members who share what they are. A field that is `UNSET` leaves that side of its members alone."""

    key: str
    members: tuple[Person, ...]
    admin: Managed[bool]
    title: Managed[str]
    card: Managed[str]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the workspace. `path` is relative to the workspace, `sha256` is hex, `size` in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement as YAML wants it. Flags that are `UNSET` are sent as QQ's default and not compared."""

    key: str
    text: str
    image: Managed[Asset]
    pinned: Managed[bool]
    confirm: Managed[bool]
    place: Place


@dataclass(frozen=True, slots=True)
class Group:
    """One QQ group, composed from its file, its templates and its parent."""

    key: str
    id: int
    account: str
    parent: str | None
    place: Place
    name: Managed[str] = UNSET
    remark: Managed[str] = UNSET
    mute_all: Managed[bool] = UNSET
    roles: Managed[tuple[Role, ...]] = UNSET
    announcements: Managed[tuple[Announcement, ...]] = UNSET
    manage: Mapping[str, Ownership] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)

    def ownership(self, collection: str) -> Ownership:
        return self.manage.get(collection, Ownership.ADDITIVE)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything under `groups/`, checked. `digest` is the sha256 of all that went into it, assets included."""

    root: Path
    accounts: Mapping[str, Account]
    people: Mapping[str, Person]
    groups: Mapping[str, Group]
    state_path: Path
    digest: str
