"""A client that runs in a process of its own, as the test sees it (clients/lines.py)."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds after which what has not been heard is not coming

Line = dict[str, Any]


class Client:
    """One client. It ends when it is left."""

    def __init__(self, module: str, **argument: Any) -> None:
        self._numbers = itertools.count(1)
        self._lines: list[Line] = []
        self._events: Counter[str] = Counter()  # by bot, those of connections not counted
        self._heard = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.contracts.clients.{module}", json.dumps(argument)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._process.stdout.close()

    def ask(self, bot: int | str, action: str, **params: Any) -> Line:
        """Have a bot call an action; gives a line with `answer` or `failed`."""
        number = next(self._numbers)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"n": number, "bot": str(bot), "call": action, "params": params}) + "\n")
        self._process.stdin.flush()
        return self.hear(lambda line: line.get("n") == number)

    def call(self, bot: int | str, action: str, **params: Any) -> Any:
        """Have a bot call an action, and be answered well."""
        line = self.ask(bot, action, **params)
        assert "answer" in line, line
        return line["answer"]

    def connected(self, bot: int) -> None:
        """Wait until a bot is connected."""
        self.hear(lambda line: line.get("connected") == str(bot))

    def event(
        self, bot: int, kind: str = "", *, name: str = "", where: Callable[[Line], object] = lambda _: True
    ) -> Line:
        """Wait for an event of a bot, of a class and with a name, and take it. `where` judges its fields."""

        def fits(line: Line) -> bool:
            event = line.get("event")
            if event is None or event["bot"] != str(bot):
                return False
            return kind in ("", event.get("class")) and name in ("", event["name"]) and bool(where(event["fields"]))

        found: Line = self.hear(fits)["event"]
        return found

    def did(self, bot: int) -> Any:
        """Wait until a bot has acted because of an event; gives what it was answered."""
        return self.hear(lambda line: "did" in line and line["bot"] == str(bot))["did"]

    def heard(self, bot: int, count: int) -> list[Line]:
        """Wait until a bot has heard of so many events since it was started, and take all that were not taken."""
        with self._heard:
            self._heard.wait_for(lambda: self._ended or self._events[str(bot)] >= count, PATIENCE)
            assert self._events[str(bot)] == count, (count, self._events, self._lines)
            found = [line for line in self._lines if "event" in line and _of(line) == str(bot)]
            self._lines = [line for line in self._lines if line not in found]
        return [line["event"] for line in found]

    def forget(self, bot: int) -> None:
        """Everything heard of a bot so far is of no interest any more."""
        with self._heard:
            self._lines = [line for line in self._lines if "trouble" in line or _of(line) != str(bot)]

    def troubles(self) -> list[str]:
        """What could not be read so far, and what else went wrong."""
        with self._heard:
            return [line["trouble"] for line in self._lines if "trouble" in line]

    def hear(self, fits: Callable[[Line], bool]) -> Line:
        """Wait for a line, and take it."""

        def found() -> Line | None:
            return next((line for line in self._lines if fits(line)), None)

        with self._heard:
            self._heard.wait_for(lambda: self._ended or found() is not None, PATIENCE)
            line = found()
            assert line is not None, f"not heard; heard were: {self._lines}"
            self._lines.remove(line)
        return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        for written in self._process.stdout:
            line: Line = json.loads(written) if written.startswith("{") else {"trouble": written}
            event = line.get("event")
            with self._heard:
                self._lines.append(line)
                self._events[_of(line)] += event is not None and not event["name"].startswith("meta_event")
                self._heard.notify_all()
        with self._heard:
            self._ended = True
            self._heard.notify_all()


def _of(line: Line) -> str:
    """The bot that a line is about, empty for none."""
    return str(line.get("event", line).get("bot", ""))
