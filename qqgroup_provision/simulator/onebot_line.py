"""One WebSocket of OneBot 11, whoever opened it: requests come in, answers and events go out (qq_protocol §1.5)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from qqgroup_provision.simulator.answered import Answered, spoilt
from qqgroup_provision.simulator.dialects.base import Implementation
from qqgroup_provision.simulator.feed import Feed

HEARTBEAT = 30.0  # seconds between two, as NapCat has it

# Carries out an action and says what to send; `None` where the connection is to be cut.
Answer = Callable[[str, Mapping[str, Any]], Awaitable[Answered | None]]
Send = Callable[[str], Awaitable[None]]


class Cut(Exception):
    """The connection is to be closed without a word."""


class OneBotLine:
    """What goes over one WebSocket of an account's implementation. `interval` in seconds is its heartbeat's."""

    def __init__(self, service: Implementation, answer: Answer, feed: Feed) -> None:
        self.service = service
        self._answer = answer
        self._feed = feed

    async def tell(self, listener: str, send: Send) -> None:
        """Send the greeting, heartbeats and every event, until this is cancelled."""
        events = self.service.events
        with self._feed.listening(listener) as outbox:
            await send(_text(events.greeting(self.service.world.clock.now())))
            beating = asyncio.create_task(self._beat(send))
            try:
                while True:
                    await send(_text(await outbox.take()))
            finally:
                beating.cancel()

    async def _beat(self, send: Send) -> None:
        if not self.service.beats_at_once:
            await asyncio.sleep(HEARTBEAT)
        while True:
            now = self.service.world.clock.now()
            await send(_text(self.service.events.heartbeat(now, int(HEARTBEAT * 1000))))
            await asyncio.sleep(HEARTBEAT)

    async def ask(self, frame: str) -> str | None:
        """What a frame is answered, `None` for nothing. Raises `Cut` where a fault wants that."""
        try:
            asked = json.loads(frame)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            body = self.service.unreadable_frame()
            return None if body is None else _text(body)
        params = asked.get("params")
        answered = await self._answer(str(asked.get("action")), params if isinstance(params, dict) else {})
        if answered is None:
            raise Cut
        body = self.service.frame(answered.reply)
        if "echo" in asked:
            body["echo"] = asked["echo"]
        broken = spoilt(body, answered.spoil)
        return broken[1] if broken else _text(body)


async def finished(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they are done."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)
