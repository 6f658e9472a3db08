"""Requests over HTTP: with websocket.py the only place where requests leave the process.

httpx's own connection pool scans every connection at every request, so that more requests in flight make it
slower; aiohttp's does not. The transport is used without httpx's client: there are no cookies, no redirects
(a token must not follow one to another host) and no proxies here, and half of the time would be spent on them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

MAX_ANSWER_BYTES = 32 << 20
# Seconds an unused connection is kept. Node, on which the common implementations run, closes them after five;
# a request sent just then would be lost, and for a write that means not knowing whether it was done.
_KEPT = 4


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as it came. `retry_after` is the header of that name, or empty."""

    status: int
    body: bytes
    retry_after: str = ""


class HttpFault(Exception):
    """No answer came. Says what the system says of it."""


class Unreachable(HttpFault):
    """No connection was made, so nothing was sent."""


class Silent(HttpFault):
    """The request was sent, and no answer came in time. What it asked for may be done."""


class Broken(HttpFault):
    """The connection broke before the whole answer was there. What was asked for may be done."""


class AnswerTooLarge(HttpFault):
    """The answer is larger than any list of ours can be."""


class Http:
    """Sends POST requests to one endpoint. `in_flight` bounds how many wait for an answer at once."""

    def __init__(self, base_url: str, headers: dict[str, str], in_flight: int, timeout: float) -> None:
        self.sent = 0
        self._base = base_url
        self._urls: dict[str, httpx.URL] = {}
        # No compression: answers come from near by, and a small one must not unpack to a large one.
        self._headers = httpx.Headers({**headers, "Content-Type": "application/json", "Accept-Encoding": "identity"})
        self._slots = asyncio.Semaphore(in_flight)
        # The transport's own TLS settings are not used, as the session brings them, and loading the system's
        # certificates twice takes longer than reading a group.
        self._transport = AiohttpTransport(verify=False, client=lambda: new_session(base_url, in_flight))
        self._timeouts = {"connect": 10.0, "read": timeout, "write": timeout, "pool": timeout}

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        """Send one request, once. Raises `HttpFault`."""
        timeouts = self._timeouts if patience is None else {**self._timeouts, "read": patience}
        async with self._slots:
            self.sent += 1
            with _faults():
                request = httpx.Request(
                    "POST",
                    self._url(path),
                    headers=self._headers,
                    content=body,
                    extensions={"timeout": timeouts},
                )
                response = await self._transport.handle_async_request(request)
                try:
                    content = await _bounded(response)
                finally:
                    await response.aclose()
        retry_after = response.headers.get("retry-after", "") if response.status_code == 429 else ""
        return HttpAnswer(response.status_code, content, retry_after)

    def _url(self, path: str) -> httpx.URL:
        known = self._urls.get(path)
        if known is None:
            known = self._urls[path] = httpx.URL(f"{self._base}/{path}")
        return known

    async def close(self) -> None:
        await self._transport.aclose()


def new_session(url: str, connections: int, traces: list[aiohttp.TraceConfig] | None = None) -> aiohttp.ClientSession:
    """What is sent through; made when something first is, as that has to be in the event loop."""
    tls = httpx.create_ssl_context() if url.startswith(("https:", "wss:")) else True
    connector = aiohttp.TCPConnector(limit=connections, keepalive_timeout=_KEPT, ssl=tls)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=traces)


@contextmanager
def _faults() -> Iterator[None]:
    """What can go wrong, by the only thing that matters to a write: whether it can have arrived.

    Judged by aiohttp's own error: translated to httpx's, a connection that broke after the request was sent
    and one that was never made are the same.
    """
    try:
        yield
    except httpx.TransportError as error:
        cause, problem = error.__cause__, str(error)[:200] or type(error).__name__
        if isinstance(cause, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)):
            raise Unreachable(problem) from None
        if isinstance(cause, TimeoutError):
            raise Silent(problem) from None
        raise Broken(problem) from None
    except (httpx.InvalidURL, UnicodeError) as error:  # no host can have such a name
        raise Unreachable(str(error)[:200]) from None


async def _bounded(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise AnswerTooLarge
        parts.append(part)
    return b"".join(parts)
