"""An S3 server of the tests' own, on loopback: moto's, with every request on its own, since S3 decides in one moment
what moto looks at in two."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.objects import Bucket, Objects

BUCKET = "states"
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Buckets:
    """A server. With `blind` it does not look at conditions; `trouble` may keep an answer back after its work, or
    answer with a status of its own."""

    url: str = ""
    blind: frozenset[str] = frozenset()
    trouble: Callable[[str, str], int | str | None] = lambda *_: None
    requests: list[tuple[str, str]] = field(default_factory=list)

    def bucket(self, name: str = BUCKET, timeout: float = 20.0) -> Bucket:
        return Bucket(name, "us-east-1", self.url, Secret("key-id"), Secret("right-secret"), timeout=timeout)

    def objects(self) -> Objects:
        return Objects(self.bucket())


@contextmanager
def buckets() -> Iterator[Buckets]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    inner: Application = DomainDispatcherApplication(create_backend_app)
    served = Buckets()
    one = threading.Lock()

    def application(environment: dict[str, Any], start: Any) -> Iterable[bytes]:
        method, path = environment["REQUEST_METHOD"], environment["PATH_INFO"]
        for header in served.blind:
            environment.pop(header, None)
        with one:
            served.requests.append((method, path))
            instead = served.trouble(method, path)
            if isinstance(instead, int):
                start(f"{instead} Trouble", [("Content-Length", "0")])
                return [b""]
            body = list(inner(environment, start))
            if instead == "lost":
                environment["werkzeug.socket"].close()  # done, and never told
            return body

    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        assert httpx.put(f"{served.url}/{BUCKET}").is_success
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
