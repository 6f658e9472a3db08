"""Requests over HTTP: with websocket.py the only place where requests leave the process.

There are no cookies, no redirects (a token must not follow one to another host), no proxies and no decompression
here. aiohttp is used as it is: what lies between it and a caller costs as much time as it does itself.
"""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import aiohttp
from yarl import URL

from qqgroup_provision.platforms.clock import Clock

MAX_ANSWER_BYTES = 32 << 20
# Seconds an unused connection is kept. Node, on which the common implementations run, closes them after five;
# a request sent just then would be lost, and for a write that means not knowing whether it was done.
_KEPT = 4
_NONE: Mapping[str, str] = MappingProxyType({})
_CONNECT = 10.0  # seconds until a connection has to be made
_LARGE = 1 << 20  # bytes: what is larger is sent piece by piece, so that other requests are not held up


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as it came. `retry_after` and `etag` are the headers of these names, or empty."""

    status: int
    body: bytes
    retry_after: str = ""
    etag: str = ""


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
    """Sends requests to one endpoint. `in_flight` bounds how many wait for an answer at once."""

    def __init__(self, base_url: str, headers: dict[str, str], in_flight: int, timeout: float) -> None:
        self.sent = 0
        self.clock = Clock()
        self._base = base_url
        self._urls: dict[str, URL] = {}
        # No compression: answers come from near by, and a small one must not unpack to a large one.
        self._headers = {**headers, "Content-Type": "application/json", "Accept-Encoding": "identity"}
        self._in_flight = in_flight
        self._slots = asyncio.Semaphore(in_flight)
        self._timeout = _timeout(timeout)
        self._session: aiohttp.ClientSession | None = None  # until something is sent: it belongs to an event loop

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        """Send one request, once. Raises `HttpFault`."""
        timeout = self._timeout if patience is None else _timeout(patience)
        async with self._slots:
            self.sent += 1
            with _faults():
                if self._session is None:
                    self._session = new_session(self._base, self._in_flight)
                asked = self._session.post(
                    self._url(path),
                    data=body if len(body) <= _LARGE else io.BytesIO(body),
                    headers=self._headers,
                    allow_redirects=False,
                    auto_decompress=False,
                    timeout=timeout,
                )
                async with asked as response:
                    content = await _bounded(response)
        self.clock.tell(response.headers.get("Date", ""))
        retry_after = response.headers.get("retry-after", "") if response.status == 429 else ""
        return HttpAnswer(response.status, content, retry_after)

    def _url(self, path: str) -> URL:
        known = self._urls.get(path)
        if known is None:
            known = self._urls[path] = URL(f"{self._base}/{path}")
        return known

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=seconds)


def new_session(url: str, connections: int, traces: list[aiohttp.TraceConfig] | None = None) -> aiohttp.ClientSession:
    """What is sent through; made when something first is, as that has to be in the event loop."""
    tls = _vouched() if url.startswith(("https:", "wss:")) else True
    connector = aiohttp.TCPConnector(limit=connections, keepalive_timeout=_KEPT, ssl=tls)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=traces)


def _vouched() -> ssl.SSLContext:
    """Whom to believe: those whom `SSL_CERT_FILE` or `SSL_CERT_DIR` names, else those of certifi."""
    import httpx

    return httpx.create_ssl_context()


@contextmanager
def _faults() -> Iterator[None]:
    """What can go wrong, by the only thing that matters to a write: whether it can have arrived."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        raise Unreachable(_problem(error)) from None
    except TimeoutError as error:
        raise Silent(_problem(error)) from None
    except (aiohttp.ClientError, OSError) as error:
        raise Broken(_problem(error)) from None
    except ValueError as error:  # no host can have such a name
        raise Unreachable(_problem(error)) from None


def _problem(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """The whole answer, unless it is too large: one that says its length gives no more than that."""
    if response.content_length is not None and response.content_length <= MAX_ANSWER_BYTES:
        return await response.read()
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise AnswerTooLarge
        parts.append(part)
    return b"".join(parts)
