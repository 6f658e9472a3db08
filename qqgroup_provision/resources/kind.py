"""A resource kind: three pure parts and the words that place it. Adding one is adding one file here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import Text
from qqgroup_provision.ports import AccountFacts, Capability, Reading, Unknown, Value
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.workspace.model import Group


class Unreadable:
    """The type of `UNREADABLE`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = Unreadable()
"""A field that is there but that the implementation cannot read back: compared with the last applied value."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What YAML asks of one key of a kind. Only fields YAML manages are in `fields`; `None` clears.

    `subject` says whom on the live side it concerns (a QQ number), where that is not the key. `exists` is
    false where YAML wants it to be gone: a title cleared, an admin who is to be none. `paths` gives the file
    in the workspace for each field that is the sha256 of one.

    `blind` are fields that nobody can ever read and that may be sent again: without a last apply to compare
    with they are sent, not taken as they are. `sensitive` are fields whose values no report may show. `reason`
    says why it is to be gone, where that is not YAML clearing it. `passing` are fields that are compared with what
    is live and not kept in state.
    """

    key: str
    fields: Mapping[str, Value]
    subject: int = 0
    exists: bool = True
    paths: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None
    blind: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    reason: Text | None = None
    passing: frozenset[str] = frozenset()

    @property
    def remembered(self) -> Mapping[str, Value]:
        """What state is to hold of it."""
        return {name: value for name, value in self.fields.items() if name not in self.passing}

    @property
    def clears(self) -> bool:
        """Whether it is to be empty, not gone: that is remembered as any other value is."""
        return not self.exists and not any(self.fields.values())


@dataclass(frozen=True, slots=True)
class Observed:
    """What is live under one key: comparable fields, the ids that name it, and facts that operations need.

    `exists` is false where the place for it is there and empty: a member without a title. `label` is how
    people would recognise it. `ours` marks what only we can have made and nobody wants any more, and `reason` says
    why, where it is not that it was replaced.
    """

    fields: Mapping[str, Value | Unreadable]
    ids: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    exists: bool = True
    label: str = ""
    ours: bool = False
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """What state remembers of one key: ids and values of the last apply, what of it was unverified or protected.

    `moved_from` is the address state knows it by, where YAML gives it another now.
    """

    applied: Mapping[str, Value]
    ids: Mapping[str, str] = field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    protected: bool = False
    moved_from: Address | None = None

    @property
    def cleared(self) -> bool:
        """Whether it was made empty, as YAML asked then."""
        return bool(self.applied) and not any(self.applied.values())


@dataclass(frozen=True, slots=True)
class Step:
    """What a kind is asked to turn into operations. `account_id` is the QQ number that will carry them out, `facts`
    is what answers for it."""

    action: Action
    group: Group
    account_id: int
    wanted: Wanted | None
    observed: Observed | None
    changed: frozenset[str]  # names of the fields that differ
    facts: AccountFacts | None = None


def unseen(keys: Iterable[str], why: Unknown) -> Mapping[str, Reading[Observed]]:
    """What is live where nothing could be read. A list in which no key is named is told of under the empty key."""
    return dict.fromkeys([*keys] or [""], why)


def unnamed(key: str, taken: Container[str]) -> str:
    """The key of a live item nobody named, also where YAML gave that very key to something else."""
    return f"{key}@live" if key in taken else key


class Kind(ABC):
    """A kind of resource. Instances hold no state; everything comes in and goes out as values."""

    name: ClassVar[str]
    order: ClassVar[int]  # place within a group's plan, lowest first
    removed_at: ClassVar[int | None] = None  # that place for deletions, where it is another
    needs: ClassVar[frozenset[Collection]]
    collection: ClassVar[str] = ""  # the word under `manage:`; empty for kinds that a group has once
    replaced: ClassVar[Text | None] = None  # how, where QQ cannot edit it: a change is create, then delete

    def needed(self, group: Group) -> frozenset[Collection]:
        """What has to be read to plan the kind in this group."""
        return self.needs

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        """What an implementation must be able to do before a field can be managed at all, by field.

        For what the tool cannot do without: reading what nothing else would notice. What an operation takes
        is the operation's own.
        """
        return {}

    @abstractmethod
    def managed(self, group: Group) -> bool:
        """Whether YAML speaks of this kind at all in the group. If not, what state holds is forgotten."""

    @abstractmethod
    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        """What YAML asks for, by key."""

    @abstractmethod
    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        """What is live, by key: every wanted and remembered key, and each live item nobody named; `unseen` where
        that could not be read.

        A remembered key may be left out where YAML has stopped to speak of that part: it is forgotten.
        """

    @abstractmethod
    def operations(self, step: Step) -> tuple[Operation, ...]:
        """The steps of one change, in order."""

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """What stands in the way of the group's changes, all kinds of them, beside rights and abilities."""
        return ()

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        """The way to a field in the group's YAML: keys of mappings, and the `key:` of items. `None` where no one
        place says it, or what is live cannot be written there."""
        return None

    def by_hand(self, group: Group, wanted: Wanted, live: LiveGroup) -> Text | None:
        """What a person has to do where the reading is `Absent`; `None` where the tool can create it."""
        return None
