"""Where every key and value of the workspace's data was written: a side table, so that the data stays plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qqgroup_provision.diagnostics import Place

# The file; where the key begins, or the value in a list; where the value begins and ends.
# Lines and columns count from 0 here.
Entry = tuple[str, int, int, int, int, int, int]
WIDTH = 6  # numbers that an entry has in the table of a container that was parsed


class Positions:
    """Places by container and key. Containers are known by identity, so they must stay alive meanwhile.

    A container made by composition has a table of its own, whose entries may come from several files.
    """

    __slots__ = ("_alive", "_composed", "_files", "names", "parsed")

    def __init__(self) -> None:
        # The number of the file, then six numbers for each key or item in order, flat: there are hundreds of
        # thousands of them, few of which are ever asked for, and this is what takes least time and memory.
        self.parsed: dict[int, list[int]] = {}
        # Keys that are texts for certain, each once: they are written again and again, in every file.
        self.names: dict[str, str] = {}
        self._composed: dict[int, Mapping[Any, Entry]] = {}
        self._files: list[str] = []
        self._alive: list[object] = []

    def file(self, name: str) -> int:
        """The number under which the tables of `parsed` know a file."""
        self._files.append(name)
        return len(self._files) - 1

    def record(self, container: object, entries: Mapping[Any, Entry]) -> None:
        """Remember a container made by composition."""
        self._composed[id(container)] = entries
        self._alive.append(container)

    def entries(self, container: Any) -> Mapping[Any, Entry]:
        """All of a container's entries, by key or index."""
        composed = self._composed.get(id(container))
        if composed is not None:
            return composed
        keys = container if isinstance(container, dict) else range(len(container))
        return {key: entry for key in keys if (entry := self._entry(container, key))}

    def value(self, container: Any, key: Any, fallback: Place) -> Place:
        """The place of the value under a key; `fallback` where the container has no such key."""
        entry = self._entry(container, key)
        if entry is None:
            return fallback
        file, _, _, line, column, end_line, end_column = entry
        return Place(file, line + 1, column + 1, end_line + 1, end_column + 1)

    def key(self, container: Any, key: Any, fallback: Place) -> Place:
        """The place of a key itself; of the item, in a list."""
        entry = self._entry(container, key)
        if entry is None:
            return fallback
        file, line, column, *_ = entry
        length = len(key) if isinstance(key, str) else 1
        return Place(file, line + 1, column + 1, line + 1, column + 1 + length)

    def _entry(self, container: Any, key: Any) -> Entry | None:
        table = self.parsed.get(id(container))
        if table is None:
            return self._composed.get(id(container), {}).get(key)
        if isinstance(container, dict):
            key = list(container).index(key) if key in container else len(container)
        start = 1 + key * WIDTH
        if start >= len(table):
            return None
        line, column, value_line, value_column, end_line, end_column = table[start : start + WIDTH]
        return (self._files[table[0]], line, column, value_line, value_column, end_line, end_column)


class Places(Mapping[str, Place]):
    """Where the keys of some mappings were written, those of the first found first; the value's place for `values`.

    A place is made when it is asked for: most never are.
    """

    __slots__ = ("_containers", "_fallback", "_positions", "_values")

    def __init__(
        self, positions: Positions, fallback: Place, *containers: Mapping[str, Any], values: tuple[str, ...] = ()
    ) -> None:
        self._positions = positions
        self._fallback = fallback
        self._containers = containers
        self._values = values

    def __getitem__(self, key: str) -> Place:
        """The place of a key. Raises KeyError where it is not written."""
        for container in self._containers:
            if key in container:
                place_of = self._positions.value if key in self._values else self._positions.key
                return place_of(container, key, self._fallback)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter({key for container in self._containers for key in container})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def place_of(event: Any, file: str) -> Place:
    """The place an event of the YAML parser covers. A list or mapping covers where it begins."""
    start, end = event.start_mark, event.end_mark
    return Place(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
