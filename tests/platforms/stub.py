"""A server on loopback that answers each action as a test tells it to, OneBot's and Milky's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from qqgroup_provision.platforms.connection import Connection, EndpointSettings, connect
from qqgroup_provision.secrets import Secret

VERSION = {"app_name": "LLOneBot", "protocol_version": "v11", "app_version": "8.1.7"}
LOGIN = {"user_id": 100000000, "nickname": "小助手"}
IMPL = {"impl_name": "LLBot", "impl_version": "8.1.7", "milky_version": "1.2"}
UIN = {"uin": LOGIN["user_id"], "nickname": LOGIN["nickname"]}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: a status, a body and headers. `cut` sends half of the body and closes."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


def ok(data: Any) -> Answer:
    return Answer(json.dumps({"status": "ok", "retcode": 0, "data": data}).encode())


def failed(words: str, retcode: int = 200, **more: Any) -> Answer:
    return Answer(json.dumps({"status": "failed", "retcode": retcode, "message": words, **more}).encode())


class Stub:
    """`answers` is by action; what it does not hold is answered with `otherwise`. `gets` are by path."""

    def __init__(self) -> None:
        self.gets: dict[str, Answer] = {}
        self.url = ""
        self.answers: dict[str, Answer | Callable[[], Answer]] = {}
        self.otherwise = failed("不支持的Api")
        self.requests: list[tuple[str, Mapping[str, str], Any]] = []
        self.introduce()

    def introduce(self, version: Any = VERSION, login: Any = LOGIN) -> None:
        self.answers = {"get_version_info": ok(version), "get_login_info": ok(login)}

    def introduce_milky(self, impl: Any = IMPL, login: Any = UIN) -> None:
        self.answers = {"get_impl_info": ok(impl), "get_login_info": ok(login)}

    def asked(self) -> list[str]:
        """The actions since this was last asked."""
        found = [action for action, *_ in self.requests]
        self.requests.clear()
        return found

    async def connect(
        self, token: str = "", url: str = "", read_timeout: float = 30.0, protocol: str = "onebot11"
    ) -> Connection:
        return await connect(
            EndpointSettings("main", url or self.url, Secret(token), protocol, read_timeout=read_timeout, settle=0)
        )


@contextmanager
def stub() -> Iterator[Stub]:
    found = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            action = self.path.strip("/").removeprefix("api/")
            found.requests.append((action, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = found.answers.get(action, found.otherwise)
            self.answer(answer if isinstance(answer, Answer) else answer())

        def do_GET(self) -> None:
            if self.path.strip("/") not in found.gets:
                self.send_error(501)
                return
            found.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, None))
            self.answer(found.gets[self.path.strip("/")])

        def answer(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
            self.close_connection = answer.cut

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that went away

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
