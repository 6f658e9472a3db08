"""A small GitHub on the loopback address: it serves lists and objects, and notes every write it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "made-up-token"
BOT = {"login": "github-actions[bot]"}


@dataclass(slots=True)
class FakeForge:
    """`lists` are answered page by page, `objects` as they are; everything below /repos/us/groups/."""

    url: str = ""
    lists: dict[str, list[Any]] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    writes: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": "us/groups", "GH_TOKEN": TOKEN}


@contextmanager
def serving() -> Iterator[FakeForge]:
    """A server that answers until the block ends."""
    forge = FakeForge()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(forge))
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(forge: FakeForge) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            path = address.path.removeprefix("/repos/us/groups/")
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.answer(401, {"message": "Bad credentials"})
            elif path in forge.lists:
                page, size = int(query["page"]), int(query["per_page"])
                self.answer(200, forge.lists[path][(page - 1) * size : page * size])
            elif path in forge.objects:
                self.answer(200, forge.objects[path])
            else:
                self.answer(404, {"message": "Not Found"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            forge.writes.append((self.command, self.path.removeprefix("/repos/us/groups/"), body))
            self.answer(201, {})

        do_PATCH = do_POST  # noqa: N815 (the name the base class looks for)

        def answer(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
            """Tests print nothing of their own."""

    return Handler
