"""`topics`: tags that a bot sorts messages by, and what it makes of those that have one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.ports import Value
from qqgroup_provision.resources.behavior import BehaviorKind, frozen
from qqgroup_provision.workspace.model import Group


class TopicsKind(BehaviorKind):
    """The tags of a group, its list of what was tagged, and its search."""

    name = "topics"
    order = 88
    fields: ClassVar = ("tags", "markers", "keep", "nudge", "digest", "search")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        item = document["items"].get(self.name)
        if item is not None:
            yield "", {field: frozen(item.get(field)) for field in self.fields}

    def place(self, group: Group, key: str) -> Place | None:
        found = group.behavior.topics if group.behavior is not None else None
        return found.place if found is not None else None
