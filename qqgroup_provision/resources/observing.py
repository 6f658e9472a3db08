"""`statistics` and `inactive`: what a bot counts and reports, and what comes of being silent for long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.ports import AccountFacts, Known, Rank, Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import Group


class StatisticsKind(BehaviorKind):
    """What is counted of a group, and told to it."""

    name = "statistics"
    order = 86
    fields: ClassVar = ("keep", "keywords", "report", "words")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _single(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        found = group.behavior.statistics if group.behavior is not None else None
        return found.place if found is not None else None


class InactiveKind(BehaviorKind):
    """What comes of being silent for long."""

    name = "inactive"
    order = 87
    fields: ClassVar = (
        "after",
        "never_spoke_after",
        "at",
        "action",
        "at_most",
        "warn_before",
        "refuse_above",
        "exempt",
    )

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _single(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        found = group.behavior.inactive if group.behavior is not None else None
        return found.place if found is not None else None

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG542 where nobody could be removed. A bot may have another account, so it is no fault."""
        member = live.members.value.get(live.account_id) if isinstance(live.members, Known) else None
        settings = group.behavior.inactive if group.behavior is not None else None
        if member is None or member.rank is not Rank.MEMBER or settings is None or settings.action != "kick":
            return
        if any(change.address.kind == self.name and change.operations for change in changes):
            yield Diagnostic(
                "QG542",
                say(
                    "Silent members are to be removed, and `{account}` ({number}) is a plain member of the group.",
                    account=group.account,
                    number=facts.self_id,
                ),
                place=settings.place,
                subject=group.key,
                hint=say("Make the bot's account an admin of the group; until then it does nothing about them."),
                severity=Severity.NOTE,
            )


def _single(
    document: Mapping[str, Any], name: str, fields: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    item = document["items"].get(name)
    if item is not None:
        yield "", {field: frozen(item.get(field)) for field in fields}
