"""`last_resort`: whom a bot asks where it has no answer of its own, and within what budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen
from qqgroup_provision.workspace.model import Group


class LastResortKind(BehaviorKind):
    """The assistant of a group. Its token is in the bot's environment, and here is but the variable's name."""

    name = "last_resort"
    order = 89
    fields: ClassVar = ("assistant", "prompt", "when", "who", "longest", "per_day", "fallback")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        item = document["items"].get(self.name)
        if item is not None:
            yield "", {field: frozen(item.get(field)) for field in self.fields}

    def place(self, group: Group, key: str) -> Place | None:
        found = group.behavior.last_resort if group.behavior is not None else None
        return found.place if found is not None else None
