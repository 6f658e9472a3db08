"""Where every key and value of the workspace's data was written: a side table, so that the data stays plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qqgroup_provision.diagnostics import Place

# The file; where the key begins, or the value in a list; where the value begins and ends. Lines and columns count
# from 0 here: six numbers take a fifth of the memory of the parser's own events, and of the time to make them.
Entry = tuple[str, int, int, int, int, int, int]


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
        if entry is None:
            return fallback
        file, _, _, line, column, end_line, end_column = entry
        return Place(file, line + 1, column + 1, end_line + 1, end_column + 1)

    def key(self, container: object, key: Any, fallback: Place) -> Place:
        """The place of a key itself; of the item, in a list."""
        entry = self.tables.get(id(container), {}).get(key)
        if entry is None:
            return fallback
        file, line, column, *_ = entry
        length = len(key) if isinstance(key, str) else 1
        return Place(file, line + 1, column + 1, line + 1, column + 1 + length)


class Places(Mapping[str, Place]):
    """Where the keys of one mapping were written. A place is made when it is asked for: most never are."""

    __slots__ = ("_container", "_fallback", "_positions")

    def __init__(self, positions: Positions, container: Mapping[str, Any], fallback: Place) -> None:
        self._positions = positions
        self._container = container
        self._fallback = fallback

    def __getitem__(self, key: str) -> Place:
        """The place of a key. Raises KeyError where it is not written."""
        if key not in self._container:
            raise KeyError(key)
        return self._positions.key(self._container, key, self._fallback)

    def __iter__(self) -> Iterator[str]:
        return iter(self._container)

    def __len__(self) -> int:
        return len(self._container)


def place_of(event: Any, file: str) -> Place:
    """The place an event of the YAML parser covers. A list or mapping covers where it begins."""
    start, end = event.start_mark, event.end_mark
    return Place(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
