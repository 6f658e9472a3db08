"""What is asked of a server once an account has come is asked again when the server fails.

To read changes nothing, and what is not read then is never heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from nonebot.exception import AdapterException

T = TypeVar("T")

_PAUSES = (0.5, 2.0)  # seconds before it is asked again
_NO_SUCH_ACTION = frozenset({404, 1404})  # retcodes (qq_protocol §1.3)


async def read(ask: Callable[[], Awaitable[T]], patience: float) -> T:
    """What `ask` gives, which is called three times at most.

    `patience` is in seconds, for all of it. Raises TimeoutError when that is over, and else what `ask` raised last.
    """
    async with asyncio.timeout(patience):
        for pause in _PAUSES:
            try:
                return await ask()
            except AdapterException as error:
                if not may_pass(error):
                    raise
            await asyncio.sleep(pause)
        return await ask()


def may_pass(error: Exception) -> bool:
    """Whether the same may be answered another time: the server failed, and does know what it was asked for."""
    info = getattr(error, "info", None)
    unknown = isinstance(info, dict) and info.get("retcode") in _NO_SUCH_ACTION
    return isinstance(error, AdapterException | TimeoutError) and not unknown
