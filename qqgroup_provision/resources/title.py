"""`title`: the special title (专属头衔) beside a member's name. Only the group's owner can give it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import Capability, GroupWriter, LiveMember, Rank, Value
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.kind import UNREADABLE, Step, Unreadable
from qqgroup_provision.resources.member import MemberKind, MemberOperation
from qqgroup_provision.resources.operation import Audience, Operation, ReadAsset, Unseeable
from qqgroup_provision.workspace.model import UNSET, Person, Role


class TitleKind(MemberKind):
    """One resource a titled member."""

    name = "title"
    order = 52
    collection = "titles"
    field = "title"
    blind = frozenset({"title"})

    def spoken_of(self, role: Role) -> bool:
        return role.title is not UNSET

    def asked(self, role: Role, person: Person) -> Value:
        return role.title or None

    def live_value(self, member: LiveMember) -> Value | Unreadable:
        return UNREADABLE if member.title is None else member.title or None

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.observed is None:
            return ()
        title = "" if step.action is Action.DELETE or step.wanted is None else step.wanted.fields["title"]
        return (SetTitle(step.group.id, int(step.observed.ids["qq"]), str(title)),)


@dataclass(frozen=True, slots=True)
class SetTitle(MemberOperation):
    """Give or take a title. QQ congratulates the member in the chat (qq_protocol §4.3)."""

    name: ClassVar[str] = "set_title"
    capability: ClassVar[Capability] = Capability.SET_TITLE
    rank: ClassVar[Rank] = Rank.OWNER
    audience: ClassVar[Audience] = Audience.GROUP

    title: str

    def describe(self) -> Text:
        if self.title:
            return say("give {number} the title “{title}”", number=self.user_id, title=self.title)
        return say("take the title from {number}", number=self.user_id)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_title(self.group_id, self.user_id, self.title)

    def differs(self, member: LiveMember) -> Text | Unseeable | None:
        if member.title is None:
            return Unseeable(say("this implementation does not tell titles"))
        return None if member.title == self.title else say("the title is “{title}”", title=member.title)
