"""An endpoint behind TLS: what it shows has to be vouched for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import trustme

from qqgroup_provision.platforms.http import Http, HttpAnswer, Unreachable
from qqgroup_provision.platforms.websocket import WebSocket


class Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.seen.append(self.headers)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(certificate: Path | None) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        server.seen = []  # type: ignore[attr-defined]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def ask(address: str, times: int = 1) -> list[HttpAnswer]:
    http = Http(address, {"Authorization": "Bearer t"}, 4, 5.0)
    try:
        return [await http.post("x", b"{}") for _ in range(times)]
    finally:
        await http.close()


def test_a_certificate_nobody_vouches_for_is_refused_before_the_token_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "own.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(file))
    with served(file) as server:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            asyncio.run(ask(f"https://127.0.0.1:{server.server_port}"))
        assert [] == server.seen  # type: ignore[attr-defined]


def test_a_websocket_behind_a_certificate_nobody_vouches_for_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "own.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(file))

    async def open_it(port: int) -> None:
        line = WebSocket(f"wss://127.0.0.1:{port}", {"Authorization": "Bearer t"}, 1, 5.0)
        try:
            await line.post("x", b"{}")
        finally:
            await line.close()

    with served(file) as server:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            asyncio.run(open_it(server.server_port))
        assert [] == server.seen  # type: ignore[attr-defined]


def test_cookies_of_an_endpoint_are_not_kept() -> None:
    with served(None) as server:
        asyncio.run(ask(f"http://localhost:{server.server_port}", times=2))
        assert [None, None] == [headers["Cookie"] for headers in server.seen]  # type: ignore[attr-defined]
        assert ["Bearer t"] * 2 == [headers["Authorization"] for headers in server.seen]  # type: ignore[attr-defined]
