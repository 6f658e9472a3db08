"""`schedule` and `curfew`: what a bot does at its time. See behavior.py for how they come to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.ports import AccountFacts, Known, Rank, Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen, listed_items
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import Group


class ScheduleKind(BehaviorKind):
    """One resource a schedule."""

    name = "schedule"
    order = 80
    fields: ClassVar = ("cron", "timezone", "calendar", "catch_up", "send")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return listed_items(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        schedules = group.behavior.schedules if group.behavior is not None else ()
        return next((schedule.place for schedule in schedules if schedule.key == key), None)


class CurfewKind(BehaviorKind):
    """One resource a group: its windows belong together."""

    name = "curfew"
    order = 81

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        item = document["items"].get(self.name)
        if item is not None:
            yield "", {"windows": frozen(item["windows"])}

    def place(self, group: Group, key: str) -> Place | None:
        return group.places.get("curfew")

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG547: a plain member mutes nobody. A bot may have another account, so it is no fault."""
        member = live.members.value.get(live.account_id) if isinstance(live.members, Known) else None
        changed = any(change.address.kind == self.name and change.operations for change in changes)
        if changed and member is not None and member.rank is Rank.MEMBER:
            yield Diagnostic(
                "QG547",
                say(
                    "The curfew mutes everybody, and `{account}` ({number}) is a plain member of the group.",
                    account=group.account,
                    number=facts.self_id,
                ),
                place=self.place(group, ""),
                subject=group.key,
                hint=say("Make the bot's account an admin of the group; until then QQ refuses."),
                severity=Severity.NOTE,
            )
