"""NoneBot's driver for us: WebSockets in both directions, HTTP requests, and nothing that listens unasked.

Written because none of NoneBot's own has all of it: that of aiohttp ends a connection on which nothing is said for
half a minute, and drops what is said until it is there again; that of `websockets` goes through a proxy to reach this
machine, and ends the connection at a message of one megabyte.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from nonebot.drivers import ASGIMixin, HTTPServerSetup, Request, WebSocketServerSetup
from nonebot.drivers import WebSocket as NoneBotWebSocket
from nonebot.drivers import aiohttp as over_aiohttp
from nonebot.drivers import none as without_connections
from nonebot.drivers.websockets import WebSocket as ClientWebSocket
from nonebot.exception import WebSocketClosed
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import connect

_LARGEST = 4 << 20  # bytes of one message
_LOST = 1006  # the code of a connection that ended without one
_PATIENCE = 30.0  # seconds for a connection to be made, or to be found dead


class Driver(over_aiohttp.Mixin, ASGIMixin, without_connections.Driver):
    """`server_app` is what can be served; it has the addresses at which bots of adapters can be reached."""

    def __init__(self, env: Any, config: Any) -> None:
        super().__init__(env, config)
        self._routes: list[WebSocketRoute] = []

    @property
    def type(self) -> str:
        return "qqgroup"

    @property
    def server_app(self) -> Starlette:
        return Starlette(routes=self._routes)

    @property
    def asgi(self) -> Starlette:
        return self.server_app

    def setup_http_server(self, setup: HTTPServerSetup) -> None:
        """Events by HTTP are not taken: adapters ask for no token there, so anybody could make them up."""

    def setup_websocket_server(self, setup: WebSocketServerSetup) -> None:
        async def serve(websocket: WebSocket) -> None:
            request = Request("GET", str(websocket.url), headers=websocket.headers.items())
            await setup.handle_func(_Served(request=request, websocket=websocket))

        self._routes.append(WebSocketRoute(setup.path.path, serve))

    @asynccontextmanager
    async def websocket(  # type: ignore[override]  # that of aiohttp promises its own kind
        self, setup: Request
    ) -> AsyncGenerator[NoneBotWebSocket, None]:
        async with connect(
            str(setup.url),
            additional_headers=dict(setup.headers),
            proxy=None,
            max_size=_LARGEST,
            open_timeout=_PATIENCE,
            ping_timeout=_PATIENCE,
        ) as connection:
            yield ClientWebSocket(request=setup, websocket=connection)


class _Served(NoneBotWebSocket):
    """A connection that somebody made to us."""

    def __init__(self, *, request: Request, websocket: WebSocket) -> None:
        super().__init__(request=request)
        self._websocket = websocket

    @property
    def closed(self) -> bool:
        ends = (self._websocket.client_state, self._websocket.application_state)
        return WebSocketState.DISCONNECTED in ends

    async def accept(self) -> None:
        await self._websocket.accept()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if not self.closed:
            await self._websocket.close(code, reason)

    async def receive(self) -> str | bytes:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketClosed(message.get("code") or _LOST)
        text: str | None = message.get("text")
        content: bytes | None = message.get("bytes")
        return text if text is not None else content or b""

    async def receive_text(self) -> str:
        received = await self.receive()
        return received if isinstance(received, str) else received.decode()

    async def receive_bytes(self) -> bytes:
        received = await self.receive()
        return received if isinstance(received, bytes) else received.encode()

    async def send_text(self, data: str) -> None:
        await self._send({"type": "websocket.send", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        await self._send({"type": "websocket.send", "bytes": data})

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._websocket.send(message)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketClosed(getattr(error, "code", _LOST)) from error


def is_websocket_address(written: str) -> bool:
    """Whether a text is an address of a WebSocket without a token or a password in it."""
    return re.fullmatch(r"wss?://[^\s@?#]+", written) is not None


def is_http_address(written: str) -> bool:
    """The same for HTTP, with no more than host and port."""
    return re.fullmatch(r"https?://[^\s@?#/]+/?", written) is not None
