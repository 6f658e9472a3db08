"""What the engine has to know of the past: marks under keys, which whoever runs it keeps.

A store of any kind will do: the engine asks for a handful of keys at a time, and gives back which marks to set and
which to drop. One table with the columns `item`, `what`, `subject`, `at`, `people` and `until` holds all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Key:
    """What a mark is about: an item's address, which of its marks, and whom it concerns (0: the whole group)."""

    item: str
    what: str
    subject: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered: when it happened, and to whom, by QQ number and name.

    Where something is counted, the pairs are what counting.py and judging.py say instead.
    """

    at: datetime
    people: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Remember:
    """Set a mark. From `until` on it counts no more, so a store may drop it."""

    key: Key
    mark: Mark
    until: datetime


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop a mark."""

    key: Key


MemoryChange: TypeAlias = Remember | Forget


class Memory(Protocol):
    """Where marks are kept. Reading and changing have to be one transaction for each event of a group."""

    def recall(self, keys: Collection[Key]) -> Mapping[Key, Mark]:
        """The marks that are set under these keys."""
        ...

    def change(self, changes: Iterable[MemoryChange]) -> None:
        """Carry out what a decision asks for."""
        ...


class Notebook:
    """A memory that lasts as long as its process: for tests, and for trying things out."""

    def __init__(self) -> None:
        self._marks: dict[Key, Mark] = {}

    def recall(self, keys: Collection[Key]) -> Mapping[Key, Mark]:
        return {key: self._marks[key] for key in keys if key in self._marks}

    def change(self, changes: Iterable[MemoryChange]) -> None:
        for change in changes:
            if isinstance(change, Remember):
                self._marks[change.key] = change.mark
            else:
                self._marks.pop(change.key, None)
