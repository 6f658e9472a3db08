"""Forward WebSocket: `/api` takes requests, `/event` sends events, and `/` does both (qq_protocol §1.5).

Of events there are the greeting and the heartbeat.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from qqgroup_provision.simulator.answered import Answered, spoilt
from qqgroup_provision.simulator.dialects.base import Door, Implementation

HEARTBEAT = 30.0  # seconds between two, as NapCat has it

# Carries out an action and says what to send; `None` where the connection is to be cut.
Answer = Callable[[str, Mapping[str, Any]], Awaitable[Answered | None]]


class ForwardWebSocket:
    """One implementation at its WebSocket. `allows` judges a token that was given, empty for none."""

    def __init__(self, service: Implementation, answer: Answer, allows: Callable[[str], bool]) -> None:
        self._service = service
        self._answer = answer
        self._allows = allows

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        if not await self._let_in(socket):
            return
        tasks: set[asyncio.Task[None]] = set()
        try:
            if socket.url.path != "/api":
                await socket.send_text(json.dumps(self._event("lifecycle", sub_type="connect")))
                tasks.add(asyncio.create_task(self._beat(socket)))
            while True:
                frame = await socket.receive_text()
                if socket.url.path != "/event":
                    task = asyncio.create_task(self._request(socket, frame))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
        except (WebSocketDisconnect, KeyError):  # KeyError: a frame of bytes
            pass
        finally:
            for task in tasks:
                task.cancel()

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
            asked = json.loads(frame)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            body = self._service.unreadable_frame()
            if body is not None:
                await _send(socket, json.dumps(body, ensure_ascii=False))
            return
        params = asked.get("params")
        answered = await self._answer(str(asked.get("action")), params if isinstance(params, dict) else {})
        if answered is None:
            _cut(socket)
            return
        body = self._service.frame(answered.reply)
        if "echo" in asked:
            body["echo"] = asked["echo"]
        broken = spoilt(body, answered.spoil)
        await _send(socket, broken[1] if broken else json.dumps(body, ensure_ascii=False))

    async def _beat(self, socket: WebSocket) -> None:
        while True:
            beat = self._event("heartbeat", status={"online": True, "good": True}, interval=int(HEARTBEAT * 1000))
            if not self._service.beats_at_once:
                await asyncio.sleep(HEARTBEAT)
            await _send(socket, json.dumps(beat))
            if self._service.beats_at_once:
                await asyncio.sleep(HEARTBEAT)

    def _event(self, kind: str, **more: Any) -> dict[str, Any]:
        return {
            "time": int(time.time()), "self_id": self._service.account.qq, "post_type": "meta_event",
            "meta_event_type": kind, **more,
        }  # fmt: skip


async def _send(socket: WebSocket, text: str) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # who asked has gone
        await socket.send_text(text)


def _cut(socket: WebSocket) -> None:
    """Close the connection without a word. ASGI has no word for it, so uvicorn's transport is asked."""
    protocol: Any = getattr(socket._receive, "__self__")  # noqa: B009, SLF001
    protocol.transport.abort()
