"""Pictures: fetched only from where nothing of this network is, within bounds, and read or else not known."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
import zxingcpp
from PIL import Image

from qqgroup_provision.behavior.conditions import Condition, Qr
from qqgroup_provision.behavior.event import Forwarded, Message, Segment
from qqgroup_provision.behavior.event import Image as Picture
from qqgroup_provision.bot.pictures import LARGEST, MOST_PIXELS, Pictures, decoded, fetched, place_of
from qqgroup_provision.bot.records import Records
from tests.behavior.material import message, ready, reply

T = TypeVar("T")
INVITATION = "https://qm.qq.com/q/abc"


def code(text: str, kind: str = "PNG") -> bytes:
    """A picture with a QR code."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    written = io.BytesIO()
    Image.fromarray(drawn).save(written, kind)
    return written.getvalue()


def served(content: bytes, use: Callable[[str], Awaitable[T]]) -> tuple[T, list[bytes]]:
    """What comes of using the address of a server that answers everything with this, and what it was asked."""
    asked: list[bytes] = []

    async def run() -> T:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(content)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await use(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/picture")

    return asyncio.run(run()), asked


def http(body: bytes, head: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def near(url: str) -> bytes:
    place = place_of(url)
    assert place is not None
    return await fetched(url, frozenset({place}))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_a_code_is_read_from_every_kind_of_picture_that_qq_shows(kind: str) -> None:
    assert (INVITATION,) == decoded(code(INVITATION, kind))


def test_a_picture_without_a_code_has_none_and_one_that_cannot_be_read_is_not_known() -> None:
    plain = io.BytesIO()
    Image.new("L", (50, 50), 255).save(plain, "PNG")
    assert () == decoded(plain.getvalue())
    large = io.BytesIO()
    Image.new("1", (MOST_PIXELS // 1000 + 1, 1000)).save(large, "PNG")  # a few bytes that would become many
    assert len(large.getvalue()) < LARGEST
    for content in (b"", b"nonsense", b"<svg/>", large.getvalue()):
        with pytest.raises((OSError, ValueError)):
            decoded(content)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://0.0.0.0:{port}/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1:99999999/",
    ],
)
def test_nothing_of_this_machine_or_its_network_is_fetched(url: str) -> None:
    async def use(address: str) -> str:
        port = address.rsplit(":", 1)[1].partition("/")[0]
        with pytest.raises((OSError, ValueError)):
            await fetched(url.replace("{port}", port), frozenset())
        return ""

    assert [] == served(http(b"secret"), use)[1]


def test_the_servers_own_address_is_fetched_from_and_no_other_port_of_its_machine() -> None:
    assert b"picture" == served(http(b"picture"), near)[0]

    async def elsewhere(url: str) -> str:
        with pytest.raises(ValueError, match="this network"):
            await fetched(url, frozenset({("127.0.0.1", 1)}))
        return ""

    assert [] == served(http(b"secret"), elsewhere)[1]


@pytest.mark.parametrize(
    "answer",
    [
        http(b"", "302 Found\r\nLocation: http://127.0.0.1:1/"),
        http(b"no", "404 Not Found"),
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(LARGEST + 1),
    ],
)
def test_no_redirect_is_followed_and_no_more_is_read_than_a_picture_may_have(answer: bytes) -> None:
    async def refused(url: str) -> str:
        with pytest.raises((ValueError, OSError)):
            await near(url)
        return ""

    served(answer, refused)


def read(condition: Condition, content: bytes, *parts: Segment) -> Message:
    """A message after a bot with such a condition has looked at its pictures."""

    async def use(url: str) -> Message:
        there = tuple(part if not isinstance(part, Picture) else Picture(url=url) for part in parts)
        pictures = Pictures(Records(), [url])
        found = await pictures.read(message(*there), ready(reply("a", condition)))
        assert isinstance(found, Message)
        return found

    return served(content, use)[0]


def test_only_who_asks_for_codes_has_pictures_fetched() -> None:
    from qqgroup_provision.behavior.conditions import Has, Trait

    seen = read(Qr(), http(code(INVITATION)), Picture())
    assert (Picture(codes=(INVITATION,)),) == seen.segments
    assert (Picture(),) == read(Has(Trait.IMAGE), http(code(INVITATION)), Picture()).segments


def test_what_cannot_be_read_stays_unknown_and_forwarded_pictures_are_read_too() -> None:
    assert (Picture(codes=None),) == read(Qr(), http(b"nonsense"), Picture()).segments

    async def use(url: str) -> Message:
        forwarded = Forwarded(((Picture(url=url),),))
        found = await Pictures(Records(), [url]).read(message(forwarded), ready(reply("a", Qr())))
        assert isinstance(found, Message)
        return found

    found = served(http(code(INVITATION)), use)[0]
    assert (Forwarded(((Picture(codes=(INVITATION,)),),)),) == found.segments
