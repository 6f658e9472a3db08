"""Downloads what a server gives an address for. The bytes are from strangers, and so is their number.

No token goes along, no redirect is followed, and no more is read than was promised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp

from qqgroup_provision.messages import Text, say
from qqgroup_provision.platforms.http import new_session

_PART = 1 << 18  # bytes that are held at once
_WAIT = 30.0  # seconds without a byte
_PATIENCE, _SLOWEST = 60.0, 64 << 10  # seconds, and bytes a second, that a whole file may take


class NotDownloaded(Exception):
    """It could not be had, or it is not what it was said to be. What came until then has been written."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


async def fetch(url: str, size: int, write: Callable[[bytes], object]) -> int:
    """Give `write` all of what is at the address, which has to have `size` bytes. Raises `NotDownloaded`."""
    if not _is_web(url):
        raise NotDownloaded(say("the address for the download is none of the web"))
    got = 0
    try:
        async with (
            asyncio.timeout(_PATIENCE + size / _SLOWEST),
            new_session(url, 1) as session,
            session.get(
                url,
                allow_redirects=False,
                headers={"Accept-Encoding": "identity"},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_WAIT, sock_read=_WAIT),
            ) as answer,
        ):
            if answer.status != 200:
                raise NotDownloaded(say("the download was answered with HTTP {status}", status=answer.status))
            async for part in answer.content.iter_chunked(_PART):
                got += len(part)
                if got > size:
                    break
                write(part)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        problem = str(error)[:200] or type(error).__name__
        raise NotDownloaded(say("the download broke off: {problem}", problem=problem)) from None
    if got != size:
        raise NotDownloaded(say("the download is not of {size} bytes, as the list says", size=size))
    return got


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
