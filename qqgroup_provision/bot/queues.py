"""One ordered queue for each group, so that a slow group holds up no other, and nothing is answered out of order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Queues(Generic[T]):
    """Works on the items of each group one after the other.

    Of what `may_be_lost`, a queue holds `most`; when one more comes, the oldest such is dropped and counted: what was
    said just now is worth more of an answer than what was said long ago. Anything else is never dropped. `work` must
    not raise.
    """

    def __init__(
        self, work: Callable[[int, T], Awaitable[None]], may_be_lost: Callable[[T], bool], *, most: int = 200
    ) -> None:
        self.dropped = 0
        self._work = work
        self._may_be_lost = may_be_lost
        self._most = most
        self._waiting: dict[int, deque[T]] = {}
        self._losable: dict[int, int] = {}  # how many of those that wait may be lost
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._closed = False

    def put(self, group: int, item: T) -> None:
        """Add an item. The first one of a queue is begun soon."""
        if self._closed:
            return
        waiting = self._waiting.setdefault(group, deque())
        if self._may_be_lost(item):
            if self._losable.get(group, 0) >= self._most:
                self._drop_oldest(waiting)
            else:
                self._losable[group] = self._losable.get(group, 0) + 1
        waiting.append(item)
        if group not in self._workers:
            self._workers[group] = asyncio.create_task(self._drain(group), name=f"group {group}")

    def __len__(self) -> int:
        """How many items wait, without those that are being worked on."""
        return sum(map(len, self._waiting.values()))

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

    def _drop_oldest(self, waiting: deque[T]) -> None:
        index = next(index for index, item in enumerate(waiting) if self._may_be_lost(item))
        del waiting[index]
        self.dropped += 1

    async def _drain(self, group: int) -> None:
        waiting = self._waiting[group]
        try:
            while waiting:
                item = waiting.popleft()
                if self._may_be_lost(item):
                    self._losable[group] -= 1
                await self._work(group, item)
        finally:
            del self._workers[group], self._waiting[group]
            self._losable.pop(group, None)
