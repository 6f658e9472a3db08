"""What the tool asks of a chat platform, as values and two ports: one that reads and one that writes.

Whoever is given a `GroupReader` alone is unable to change a group; planning never sees a `GroupWriter`.
Times are seconds, ids are QQ numbers, texts are plain: no HTML entities, LF line ends, no trailing blanks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Generic, Protocol, TypeVar

from qqgroup_provision.messages import Text

T_co = TypeVar("T_co", covariant=True)

# A field of a resource, as YAML, plan files and state can all hold it.
Value = str | int | bool | None | tuple["Value", ...] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """The platform was asked and answered."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Absent:
    """The platform was asked, and there is no such thing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The platform could not be asked, or its answer made no sense. Nothing is ever derived from this."""

    reason: Text


Reading = Known[T_co] | Absent | Unknown


class Rank(IntEnum):
    """A member's standing in QQ itself. Each may do what those below may."""

    MEMBER = 0
    ADMIN = 1
    OWNER = 2


@dataclass(frozen=True, slots=True)
class LiveProfile:
    """What a group's own listing says of it. `None` where the implementation cannot read the field."""

    name: str
    remark: str | None
    mute_all: bool | None
    member_count: int = 0
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class LiveMember:
    """One member of a group. `card` and `title` are empty when not set."""

    user_id: int
    rank: Rank
    nickname: str = ""
    card: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class LiveNotice:
    """One announcement. `pinned` and `confirm` are `None` where the implementation does not read them back."""

    notice_id: str
    text: str
    sender_id: int
    published_at: int
    images: tuple[str, ...] = ()
    pinned: bool | None = None
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """An announcement to publish. `image` is the picture's bytes."""

    text: str
    image: bytes | None = None
    pinned: bool = False
    confirm: bool = False


class Capability(StrEnum):
    """Something an implementation may or may not be able to do for us."""

    RENAME = "rename"
    SET_REMARK = "set_remark"
    MUTE_ALL = "mute_all"
    SET_ADMIN = "set_admin"
    SET_TITLE = "set_title"
    SET_CARD = "set_card"
    PUBLISH_NOTICE = "publish_notice"
    WITHDRAW_NOTICE = "withdraw_notice"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Who answers at an endpoint, and what it can do."""

    self_id: int
    implementation: str
    version: str
    capabilities: frozenset[Capability]


class WriteRefused(Exception):
    """The platform said no: the operation was certainly not carried out."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


class AnswerLost(Exception):
    """No answer came (a timeout, a cut connection): the operation may or may not have been carried out."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


class GroupReader(Protocol):
    """Reads groups through one account. A failed read is an `Unknown`, never an exception or an empty list."""

    async def profiles(self) -> Reading[Mapping[int, LiveProfile]]:
        """Every group the account is in, by group id. One list call."""

    async def members(self, group_id: int) -> Reading[Mapping[int, LiveMember]]:
        """Everybody in a group, by QQ number, as fresh as the implementation can give it."""

    async def member(self, group_id: int, user_id: int) -> Reading[LiveMember]:
        """One member, read freshly: for seeing whether a write took effect."""

    async def notices(self, group_id: int) -> Reading[tuple[LiveNotice, ...]]:
        """The announcements of a group, newest first. One list call."""


class GroupWriter(Protocol):
    """Changes groups through one account. Raises `WriteRefused` or `AnswerLost`; returning is no proof."""

    async def rename(self, group_id: int, name: str) -> None: ...
    async def set_remark(self, group_id: int, remark: str) -> None: ...
    async def mute_all(self, group_id: int, muted: bool) -> None: ...
    async def set_admin(self, group_id: int, user_id: int, admin: bool) -> None: ...
    async def set_title(self, group_id: int, user_id: int, title: str) -> None: ...
    async def set_card(self, group_id: int, user_id: int, card: str) -> None: ...
    async def publish_notice(self, group_id: int, draft: NoticeDraft) -> None: ...
    async def withdraw_notice(self, group_id: int, notice_id: str) -> None: ...
