"""How requests travel: over HTTP or over one WebSocket. Who calls does not know which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from qqgroup_provision.platforms.clock import Clock
from qqgroup_provision.platforms.http import Http, HttpAnswer
from qqgroup_provision.platforms.websocket import WebSocket


class Transport(Protocol):
    """Carries requests to one endpoint. `sent` counts them, `clock` is what they tell of the time there."""

    sent: int
    clock: Clock

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        """Send one request with a JSON body, once. Raises `HttpFault`.

        `patience` is in seconds until an answer has to be there, where that is not as for other requests.
        """

    async def close(self) -> None: ...


def transport_to(url: str, headers: Mapping[str, str], in_flight: int, timeout: float) -> Transport:
    """What carries requests to an address, by its scheme. Nothing is opened before the first one."""
    carrier = WebSocket if url.startswith(("ws://", "wss://")) else Http
    return carrier(url, dict(headers), in_flight, timeout)
