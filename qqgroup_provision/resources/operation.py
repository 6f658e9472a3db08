"""One step that changes a live group: it can be described, performed, and looked for afterwards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Protocol

from qqgroup_provision.messages import Text
from qqgroup_provision.ports import Capability, GroupReader, GroupWriter, Rank, Value


class Audience(Enum):
    """Who sees that an operation was carried out."""

    NOBODY = "nobody"
    MEMBER = "member"  # the member it concerns
    GROUP = "group"  # a line in the chat, or a notice to everybody


class Pace(Enum):
    """Which of an account's budgets an operation draws on."""

    WRITE = "write"
    ANNOUNCEMENT = "announcement"
    FILE = "file"
    FREE = "free"  # on none: no account sends anything


@dataclass(frozen=True, slots=True)
class Seen:
    """Reading back showed the effect. `ids` names the live object, where it has a name."""

    ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Reading back showed that the effect is not there."""

    found: Text


@dataclass(frozen=True, slots=True)
class CannotSee:
    """The effect cannot be read back: it failed to be read, or nothing reads it."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Unseeable:
    """Nothing ever reads this effect back: that the server accepted it is all there is to know."""

    reason: Text


Confirmation = Seen | NotSeen | CannotSee | Unseeable


class ReadAsset(Protocol):
    """What a file in the workspace holds. Raises `InvalidInput` when it is not the one with that sha256 any more."""

    def __call__(self, path: str, sha256: str, /) -> bytes:
        """All of it. A reference such as `${env:NAME}` in place of a path, with the digest of an answer, gives the
        answer's bytes."""

    def parts(self, path: str, sha256: str, size: int, /) -> Callable[[int], Iterator[bytes]]:
        """A large one in parts (`FileDraft.parts`). `size` is that of the whole file."""

    def location(self, path: str, /) -> str:
        """Where it lies on this machine."""


@dataclass(frozen=True, slots=True)
class Operation(ABC):
    """A value that holds all it needs, so that a plan file and a journal can carry it.

    Each subclass has plain fields only (numbers, texts, lists of texts) and is found again by its `name`.
    """

    name: ClassVar[str]
    capability: ClassVar[Capability | None]  # `None` where it is not the account's to do
    rank: ClassVar[Rank]
    audience: ClassVar[Audience]
    pace: ClassVar[Pace] = Pace.WRITE
    reversible: ClassVar[bool] = True
    # False where performing twice would be seen twice; such a step is never sent again blindly.
    repeatable: ClassVar[bool] = True
    calls: ClassVar[int] = 2  # the write and the read that confirms it

    group_id: int

    @property
    def rank_needed(self) -> Rank:
        """The least standing in the group with which QQ lets an account do this."""
        return self.rank

    @property
    def calls_needed(self) -> int:
        """How many requests it takes when nothing goes wrong."""
        return self.calls

    @property
    def gradual(self) -> bool:
        """Whether it hands a file over part by part, so that it can be told how far it is."""
        return False

    @property
    def follows(self) -> str:
        """The `kind/key` in the same group without which this makes no sense: where that failed in this run, this is
        not begun. Empty for none."""
        return ""

    def once_begun(self) -> Mapping[str, Value] | None:
        """What state is to hold before this is sent, where nothing ever tells whether it was done and twice would be
        one time too many; it is taken back if it is refused. `None` where looking tells, or again does no harm."""
        return None

    def leaves(self, ids: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, Value]] | None:
        """Ids and values that state is to hold where this was done, with these ids, and the run died before the rest
        of its change. `None` where the next plan sees as much by itself."""
        return None

    @abstractmethod
    def describe(self) -> Text:
        """One line for the plan and the progress display."""

    @abstractmethod
    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        """Carry it out once. Raises `WriteRefused` or `AnswerLost`."""

    @abstractmethod
    async def confirm(self, reader: GroupReader) -> Confirmation:
        """Look whether the effect is there."""
