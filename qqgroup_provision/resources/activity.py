"""`activity` and `role_permission`: what a group does together, and the commands that a role may give the bot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.ports import AccountFacts, Known, Rank, Value
from qqgroup_provision.resources.behavior import BehaviorKind, listed_items
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.workspace.model import Group


class RolePermissionKind(BehaviorKind):
    """One resource a role that may have the bot do something."""

    name = "role_permission"
    order = 83
    fields: ClassVar = ("may", "exempt_from_rules")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return listed_items(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        permissions = group.behavior.permissions if group.behavior is not None else ()
        return next((one.place for one in permissions if one.role == key), None)

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG546: one note where the account could carry out no command. A bot may have another one, so no fault."""
        member = live.members.value.get(live.account_id) if isinstance(live.members, Known) else None
        if member is None or member.rank is not Rank.MEMBER or group.behavior is None:
            return
        commanding = {one.role for one in group.behavior.permissions if one.may}
        for change in changes:
            ours = change.address.kind == self.name and change.address.key in commanding
            if ours and change.operations and change.action is not Action.DELETE:
                yield Diagnostic(
                    "QG546",
                    say(
                        "Commands take an admin of the group, and `{account}` ({number}) is a plain member.",
                        account=group.account,
                        number=facts.self_id,
                    ),
                    place=self.place(group, change.address.key) or group.place,
                    subject=group.key,
                    hint=say(
                        "Make the bot's account an admin of the group; until then it says that nothing came of it."
                    ),
                    severity=Severity.NOTE,
                )
                return


class ActivityKind(BehaviorKind):
    """One resource an activity. What was voted, entered or won is the bot's memory, and in no plan."""

    name = "activity"
    order = 84
    fields: ClassVar = (
        "kind",
        "title",
        "opens",
        "closes",
        "options",
        "changeable",
        "word",
        "questions",
        "each",
        "window",
        "make_up",
        "prizes",
        "enter",
        "exempt",
    )

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return listed_items(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        activities = group.behavior.activities if group.behavior is not None else ()
        return next((one.place for one in activities if one.key == key), None)
