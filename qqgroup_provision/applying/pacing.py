"""How fast an account writes: one write at a time, spaced out and a little irregular, as people are."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from qqgroup_provision.resources.operation import Pace
from qqgroup_provision.workspace.model import Pace as Intervals

_JITTER = 0.2  # of an interval, either way
_LOST_IN_A_ROW = 2  # answers lost after which QQ is taken to be blocking the account (qq_protocol §11)


class Pacer:
    """Spaces one account's writes. A write waits for its turn; a kind of write waits for its own interval too.

    The account is stopped after several lost answers in a row: that is how QQ's risk control shows itself,
    and going on makes it worse.
    """

    def __init__(
        self,
        intervals: Intervals,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        self._intervals = {
            Pace.WRITE: intervals.write,
            Pace.ANNOUNCEMENT: intervals.announcement,
            Pace.FILE: intervals.file,
        }
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter or random.Random()  # noqa: S311  (nobody gains by guessing it)
        self._turn = asyncio.Lock()
        self._free_at: dict[Pace, float] = {}
        self._lost = 0

    @property
    def stopped(self) -> bool:
        """Whether the account is to send nothing more in this run."""
        return self._lost >= _LOST_IN_A_ROW

    def answered(self) -> None:
        self._lost = 0

    def lost(self) -> None:
        self._lost += 1

    @asynccontextmanager
    async def turn(self, pace: Pace) -> AsyncIterator[None]:
        """Wait until a write of this kind may be sent, and keep others from sending meanwhile."""
        if pace is Pace.FREE:
            yield
            return
        async with self._turn:
            wait = max(self._free_at.get(Pace.WRITE, 0.0), self._free_at.get(pace, 0.0)) - self._now()
            if wait > 0:
                await self._sleep(wait)
            try:
                yield
            finally:
                self._free_at[Pace.WRITE] = self._now() + self._spread(self._intervals[Pace.WRITE])
                if pace is not Pace.WRITE:
                    self._free_at[pace] = self._now() + self._spread(self._intervals[pace])

    def _spread(self, interval: float) -> float:
        return interval * (1 + self._jitter.uniform(-_JITTER, _JITTER))

    def _now(self) -> float:
        return self._clock() if self._clock else asyncio.get_running_loop().time()
