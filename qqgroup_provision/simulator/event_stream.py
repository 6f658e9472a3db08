"""Milky's events at `GET /event`: a WebSocket to who asks for one, server-sent events to everybody else
(qq_protocol §13). They begin with the next event; there is no greeting and no heartbeat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.feed import Feed, Outbox
from qqgroup_provision.simulator.onebot_line import finished


class EventStream:
    """One account's events. `allows` judges a token that was given, empty for none."""

    def __init__(self, service: Service, feed: Feed, allows: Callable[[str], bool]) -> None:
        self._service = service
        self._feed = feed
        self._allows = allows

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute("/event", self._socket), Route("/event", self._stream)]

    async def _socket(self, socket: WebSocket) -> None:
        given = _token(socket)
        if not self._allows(given):
            await socket.send_denial_response(Response(None, self._service.denied(given).status))
            return
        with self._feed.listening("WebSocket /event") as outbox:  # before the door is open, so that nothing is missed
            await socket.accept()
            telling = asyncio.create_task(self._tell(socket, outbox))
            try:
                while True:
                    await socket.receive()
            except (WebSocketDisconnect, RuntimeError):
                pass
            finally:
                await finished(telling)

    async def _tell(self, socket: WebSocket, outbox: Outbox) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # who listened has gone
            while True:
                await socket.send_text(json.dumps(await outbox.take(), ensure_ascii=False))

    async def _stream(self, request: Request) -> Response:
        given = _token(request)
        if not self._allows(given):
            denied = self._service.denied(given)
            return Response(None if denied.body is None else json.dumps(denied.body), denied.status)
        return StreamingResponse(self._lines(), media_type="text/event-stream")

    async def _lines(self) -> AsyncIterator[str]:
        with self._feed.listening("SSE /event") as outbox:
            yield ":\n\n"  # a comment, so that the listener knows that it is let in
            while True:
                event = json.dumps(await outbox.take(), ensure_ascii=False)
                yield f"event: milky_event\ndata: {event}\n\n"


def _token(connection: WebSocket | Request) -> str:
    header = connection.headers.get("authorization", "").removeprefix("Bearer ")
    return connection.query_params.get("access_token") or header
