"""Where every key and value of the workspace's data was written: a side table, so that the data stays plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.diagnostics import Place

# An event of the YAML parser: its marks count lines and columns from 0. (The C parser's have no type.)
Spot = Any
Entry = tuple[Spot | None, Spot, str]  # the key (None in a list), the value, the file


class Positions:
    """Places by container and key. Containers are known by identity, so they must stay alive meanwhile.

    A container made by composition has a table of its own, whose entries may come from several files.
    """

    __slots__ = ("_alive", "tables")

    def __init__(self) -> None:
        self.tables: dict[int, Mapping[Any, Entry]] = {}
        self._alive: list[object] = []

    def record(self, container: object, entries: Mapping[Any, Entry]) -> None:
        """Remember a container made by composition."""
        self.tables[id(container)] = entries
        self._alive.append(container)

    def entries(self, container: object) -> Mapping[Any, Entry]:
        return self.tables.get(id(container), {})

    def value(self, container: object, key: Any, fallback: Place) -> Place:
        """The place of the value under a key; `fallback` where the container has no such key."""
        entry = self.tables.get(id(container), {}).get(key)
        return place_of(entry[1], entry[2]) if entry else fallback

    def key(self, container: object, key: Any, fallback: Place) -> Place:
        """The place of a key itself; of the item, in a list."""
        entry = self.tables.get(id(container), {}).get(key)
        return place_of(entry[0] or entry[1], entry[2]) if entry else fallback


def place_of(spot: Spot, file: str) -> Place:
    """The place an event covers. A list or mapping covers where it begins."""
    start, end = spot.start_mark, spot.end_mark
    return Place(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
