"""`links`: what a bot does about requests and members because of other groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from qqgroup_provision.behavior.linked import OnMember
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.ports import AccountFacts, Known, Rank, Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import Group


class LinksKind(BehaviorKind):
    """What a group shares with those that it is linked with, by number: a change of another one's list shows."""

    name = "links"
    order = 75
    fields: ClassVar = (
        "name", "linked", "blacklist", "whitelist", "shared_strikes", "one_group", "overflow", "member_of",
    )  # fmt: skip

    def items(self, document: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        item = document["items"].get(self.name)  # type: ignore[attr-defined]
        if item is not None:
            yield "", {field: frozen(item.get(field)) for field in self.fields}

    def place(self, group: Group, key: str) -> Place | None:
        links = group.behavior.links if group.behavior is not None else None
        return links.place if links is not None else None

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG543: QQ tells requests to admins alone. QG542: only admins can remove anybody. A bot may have another
        account, so it is no fault.
        """
        links = group.behavior.links if group.behavior is not None else None
        member = live.members.value.get(live.account_id) if isinstance(live.members, Known) else None
        changed = any(change.address.kind == self.name and change.operations for change in changes)
        if links is None or not changed or member is None or member.rank is not Rank.MEMBER:
            return
        if links.decides:
            yield Diagnostic(
                "QG543",
                say(
                    "Requests to join are told to admins alone, and `{account}` ({number}) is a plain member.",
                    account=group.account,
                    number=facts.self_id,
                ),
                place=links.place,
                subject=group.key,
                hint=say("Make the bot's account an admin of the group; until then it hears of no request."),
                severity=Severity.NOTE,
            )
        if links.blacklist is not None and links.blacklist.on_member is OnMember.KICK:
            yield Diagnostic(
                "QG542",
                say(
                    "Members on the blacklist are to be removed, and `{account}` ({number}) is a plain member of the"
                    " group.",
                    account=group.account,
                    number=facts.self_id,
                ),
                place=links.place,
                subject=group.key,
                hint=say("Make the bot's account an admin of the group; until then nobody is removed."),
                severity=Severity.NOTE,
            )
