"""Pauses between messages: QQ freezes accounts that speak like machines (bot_behaviour §4)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

_JITTER = 0.3  # a pause is up to this much longer, drawn anew each time


class Turns(Protocol):
    """Whoever tells when something may be said."""

    async def turn(self, account: int, group: int) -> None:
        """Wait until this account may speak in this group."""
        ...


class Pace:
    """Least pauses in seconds between two messages in one group, and between two of one account in any.

    Whoever asks first goes first.
    """

    def __init__(
        self,
        group: float,
        account: float,
        *,
        draw: Callable[[], float] = random.random,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._pauses = (group, account)
        self._free: dict[tuple[str, int], float] = {}
        self._draw = draw
        self._now = now
        self._sleep = sleep

    async def turn(self, account: int, group: int) -> None:
        # The group first: while it waits for its own turn, it takes no turn of the account from other groups.
        await self._wait(("group", group), self._pauses[0])
        await self._wait(("account", account), self._pauses[1])

    async def _wait(self, key: tuple[str, int], pause: float) -> None:
        now = self._now()
        at = max(now, self._free.get(key, now))
        self._free[key] = at + pause * (1 + _JITTER * self._draw())
        if at > now:
            await self._sleep(at - now)
