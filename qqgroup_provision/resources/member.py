"""What admin, title and card have in common: one resource a member, all read from one member list."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import Absent, GroupReader, Known, LiveMember, Reading, Unknown, Value
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Unreadable, Wanted, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup, unread
from qqgroup_provision.resources.operation import CannotSee, Confirmation, NotSeen, Operation, Seen, Unseeable
from qqgroup_provision.workspace.model import UNSET, Group, Person, Role

_LONGEST = 10  # digits of a QQ number


class MemberKind(Kind):
    """A kind whose key is a person. A live member nobody names in YAML has the key `qq-<number>`."""

    needs = frozenset({Collection.MEMBERS})
    field: ClassVar[str]  # the one field of the resource
    blind: ClassVar[frozenset[str]] = frozenset()  # that field, if there is an implementation that cannot read it

    @abstractmethod
    def asked(self, role: Role, person: Person) -> Value:
        """What a role asks of one of its members; `None` clears. Called only if the role speaks of it."""

    @abstractmethod
    def spoken_of(self, role: Role) -> bool:
        """Whether a role says anything of this kind."""

    @abstractmethod
    def live_value(self, member: LiveMember) -> Value | Unreadable:
        """The field as it is live: false or empty where it is not set."""

    def managed(self, group: Group) -> bool:
        return group.roles is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        found: dict[str, Wanted] = {}
        for role in group.roles or ():
            if not self.spoken_of(role):
                continue
            place = role.places.get(self.field, role.places["key"])
            for person in role.members:
                value = self.asked(role, person)
                found[person.key] = Wanted(
                    person.key, {self.field: value}, person.qq, exists=bool(value), place=place, blind=self.blind
                )
        return found

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        members = live.members
        numbers = {key: _number(entry) for key, entry in last.items()}
        numbers.update((key, item.subject) for key, item in wanted.items())
        if not isinstance(members, Known):
            return unseen(numbers, unread(members))
        readings: dict[str, Reading[Observed]] = {}
        for key, number in numbers.items():
            member = members.value.get(number)
            readings[key] = Absent() if member is None else Known(self._observed(member))
        named = set(numbers.values())
        for member in self.others(members.value, named):
            # Whoever YAML calls `qq-<number>` is not taken for the member who has that number.
            readings.setdefault(f"qq-{member.user_id}", Known(self._observed(member)))
        return readings

    def others(self, members: Mapping[int, LiveMember], named: set[int]) -> Iterator[LiveMember]:
        """Members nobody named who have what this kind is about."""
        return (
            member
            for number, member in members.items()
            if number not in named and self.live_value(member) not in (False, None, UNREADABLE)
        )

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        """Where one role speaks of one person only: what it says of several is not one person's to change."""
        speaking = [
            role
            for role in group.roles or ()
            if self.spoken_of(role) and any(person.key == key for person in role.members)
        ]
        if len(speaking) == 1 and len(speaking[0].members) == 1:
            return ("roles", speaking[0].key, field)
        return None

    def _observed(self, member: LiveMember) -> Observed:
        value = self.live_value(member)
        return Observed(
            {self.field: value},
            ids={"qq": str(member.user_id)},
            facts={"rank": member.rank.name},
            exists=bool(value),
            label=member.card or member.nickname,
        )

    def by_hand(self, group: Group, wanted: Wanted, live: LiveGroup) -> Text | None:
        return say("{number} is not in the group: invite them, or take them out of the role", number=wanted.subject)


def _number(entry: Last) -> int:
    """The QQ number state holds; 0, which is nobody's, where it holds none."""
    written = entry.ids.get("qq", "")
    return int(written) if written.isdecimal() and len(written) <= _LONGEST else 0


@dataclass(frozen=True, slots=True)
class MemberOperation(Operation):
    """A step that concerns one member, and is confirmed by reading that member."""

    user_id: int

    @abstractmethod
    def differs(self, member: LiveMember) -> Text | Unseeable | None:
        """What is still otherwise than it should be, or `None` if the effect is there."""

    async def confirm(self, reader: GroupReader) -> Confirmation:
        member = await reader.member(self.group_id, self.user_id)
        if isinstance(member, Unknown):
            return CannotSee(member.reason)
        if not isinstance(member, Known):
            return NotSeen(say("{number} is not in the group", number=self.user_id))
        found = self.differs(member.value)
        if isinstance(found, Unseeable):
            return found
        return NotSeen(found) if found else Seen((("qq", str(self.user_id)),))
