"""`join_review` and `newcomer`: what a bot decides of those who want to come in, and of those who just did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from qqgroup_provision.behavior.joining import Otherwise
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.ports import AccountFacts, Known, Rank, Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import Group


class JoinReviewKind(BehaviorKind):
    """The rules by which requests to join are decided."""

    name = "join_review"
    order = 76
    fields: ClassVar = ("review", "blacklist")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _single(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        review = group.behavior.review if group.behavior is not None else None
        return review.place if review is not None else None

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG543: QQ tells requests to admins alone. A bot may have another account, so it is no fault."""
        if _changed(changes, self.name) and _is_plain_member(live):
            yield Diagnostic(
                "QG543",
                say(
                    "Requests to join are told to admins alone, and `{account}` ({number}) is a plain member.",
                    account=group.account,
                    number=facts.self_id,
                ),
                place=self.place(group, ""),
                subject=group.key,
                hint=say("Make the bot's account an admin of the group; until then it hears of no request."),
                severity=Severity.NOTE,
            )


class NewcomerKind(BehaviorKind):
    """What newcomers are asked, and what becomes of those who do not answer."""

    name = "newcomer"
    order = 77
    fields: ClassVar = (
        "question", "answer", "within", "otherwise", "remind_before", "attempts", "thanks", "exempt",
    )  # fmt: skip

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _single(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        newcomer = group.behavior.newcomer if group.behavior is not None else None
        return newcomer.place if newcomer is not None else None

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG542: where the account could only ask."""
        newcomer = group.behavior.newcomer if group.behavior is not None else None
        harmless = newcomer is None or newcomer.otherwise is Otherwise.REPORT
        if not harmless and _changed(changes, self.name) and _is_plain_member(live):
            yield Diagnostic(
                "QG542",
                say(
                    "Newcomers who do not answer are to be muted or removed, and `{account}` ({number}) is a plain"
                    " member of the group.",
                    account=group.account,
                    number=facts.self_id,
                ),
                place=self.place(group, ""),
                subject=group.key,
                hint=say("Make the bot's account an admin of the group; until then it only asks."),
                severity=Severity.NOTE,
            )


def _changed(changes: Sequence[Change], kind: str) -> bool:
    return any(change.address.kind == kind and change.operations for change in changes)


def _is_plain_member(live: LiveGroup) -> bool:
    """Whether the account that operates the group is seen to be neither its owner nor an admin."""
    member = live.members.value.get(live.account_id) if isinstance(live.members, Known) else None
    return member is not None and member.rank is Rank.MEMBER


def _single(
    document: Mapping[str, Any], name: str, fields: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """The item of a kind that a group has once."""
    item = document["items"].get(name)
    if item is not None:
        yield "", {field: frozen(item.get(field)) for field in fields}
