"""`card_format` and `appeal`: what stands beside a group's rules. See behavior.py for how they come to a bot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen
from qqgroup_provision.workspace.model import Group


class CardFormatKind(BehaviorKind):
    """What members' cards have to be like."""

    name = "card_format"
    order = 78
    fields: ClassVar = ("regex", "parts", "example", "text", "remind_every", "penalties", "exempt")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _single(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        found = group.behavior.card_format if group.behavior is not None else None
        return found.place if found is not None else None


class AppealKind(BehaviorKind):
    """How members appeal. Who has done so is the bot's memory, and in no plan."""

    name = "appeal"
    order = 79
    fields: ClassVar = ("word", "within")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _single(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        found = group.behavior.appeal if group.behavior is not None else None
        return found.place if found is not None else None


def _single(
    document: Mapping[str, Any], name: str, fields: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    item = document["items"].get(name)
    if item is not None:
        yield "", {field: frozen(item.get(field)) for field in fields}
