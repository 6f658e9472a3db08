"""Being woken when something is due in a group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

_AFTER = 0.02  # seconds that a tick comes late, so that it is never early
_LONGEST_SLEEP = 900.0  # seconds until it is looked whether a clock was set, or the machine slept


class Wakes:
    """One waking for each group: the next one. `woken` is told the group and the account it was asked for by."""

    def __init__(self, woken: Callable[[int, int], None], now: Callable[[], datetime]) -> None:
        self._woken = woken
        self._now = now
        self._wakes: dict[int, tuple[datetime, asyncio.TimerHandle]] = {}

    def wake(self, group: int, at: datetime, account: int) -> None:
        """Wake the group then, unless it is woken earlier, when it will ask for the next."""
        known = self._wakes.get(group)
        if known is not None:
            if known[0] <= at:
                return
            known[1].cancel()
        delay = min(max(0.0, (at - self._now()).total_seconds()) + _AFTER, _LONGEST_SLEEP)
        handle = asyncio.get_running_loop().call_later(delay, self._wake_now, group, account)
        self._wakes[group] = (at, handle)

    def cancel(self) -> None:
        """Wake nobody any more."""
        for _, handle in self._wakes.values():
            handle.cancel()

    def _wake_now(self, group: int, account: int) -> None:
        del self._wakes[group]
        self._woken(group, account)
