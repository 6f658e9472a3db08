"""Forward WebSocket: `/api` takes requests, `/event` sends events, and `/` does both (qq_protocol §1.5)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from qqgroup_provision.simulator.dialects.base import Door
from qqgroup_provision.simulator.onebot_line import Cut, OneBotLine, finished


class ForwardWebSocket:
    """One implementation at its WebSocket. `allows` judges a token that was given, empty for none."""

    def __init__(self, line: OneBotLine, allows: Callable[[str], bool]) -> None:
        self._line = line
        self._service = line.service
        self._allows = allows

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        if not await self._let_in(socket):
            return
        tasks: set[asyncio.Task[None]] = set()
        try:
            if socket.url.path != "/api":
                telling = self._line.tell(f"WebSocket {socket.url.path}", lambda text: _send(socket, text))
                tasks.add(asyncio.create_task(telling))
            while True:
                frame = await socket.receive_text()
                if socket.url.path != "/event":
                    task = asyncio.create_task(self._request(socket, frame))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
        except (WebSocketDisconnect, KeyError):  # KeyError: a frame of bytes
            pass
        finally:
            await finished(*tasks)

    async def _let_in(self, socket: WebSocket) -> bool:
        given = socket.headers.get("authorization", "").removeprefix("Bearer ")
        if self._service.query_token:
            given = socket.query_params.get("access_token") or given
        allowed = self._allows(given)
        door = self._service.door
        if not allowed and door is Door.HANDSHAKE:
            await socket.send_denial_response(Response(None, self._service.denied(given).status))
            return False
        await socket.accept()
        if not allowed:
            if door is Door.FRAME:
                refused = {"status": "failed", "retcode": 1403, "data": None, "message": "token验证失败"}
                await socket.send_text(json.dumps(refused, ensure_ascii=False))
            await socket.close(1002 if door is Door.CLOSE else 1000)
        return allowed

    async def _request(self, socket: WebSocket, frame: str) -> None:
        try:
            answer = await self._line.ask(frame)
        except Cut:
            _cut(socket)
            return
        if answer is not None:
            await _send(socket, answer)


async def _send(socket: WebSocket, text: str) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # who asked has gone
        await socket.send_text(text)


def _cut(socket: WebSocket) -> None:
    """Close the connection without a word. ASGI has no word for it, so uvicorn's transport is asked."""
    protocol: Any = getattr(socket._receive, "__self__")  # noqa: B009, SLF001
    protocol.transport.abort()
