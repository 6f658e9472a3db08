"""`card`: the name a member goes by in the group (群名片)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import Capability, GroupWriter, LiveMember, Rank, Value
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.kind import Step
from qqgroup_provision.resources.member import MemberKind, MemberOperation
from qqgroup_provision.resources.operation import Audience, Operation, ReadAsset
from qqgroup_provision.workspace.limits import card_of
from qqgroup_provision.workspace.model import UNSET, Person, Role


class CardKind(MemberKind):
    """One resource a carded member. `{name}` in YAML is the person's name in people.yaml."""

    name = "card"
    order = 54
    collection = "cards"
    field = "card"

    def spoken_of(self, role: Role) -> bool:
        return role.card is not UNSET

    def asked(self, role: Role, person: Person) -> Value:
        return card_of(role, person.name) or None

    def live_value(self, member: LiveMember) -> Value:
        return member.card or None

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.observed is None:
            return ()
        card = "" if step.action is Action.DELETE or step.wanted is None else step.wanted.fields["card"]
        number = int(step.observed.ids["qq"])
        if number == step.account_id:
            least = Rank.MEMBER
        elif step.observed.facts["rank"] == Rank.OWNER.name:
            least = Rank.OWNER
        else:
            least = Rank.ADMIN
        return (SetCard(step.group.id, number, str(card), int(least)),)


@dataclass(frozen=True, slots=True)
class SetCard(MemberOperation):
    """Set or clear a member's card. An admin may not touch the owner's, anyone may set their own
    (qq_protocol §4.2)."""

    name: ClassVar[str] = "set_card"
    capability: ClassVar[Capability] = Capability.SET_CARD
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY

    card: str
    least: int  # a `Rank`: what it takes for this very member

    @property
    def rank_needed(self) -> Rank:
        return Rank(self.least)

    def describe(self) -> Text:
        if self.card:
            return say("set the card of {number} to “{card}”", number=self.user_id, card=self.card)
        return say("clear the card of {number}", number=self.user_id)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_card(self.group_id, self.user_id, self.card)

    def differs(self, member: LiveMember) -> Text | None:
        return None if member.card == self.card else say("the card is “{card}”", card=member.card)
