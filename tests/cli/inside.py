"""Running a command within the test's own process: quicker than a process, where a process is not the point."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from unittest.mock import patch

from qqgroup_provision.cli.main import main
from qqgroup_provision.messages import language, use_language
from tests.stage import Ran, Stage


class Terminal(io.TextIOWrapper):
    """A stream that holds what was written, and that is a terminal or is not."""

    def __init__(self, *, tty: bool = False, text: str = "") -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", newline="", write_through=True)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def text(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


def clean_environment() -> dict[str, str]:
    """This process's variables, without those that choose a language, a colour or a workspace."""
    chosen = ("QQGROUP_", "_QQGROUP_", "LC_", "LANG", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS", "TTY_")
    return {key: value for key, value in os.environ.items() if not key.startswith(chosen)}


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Leave the language as it was: a command chooses it for the whole process."""
    before = language()
    try:
        yield
    finally:
        use_language(before)


def run_inside(
    *words: str, environment: Mapping[str, str] | None = None, tty: bool = False, stdin: str = "", columns: int = 120
) -> Ran:
    """Run `qqgroup` with these words. `tty` makes all three streams a terminal."""
    out, err = Terminal(tty=tty), Terminal(tty=tty)
    wanted = {**clean_environment(), "COLUMNS": str(columns), **(environment or {})}
    with (
        restored(),
        patch.dict(os.environ, wanted, clear=True),
        patch("sys.stdin", Terminal(tty=tty, text=stdin)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(words)
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int), code
    return Ran(code, out.text(), err.text())


def run_on(stage: Stage, *words: str, **how: object) -> Ran:
    """Run a command on a stage's workspace, in English, without colour."""
    wanted = {"TEST_TOKEN": "s3cret-token", "QQGROUP_LANG": "en", **stage.environment}
    ran = run_inside("--dir", str(stage.folder), *words, environment=wanted, **how)  # type: ignore[arg-type]
    assert "s3cret-token" not in ran.out + ran.err
    return ran
