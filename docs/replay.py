"""Runs the commands that walk-throughs show and puts what they print below them.

A page says what to do in comments, each before the fenced block it is about:

    <!-- file: my-groups/workspace.yaml -->   the block is written to that file
    <!-- serve -->                            the block's command is started and serves until the page ends
    <!-- run -->                              the block's commands are run, and their output is put below them
    <!-- do: COMMAND -->                      the command is run and not shown; there is no block

Every page has a folder and a simulated world of its own. The port 3000 of a page is a free one here. What
differs from run to run (times, identifiers) is no reason to change a page.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_BLOCK = re.compile(
    r"<!-- do: (?P<hidden>[^\n]+) -->|<!-- (file: (?P<file>\S+)|serve|run) -->\n\n?```\w+\n(?P<body>.*?)```\n",
    re.DOTALL,
)
_VOLATILE = re.compile(
    r"\d+\.\d+(?= )|\d{4}-\d\d-\d\dT[\d:.+]+|[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{64}\b|\S+@\S+, process \d+"
)
_PORT = "3000"
_NOT_A_READERS = ("QQGROUP_", "FORCE_", "COVERAGE_")


def pages(docs: Path) -> Iterator[tuple[Path, str]]:
    """Every page that shows commands at work, as it should be."""
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if "<!-- run -->" in text:
            yield path, replayed(text, "zh_CN" if "zh-CN" in path.parts else "en")


def replayed(text: str, language: str) -> str:
    """A page with the output of its commands."""
    with tempfile.TemporaryDirectory(prefix="qqgroup-docs-") as folder:
        terminal = _Terminal(Path(folder), language)
        try:
            return _BLOCK.sub(lambda match: _block(match, terminal), text)
        finally:
            terminal.close()


def _block(match: re.Match[str], terminal: _Terminal) -> str:
    if match["hidden"]:
        terminal.run(match["hidden"])
        return match[0]
    body = match["body"]
    if match["file"]:
        terminal.write(match["file"], body)
        return match[0]
    shown = "".join(terminal.run(line, serve=match[2] == "serve") for line in commands(body))
    if _VOLATILE.sub("#", shown) == _VOLATILE.sub("#", body):
        return match[0]
    return match[0].replace(body, shown)


def commands(body: str) -> list[str]:
    """The commands of a console block. One that ends in a backslash goes on in the next line."""
    found: list[str] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif found and found[-1].endswith("\\"):
            found[-1] += f"\n{line}"
    return found


class _Terminal:
    """A shell in a folder, as a reader would have it."""

    def __init__(self, folder: Path, language: str) -> None:
        self._folder = folder
        self._port = _free_port()
        self._servers: list[subprocess.Popen[str]] = []
        self._code = 0
        # Coverage would be measured in every one of many processes, which takes longer than what they do.
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_A_READERS)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
        self._environment = {**kept, "PATH": path, "QQGROUP_LANG": language, "NO_COLOR": "1", "COLUMNS": "100"}

    def write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(_PORT, self._port), encoding="utf-8")

    def run(self, command: str, *, serve: bool = False) -> str:
        """The command as it is shown, and what it prints."""
        shown = f"$ {command}\n"
        if command.startswith("export "):
            name, _, value = shlex.split(command)[1].partition("=")
            self._environment[name] = value
            return shown
        if command == "echo $?":
            return f"{shown}{self._code}\n"
        if serve:
            return shown + self._serve(command)
        done = subprocess.run(
            ["bash", "-c", command.replace(_PORT, self._port)],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        self._code = done.returncode
        printed = done.stdout.replace(self._port, _PORT).rstrip("\n")
        return f"{shown}{printed}\n" if printed else shown

    def close(self) -> None:
        for server in self._servers:
            server.send_signal(signal.SIGTERM)
            server.communicate()

    def _serve(self, command: str) -> str:
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self._folder,
            env={**self._environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._servers.append(server)
        assert server.stdout is not None
        return "".join(server.stdout.readline() for _ in range(2)).replace(self._port, _PORT)


def _free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])
