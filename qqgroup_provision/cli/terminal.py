"""What every command needs of the terminal: width, colour, and how errors are shown."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput, QQGroupError
from qqgroup_provision.messages import Text, listed, say


def use_color(wished: bool | None, stream: IO[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour: what the option says, else NO_COLOR and FORCE_COLOR, else whether it is a terminal."""
    if wished is not None:
        return wished
    if environment.get("NO_COLOR"):
        return False
    return bool(environment.get("FORCE_COLOR")) or stream.isatty()


def width() -> int:
    """Columns to write in: the terminal's, between 40 and 120."""
    return max(40, min(120, shutil.get_terminal_size((100, 24)).columns))


def show_diagnostics(diagnostics: Iterable[Diagnostic], folder: Path | None, *, color: bool | None = None) -> None:
    """Write diagnostics to standard error, with the lines of the files they point into."""
    from qqgroup_provision.reports.diagnostics_text import render_diagnostics

    prefix = folder.as_posix() if folder else ""
    painted = use_color(color, sys.stderr)
    text = render_diagnostics(diagnostics, sources=sources_of(folder), folder=prefix, color=painted, width=width())
    click.echo(text, err=True, nl=False, color=True)


def sources_of(folder: Path | None) -> Callable[[str], str | None]:
    """What gives the text of a workspace's file, or `None` where it cannot be shown."""

    def source(file: str) -> str | None:
        try:
            # Line ends as they are in the file: bytes are counted by it.
            return (folder / file).read_bytes().decode("utf-8-sig") if folder else None
        except (OSError, UnicodeDecodeError):
            return None

    return source


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What cannot be written to a file the user named is theirs to know, and no fault of the tool."""
    try:
        yield
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None


@contextmanager
def working(what: Text, settings: Settings) -> Iterator[None]:
    """Say on a terminal that something takes a while; say nothing in a log."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    console = Console(stderr=True, no_color=not use_color(settings.color, sys.stderr))
    with console.status(str(what)):
        yield


def show_error(error: QQGroupError, settings: Settings) -> None:
    """Write what ended a command."""
    show_diagnostics(error.diagnostics, settings.folder, color=settings.color)


def show_unexpected(error: BaseException) -> None:
    """Write that the tool itself failed, without a traceback."""
    diagnostic = Diagnostic(
        "QG607",
        say("The tool failed: {kind}: {message}", kind=type(error).__name__, message=str(error)[:300]),
        hint=say("Run it again with --debug, and report what it prints."),
    )
    show_diagnostics((diagnostic,), None)


def require_extra(extra: str, *modules: str) -> None:
    """Raise `InvalidInput` (QG142) unless the packages of an optional extra are installed."""
    from importlib.util import find_spec

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise InvalidInput(
            Diagnostic(
                "QG142",
                say("This needs {packages}, which are not installed.", packages=listed(missing)),
                hint=say("Install them with: pip install 'qqgroup-provision[{extra}]'", extra=extra),
            )
        )
