"""What a client and the test that started it say to each other: one JSON object a line.

The test asks `{"n": 1, "bot": "100000001", "call": "get_group_list", "params": {}}` and is answered with the same `n`
and either `answer` or `failed`. What else the client says happened by itself: `connected`, `event`, `trouble`, and
`did`: what an action was answered that the bot took because of an event.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[[str, str, dict[str, Any]], Awaitable[Any]]  # a bot's number, an action and its parameters


def say(**line: Any) -> None:
    """One line to the test. What JSON has no word for is written as a text."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


async def obey(call: Call) -> None:
    """Carry out what the test asks for until it says no more."""
    tasks: set[asyncio.Task[None]] = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        task = asyncio.create_task(_carry_out(json.loads(line), call))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _carry_out(asked: dict[str, Any], call: Call) -> None:
    try:
        answer = await call(asked["bot"], asked["call"], asked["params"])
    except Exception as error:
        say(n=asked["n"], failed={"kind": type(error).__name__, **_told(error)})
    else:
        say(n=asked["n"], answer=answer)


def _told(error: Exception) -> dict[str, Any]:
    """What the implementation said of the failure, as each library keeps it."""
    found = getattr(error, "info", None) or getattr(error, "result", None)
    return found if isinstance(found, dict) else {"text": str(error)}
