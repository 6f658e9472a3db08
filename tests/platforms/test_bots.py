"""A bot's interface as its client takes it: what is asked again, and what is not."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from qqgroup_provision.platforms.bots import Bot
from qqgroup_provision.ports import Absent, Known, Unknown, WriteRefused
from qqgroup_provision.secrets import Secret

NOTHING = (404, {}, b'{"code": "no_behavior"}')


@contextmanager
def answering(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers one after the other, the last one for ever; and what it was asked."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(self.command)
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def read(url: str) -> object:
    bot = Bot(url, Secret("t"))
    try:
        return await bot.behavior(731000001)
    finally:
        await bot.close()


async def deliver(url: str) -> None:
    bot = Bot(url, Secret("t"))
    try:
        await bot.deliver(731000001, b'{"assets": {}}', "", lambda *_: b"")
    finally:
        await bot.close()


def test_a_bot_that_is_asked_too_often_is_asked_again_when_it_says() -> None:
    with answering((429, {"Retry-After": "0"}, b""), NOTHING) as (url, asked):
        assert Absent() == asyncio.run(read(url))

    assert ["GET", "GET"] == asked


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}, {"Retry-After": "86400"}, {"Retry-After": "-1"}])
def test_one_that_does_not_say_when_or_not_soon_is_asked_once(headers: dict[str, str]) -> None:
    with answering((429, headers, b"")) as (url, asked):
        assert isinstance(asyncio.run(read(url)), Unknown)

    assert ["GET"] == asked


def test_a_document_that_is_refused_for_ever_is_refused_and_was_not_taken() -> None:
    with answering((429, {"Retry-After": "0"}, b"")) as (url, asked), pytest.raises(WriteRefused):
        asyncio.run(deliver(url))

    assert ["PUT"] * 3 == asked


@pytest.mark.parametrize(("lists", "believed"), [({"a": {"sha256": "0"}}, True), ([], False), ({"a": {}}, False)])
def test_lists_of_hosts_that_are_none_make_a_document_that_is_not_believed(lists: object, believed: bool) -> None:
    document: dict[str, object] = {"name": "", "timezone": "", "roles": {}, "other_bots": [], "order": {}}
    document |= {"items": {}, "assets": {}, "lists": lists}
    body = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"'}
    with answering((200, headers, body)) as (url, _):
        assert believed is isinstance(asyncio.run(read(url)), Known)
