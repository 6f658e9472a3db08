"""One ordered queue for each group, so that a slow group holds up no other, and nothing is answered out of order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class _Waiting(Generic[T]):
    """What waits in one group, by number: apart, so that the oldest one that may be lost is found at once."""

    def __init__(self) -> None:
        self.losable: deque[tuple[int, T]] = deque()
        self._kept: deque[tuple[int, T]] = deque()
        self._count = 0

    def __len__(self) -> int:
        return len(self.losable) + len(self._kept)

    def add(self, item: T, may_be_lost: bool) -> None:
        self._count += 1
        (self.losable if may_be_lost else self._kept).append((self._count, item))

    def next(self, most: int) -> list[T]:
        """What came first of all: one item, or up to so many in a row that may be lost."""
        if not self.losable or (self._kept and self._kept[0][0] < self.losable[0][0]):
            return [self._kept.popleft()[1]]
        found = [self.losable.popleft()[1]]
        while self.losable and len(found) < most and not (self._kept and self._kept[0][0] < self.losable[0][0]):
            found.append(self.losable.popleft()[1])
        return found


class Queues(Generic[T]):
    """Works on the items of each group one after the other, up to `at_once` in a row where they may be lost.

    Of what `may_be_lost`, a queue holds `most`; when one more comes, the oldest such is dropped and counted: what was
    said just now is worth more of an answer than what was said long ago. Anything else is never dropped. `work` must
    not raise.
    """

    def __init__(
        self,
        work: Callable[[int, Sequence[T]], Awaitable[None]],
        may_be_lost: Callable[[T], bool],
        *,
        most: int = 200,
        at_once: int = 1,
    ) -> None:
        self.dropped = 0
        self._work = work
        self._may_be_lost = may_be_lost
        self._most = most
        self._at_once = at_once
        self._waiting: dict[int, _Waiting[T]] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._closed = False

    def put(self, group: int, item: T) -> None:
        """Add an item. The first one of a queue is begun soon."""
        if self._closed:
            return
        waiting = self._waiting.setdefault(group, _Waiting())
        may_be_lost = self._may_be_lost(item)
        if may_be_lost and len(waiting.losable) >= self._most:
            waiting.losable.popleft()
            self.dropped += 1
        waiting.add(item, may_be_lost)
        if group not in self._workers:
            self._workers[group] = asyncio.create_task(self._drain(group), name=f"group {group}")

    def __len__(self) -> int:
        """How many items wait, without those that are being worked on."""
        return sum(map(len, self._waiting.values()))

    def waiting(self, group: int) -> int:
        """How many items of a group wait."""
        return len(self._waiting.get(group, ()))

    def is_busy(self, group: int) -> bool:
        """Whether something of a group waits, or is being worked on."""
        return group in self._workers

    async def close(self, patience: float) -> None:
        """Take no more, give what waits some seconds to be done, and then let go of it."""
        self._closed = True
        tasks = list(self._workers.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _drain(self, group: int) -> None:
        waiting = self._waiting[group]
        try:
            while waiting:
                await self._work(group, waiting.next(self._at_once))
        finally:
            del self._workers[group], self._waiting[group]
