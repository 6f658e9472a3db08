"""A command on a terminal of its own, as somebody sits before it. Only where the system has such terminals."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
_PATIENCE = 60.0  # seconds after which a test that waits for something has failed


class OnTerminal:
    """A process whose input and output are a terminal, and everything it has written there."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], columns: int) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self._process = subprocess.Popen(
            command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._written = b""

    @property
    def raw(self) -> str:
        return self._written.decode()

    @property
    def text(self) -> str:
        """What was written, without what moves the cursor and colours."""
        return _CONTROL.sub("", self.raw)

    def wait_for(self, words: str) -> None:
        """Wait until these words have been written."""
        deadline = time.monotonic() + _PATIENCE
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            assert self._read() or words in self.text, self.text

    def type(self, words: str) -> None:
        """Press these keys; nobody minds if the process has ended meanwhile."""
        with suppress(OSError):
            os.write(self._ours, words.encode())

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        deadline = time.monotonic() + _PATIENCE
        while self._read():
            assert time.monotonic() < deadline, self.text
        return self._process.wait(_PATIENCE)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)

    def _read(self) -> bool:
        """Take what was written meanwhile; false once nobody can write any more."""
        if not select.select([self._ours], [], [], 0.2)[0]:
            return True
        try:
            part = os.read(self._ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self._written += part
        return bool(part)


@contextmanager
def on_terminal(command: Sequence[str], environment: dict[str, str], columns: int = 100) -> Iterator[OnTerminal]:
    """Start a command on a terminal of so many columns."""
    chosen = {"TERM": "xterm-256color", **environment}
    chosen.pop("COLUMNS", None)
    process = OnTerminal(command, chosen, columns)
    try:
        yield process
    finally:
        process.close()
    assert "Traceback" not in process.text, process.text
