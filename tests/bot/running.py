"""`qqgroup bot run` in a process of its own, as a test sees it: lines of JSON, and an HTTP interface."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from qqgroup_provision.workspace.behavior_document import canonical

PATIENCE = 60  # seconds after which what has not been written is not coming
INTERFACE_TOKEN, ONEBOT_TOKEN = "interface-t0ken", "s3cret-token"

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the interface answered."""

    status: int
    body: Any
    headers: Mapping[str, str]


class BotProcess:
    """A bot while it is entered. `words` are its options."""

    def __init__(self, data: Path, *words: str, folder: Path | None = None, **environment: str) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("QQGROUP_", "LC_", "LANG"))}
        tokens = {"QQGROUP_BOT_TOKEN": INTERFACE_TOKEN, "QQGROUP_ONEBOT_TOKEN": ONEBOT_TOKEN}
        tokens["QQGROUP_MILKY_TOKEN"] = ONEBOT_TOKEN
        command = [
            sys.executable,
            "-m",
            "qqgroup_provision",
            "--dir",
            str(folder or data),
            "--lang",
            "en",
            "bot",
            "run",
        ]
        command += [
            "--data",
            str(data),
            "--interface",
            "127.0.0.1:0",
            "--group-pause",
            "10ms",
            "--account-pause",
            "5ms",
        ]
        self.lines: list[Line] = []
        self.seen = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            [*command, *words],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            env={**kept, **tokens, **environment},
            cwd=data.parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> BotProcess:
        try:
            self.line("started")
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(signal.SIGKILL)

    def kill(self) -> None:
        """The power fails."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; gives its exit code."""
        return self._end(signal.SIGTERM)

    def line(self, event: str, wanted: Callable[[Line], object] = lambda _: True) -> Line:
        """Wait until a line of this event is there that fits."""

        def found() -> Line | None:
            return next((one for one in self.lines if one.get("event") == event and wanted(one)), None)

        with self.seen:
            self.seen.wait_for(lambda: self._ended or found() is not None, PATIENCE)
            line = found()
            assert line is not None, f"no {event}; written were {self.lines}"
            return line

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = INTERFACE_TOKEN, **headers: str
    ) -> Answer:
        """Use the interface. A mapping is sent as JSON; `_` in names of headers is `-`."""
        content = canonical(body) if isinstance(body, Mapping) else body
        request = urllib.request.Request(
            f"http://{self.line('started')['interface']}{path}",
            data=content,
            method=method,
            headers={key.replace("_", "-"): value for key, value in headers.items()},
        )
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, _read(answer.read()), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _read(error.read()), dict(error.headers))

    def put(self, document: Mapping[str, Any], before: str = "") -> str:
        """Put a document in force in place of another one; gives its ETag."""
        condition = {"If_Match": before} if before else {"If_None_Match": "*"}
        answer = self.ask("PUT", f"/v1/groups/{document['id']}/behavior", document, **condition)
        assert answer.status == 200, answer
        etag: str = answer.headers["etag"]
        return etag

    def _end(self, number: int) -> int:
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(PATIENCE)
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()
        return code

    def _read(self) -> None:
        assert self._process.stderr is not None
        for written in self._process.stderr:
            assert INTERFACE_TOKEN not in written
            assert ONEBOT_TOKEN not in written
            with self.seen:
                self.lines.append(
                    json.loads(written) if written.startswith("{") else {"event": "text", "text": written}
                )
                self.seen.notify_all()
        with self.seen:
            self._ended = True
            self.seen.notify_all()


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content
