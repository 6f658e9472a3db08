"""`admin`: who is an admin of the group. Only its owner can change that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import Capability, GroupWriter, LiveMember, Rank, Value
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.kind import Step, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.member import MemberKind, MemberOperation
from qqgroup_provision.resources.operation import Audience, Operation, ReadAsset
from qqgroup_provision.workspace.model import UNSET, Group, Person, Role


class AdminKind(MemberKind):
    """One resource an admin. The owner counts as one: QQ has no way to make an owner an admin as well."""

    name = "admin"
    order = 50
    collection = "admins"
    field = "admin"

    def spoken_of(self, role: Role) -> bool:
        return role.admin is not UNSET

    def asked(self, role: Role, person: Person) -> Value:
        return bool(role.admin)

    def live_value(self, member: LiveMember) -> Value:
        return member.rank >= Rank.ADMIN

    def others(self, members: Mapping[int, LiveMember], named: set[int]) -> Iterator[LiveMember]:
        return (m for number, m in members.items() if m.rank is Rank.ADMIN and number not in named)

    def by_hand(self, group: Group, wanted: Wanted, live: LiveGroup) -> Text | None:
        if wanted.exists:
            return super().by_hand(group, wanted, live)
        return say("{number} owns the group: ownership is handed over in the QQ client", number=wanted.subject)

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.observed is None or step.observed.facts["rank"] == Rank.OWNER.name:
            return ()
        number = int(step.observed.ids["qq"])
        return (SetAdmin(step.group.id, number, step.action is not Action.DELETE),)


@dataclass(frozen=True, slots=True)
class SetAdmin(MemberOperation):
    """Make a member an admin, or no longer one (qq_protocol §4.1)."""

    name: ClassVar[str] = "set_admin"
    capability: ClassVar[Capability] = Capability.SET_ADMIN
    rank: ClassVar[Rank] = Rank.OWNER
    audience: ClassVar[Audience] = Audience.MEMBER

    admin: bool

    def describe(self) -> Text:
        if self.admin:
            return say("make {number} an admin", number=self.user_id)
        return say("take admin rights from {number}", number=self.user_id)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_admin(self.group_id, self.user_id, self.admin)

    def differs(self, member: LiveMember) -> Text | None:
        if (member.rank >= Rank.ADMIN) == self.admin:
            return None
        if self.admin:
            return say("{number} is not an admin", number=self.user_id)
        return say("{number} is still an admin", number=self.user_id)
