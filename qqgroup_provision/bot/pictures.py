"""QR codes in pictures: fetched from where the server says that they are, and decoded in a thread of their own.

Only for groups with a condition that asks for them. What cannot be fetched or read has no codes that are known, and
then no condition about them holds. Addresses come from a server, and a server may be told things by strangers:
nothing on this machine or in its network is fetched but from the very address at which a server of ours listens.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from qqgroup_provision.behavior.event import Event, Forwarded, Image, Message, Segment, parts_of
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.records import Records

MOST = 4  # pictures of one message that are looked at
LARGEST = 8 << 20  # bytes of one
MOST_PIXELS = 25_000_000
PATIENCE = 10.0  # seconds for all pictures of one message
_LONGEST_CODE = 1000  # characters
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

Place = tuple[str, int]  # host and port


class Pictures:
    """Reads them. `servers` are the addresses of the servers that the bot itself connects to."""

    def __init__(self, records: Records, servers: Iterable[str] = ()) -> None:
        self._records = records
        self._near = frozenset(place for place in map(place_of, servers) if place is not None)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="pictures")  # made when they are needed

    async def read(self, event: Event, prepared: Prepared) -> Event:
        """The event with what the QR codes of its pictures say, if anybody asks for that."""
        if not prepared.codes or not isinstance(event, Message):
            return event
        found = (part.url for part in parts_of(event.segments) if isinstance(part, Image) and part.codes is None)
        addresses = list(dict.fromkeys(url for url in found if url))[:MOST]
        if not addresses:
            return event
        codes: dict[str, tuple[str, ...]] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                for url in addresses:
                    codes[url] = await self._codes(url)
        except Exception as error:
            self._records.write("unread", group=event.group, error=type(error).__name__, reason=str(error)[:300])
        return replace(event, segments=_with(event.segments, codes))

    async def _codes(self, url: str) -> tuple[str, ...]:
        content = await fetched(url, self._near)
        return await asyncio.get_running_loop().run_in_executor(self._threads, decoded, content)


def place_of(url: str) -> Place | None:
    """Host and port of an address; `None` for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


async def fetched(url: str, near: frozenset[Place]) -> bytes:
    """The content at an address. Raises where it is not one that may be asked, or what is there is too much."""
    import aiohttp

    place = place_of(url)
    if place is None or not url.startswith(("http://", "https://")):
        raise ValueError("no address")
    if place not in near and _is_number(place[0]) and not _is_public(place[0]):
        raise ValueError("an address of this network")
    limits = aiohttp.ClientTimeout(total=PATIENCE)
    connector = aiohttp.TCPConnector(resolver=_resolver(place in near), force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=limits, trust_env=False) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        if answer.status != 200:
            raise ValueError(f"HTTP {answer.status}")
        content = bytearray()
        async for part in answer.content.iter_chunked(1 << 16):
            content += part
            if len(content) > LARGEST:
                raise ValueError("a larger picture than is looked at")
        return bytes(content)


def decoded(content: bytes) -> tuple[str, ...]:
    """What the QR codes in a picture say. Raises where it is none that can be read, or has too many pixels."""
    import zxingcpp
    from PIL import Image as Pillow

    with Pillow.open(BytesIO(content), formats=_FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("more pixels than are looked at")
        gray = picture.convert("L")
    found = zxingcpp.read_barcodes(gray, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return tuple(dict.fromkeys(one.text[:_LONGEST_CODE] for one in found if one.text))


def _with(segments: tuple[Segment, ...], codes: Mapping[str, tuple[str, ...]]) -> tuple[Segment, ...]:
    return tuple(_seen(part, codes) for part in segments)


def _seen(part: Segment, codes: Mapping[str, tuple[str, ...]]) -> Segment:
    if isinstance(part, Image) and part.url in codes:
        return replace(part, codes=codes[part.url])
    if isinstance(part, Forwarded):
        return Forwarded(tuple(_with(message, codes) for message in part.messages))
    return part


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(number, "ipv4_mapped", None)
    return (inner or number).is_global and not number.is_multicast


def _resolver(near: bool) -> Any:
    """Looks up names, and forgets what lies in this network: a name can be made to lead anywhere."""
    from aiohttp.abc import AbstractResolver
    from aiohttp.resolver import ThreadedResolver

    class Public(AbstractResolver):
        def __init__(self) -> None:
            self._inner = ThreadedResolver()

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[Any]:
            found = await self._inner.resolve(host, port, family)
            kept = [one for one in found if near or _is_public(one["host"])]
            if not kept:
                raise OSError("an address of this network")
            return kept

        async def close(self) -> None:
            await self._inner.close()

    return Public()
