"""A server that keeps state by the protocol of Terraform, as GitLab, as Gitea, or as a plain one does.

GitLab: POST and DELETE at `…/lock`; 409 for a lock that is held, with the asker's own words in the answer; every
`serial` once. Gitea: the same methods; 423; a document that does not look like Terraform's own is refused; 201.
Plain: LOCK and UNLOCK at the address itself, 423 with the holder's note.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "keeper", "right-secret"
_AUTHORIZED = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_PATHS = {
    "gitlab": "/api/v4/projects/1/terraform/state/qq",
    "gitea": "/api/packages/someone/terraform/state/qq",
    "plain": "/states/qq",
}
Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class WebStates:
    """One state and its lock. `trouble` may answer in place of the server, or after it did its work."""

    flavour: str
    url: str = ""
    content: bytes = b""
    serials: list[int] = field(default_factory=list)
    lock: dict[str, Any] | None = None
    locks: bool = True  # whether the lock is one
    requests: list[tuple[str, str]] = field(default_factory=list)
    trouble: Callable[[str, str], Answer | str | None] = lambda *_: None
    busy: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return self.url + _PATHS[self.flavour]

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        parts = urlsplit(target)
        path, given = parts.path, parse_qs(parts.query).get("ID", [None])[0]
        state = _PATHS[self.flavour]
        lock_path = state if self.flavour == "plain" else f"{state}/lock"
        take, free = ("LOCK", "UNLOCK") if self.flavour == "plain" else ("POST", "DELETE")
        if path == lock_path and method == take:
            return self._take(json.loads(body))
        if path == lock_path and method == free:
            return self._free(json.loads(body).get("ID", given))
        if path == state and method == "GET":
            return self._get()
        if path == state and method == "POST":
            return self._post(given, body)
        return 404, b"404 page not found", {}

    def _get(self) -> Answer:
        if not self.content:
            return (204 if self.flavour == "gitlab" else 404), b"", {}
        return 200, self.content, {"Content-MD5": _md5(self.content)}

    def _post(self, given: str | None, body: bytes) -> Answer:
        taken = 409 if self.flavour == "gitlab" else 423
        if (self.lock or {}).get("ID") != given and not (self.lock is None and self.flavour == "plain"):
            return taken, b"locked", {}
        document = json.loads(body)
        if self.flavour == "gitea":
            wanted = [document["terraform_version"], document["lineage"], document["serial"]]
            if document["version"] != 4 or not all(wanted) or None in (document["resources"], document["outputs"]):
                return 400, b"state version is not supported", {}
        if self.flavour != "plain" and document["serial"] in self.serials:
            return (422 if self.flavour == "gitlab" else 409), b"version exists already", {}
        self.content = body
        self.serials.append(document["serial"])
        return (201 if self.flavour == "gitea" else 200), b"", {}

    def _take(self, note: dict[str, Any]) -> Answer:
        assert {"ID", "Operation", "Info", "Who", "Version", "Created", "Path"} == note.keys()
        if self.lock is not None and self.locks:
            told = {**note, **{key: self.lock[key] for key in ("ID", "Who", "Created")}}
            said = told if self.flavour == "gitlab" else self.lock
            return (409 if self.flavour == "gitlab" else 423), json.dumps(said).encode(), {}
        self.lock = note
        return 200, b"", {}

    def _free(self, given: str | None) -> Answer:
        if self.lock is not None and self.lock["ID"] != given:
            return (409 if self.flavour == "gitlab" else 423), json.dumps(self.lock).encode(), {}
        self.lock = None
        return 200, b"", {}


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that went away before its answer was meant to."""


@contextmanager
def web_states(flavour: str) -> Iterator[WebStates]:
    """A server on loopback."""
    states = WebStates(flavour)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != _AUTHORIZED:
                return self._send((401, b"", {}))
            with states.busy:
                states.requests.append((self.command, self.path))
                instead = states.trouble(self.command, self.path)
                if isinstance(instead, tuple):
                    return self._send(instead)
                answer = states.answer(self.command, self.path, body)
            if instead == "lost":  # done, and never told
                self.close_connection = True
                return None
            return self._send(answer)

        def _send(self, answer: Answer) -> None:
            status, body, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 204:
                self.wfile.write(body)

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    states.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield states
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
