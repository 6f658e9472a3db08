"""What the engine has to know of the past: marks under keys, which whoever runs it keeps.

A store of any kind will do: the engine asks for a handful of keys at a time, and gives back which marks to set and
which to drop. One table with the columns `item`, `what`, `subject`, `at`, `people` and `until` holds all of it.

Counts are kept beside them, in a table of their own: adding to one reads nothing, and only a `Scan` finds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

SHARED = "~"  # what items begin with whose marks several groups share; no address of an item does


@dataclass(frozen=True, slots=True)
class Key:
    """What a mark is about: an item's address, which of its marks, and whom it concerns (0: the whole group)."""

    item: str
    what: str
    subject: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered: when it happened, and to whom, by QQ number and name.

    Where something is counted, the pairs are what counting.py and judging.py say instead. Of a count there is one
    pair, the number and nothing, and `at` is when it was added to last.
    """

    at: datetime
    people: tuple[tuple[int, str], ...] = ()

    @property
    def count(self) -> int:
        """The number of a count."""
        return self.people[0][0] if self.people else 0


@dataclass(frozen=True, slots=True)
class Scan:
    """All counts of an item whose `what` lies from `first` to `last`, both of them included."""

    item: str
    first: str
    last: str

    def takes(self, key: Key) -> bool:
        return key.item == self.item and self.first <= key.what <= self.last


@dataclass(frozen=True, slots=True)
class Shelf:
    """The last `most` marks of an item, in the order of their `what`, of those whose `what` begins with `prefix`."""

    item: str
    prefix: str
    most: int

    def takes(self, key: Key) -> bool:
        return key.item == self.item and key.what.startswith(self.prefix)


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


@dataclass(frozen=True, slots=True)
class Add:
    """Let a count grow; there is one from then on. `at` and `until` are those of the last time it grew."""

    key: Key
    amount: int
    at: datetime
    until: datetime


MemoryChange: TypeAlias = Remember | Forget | Add
Asked: TypeAlias = Key | Scan | Shelf


class Memory(Protocol):
    """Where marks are kept. Reading and changing have to be one transaction for each event of a group."""

    def recall(self, keys: Collection[Asked]) -> Mapping[Key, Mark]:
        """The marks that are set under these keys or lie on these shelves, and the counts that scans take."""
        ...

    def change(self, changes: Iterable[MemoryChange]) -> None:
        """Carry out what a decision asks for."""
        ...


class Notebook:
    """A memory that lasts as long as its process: for tests, and for trying things out."""

    def __init__(self) -> None:
        self._marks: dict[Key, Mark] = {}
        self._counts: dict[Key, Mark] = {}
        # The keys of each item, in their order: what is asked for as a whole is of one item.
        self._of_item: defaultdict[str, dict[Key, None]] = defaultdict(dict)

    def recall(self, keys: Collection[Asked]) -> Mapping[Key, Mark]:
        found: dict[Key, Mark] = {}
        for key in keys:
            if isinstance(key, Scan):
                found.update(self._taken(key, self._counts))
            elif isinstance(key, Shelf):
                found.update(sorted(self._taken(key, self._marks), key=_place)[-key.most :])
            elif key in self._marks:
                found[key] = self._marks[key]
        return found

    def _taken(self, asked: Scan | Shelf, kept: Mapping[Key, Mark]) -> Iterator[tuple[Key, Mark]]:
        of_item = self._of_item.get(asked.item, ())
        return ((key, kept[key]) for key in of_item if key in kept and asked.takes(key))

    def change(self, changes: Iterable[MemoryChange]) -> None:
        for change in changes:
            if not isinstance(change, Forget):
                self._of_item[change.key.item][change.key] = None
            if isinstance(change, Remember):
                self._marks[change.key] = change.mark
            elif isinstance(change, Add):
                before = self._counts.get(change.key)
                count = change.amount + (before.count if before is not None else 0)
                self._counts[change.key] = Mark(change.at, ((count, ""),))
            else:
                self._marks.pop(change.key, None)
                if change.key not in self._counts:
                    self._of_item[change.key.item].pop(change.key, None)


def _place(one: tuple[Key, Mark]) -> tuple[str, int]:
    """Where a mark lies on a shelf."""
    return one[0].what, one[0].subject
