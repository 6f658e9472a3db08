"""Serving an application until told to stop, within an event loop that somebody else runs."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from dataclasses import dataclass
from typing import Any

import uvicorn

_LARGEST_FRAME = 4 << 20  # bytes of one WebSocket message


@dataclass(frozen=True, slots=True)
class Where:
    """A host and a port to listen at; port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, written: str) -> Where:
        """`127.0.0.1:8095` or `[::1]:8095`. Raises ValueError."""
        host, colon, port = written.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError(written)
        return cls(host.strip("[]"), int(port))

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can reach it."""
        return is_loopback(self.host)

    def listen(self) -> socket.socket:
        """Begin to listen. Raises OSError."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
            listener.listen(128)
        except BaseException:
            listener.close()
            raise
        listener.setblocking(False)
        return listener


def is_loopback(host: str) -> bool:
    """Whether a host is this machine as only it can see itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Serving:
    """An application being served. It hears of no signals: whoever runs the loop does."""

    def __init__(self, application: Any) -> None:
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            ws_max_size=_LARGEST_FRAME,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        self._task: asyncio.Task[None] | None = None

    async def start(self, listener: socket.socket) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not self._task.done():  # noqa: ASYNC110  (uvicorn has no event)
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
