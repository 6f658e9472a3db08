"""Reverse WebSocket: the account's server connects to the bot, and again whenever the connection ends
(qq_protocol §1.5). What goes over it is what goes over a forward one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import aiohttp

from qqgroup_provision.simulator.onebot_line import Cut, OneBotLine, finished
from qqgroup_provision.simulator.seed import SeedReverse

_LARGEST = 32 << 20  # bytes of a frame
_ROLES: Mapping[str, str] = {"universal": "Universal", "api": "API", "event": "Event"}


class ReverseWebSocket:
    """One bot that is connected to for as long as `run` runs."""

    def __init__(self, line: OneBotLine, bot: SeedReverse) -> None:
        self._line = line
        self._bot = bot

    def headers(self) -> Mapping[str, str]:
        """Who connects, as what, and with which token."""
        service = self._line.service
        found = {
            "User-Agent": service.user_agent,
            "X-Self-ID": str(service.account.qq),
            "X-Client-Role": _ROLES[self._bot.role],
        }
        if self._bot.token or service.empty_bearer:
            found["Authorization"] = f"Bearer {self._bot.token}"
        return found

    async def run(self) -> None:
        """Connect, serve, and try again after the interval, until this is cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with session.ws_connect(
                        self._bot.url, headers=self.headers(), max_msg_size=_LARGEST
                    ) as socket:
                        await self._serve(socket)
                await asyncio.sleep(self._bot.reconnect)

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        tasks: set[asyncio.Task[None]] = set()
        try:
            if self._bot.role != "api":
                tasks.add(asyncio.create_task(self._line.tell(self._bot.url, lambda text: _send(socket, text))))
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT and self._bot.role != "event":
                    task = asyncio.create_task(self._request(socket, frame.data))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
        finally:
            await finished(*tasks)

    async def _request(self, socket: aiohttp.ClientWebSocketResponse, frame: str) -> None:
        try:
            answer = await self._line.ask(frame)
        except Cut:
            socket._response.close()  # noqa: SLF001  (without a word, for which aiohttp has none)
            return
        if answer is not None:
            await _send(socket, answer)


async def _send(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    with suppress(aiohttp.ClientError, ConnectionError, RuntimeError):  # who asked has gone
        await socket.send_str(text)
