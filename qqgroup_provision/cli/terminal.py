"""What every command needs of the terminal: width, colour, and how errors are shown."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

import click

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import say


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

    def source(file: str) -> str | None:
        try:
            return (folder / file).read_text(encoding="utf-8-sig") if folder else None
        except (OSError, UnicodeDecodeError):
            return None

    prefix = folder.as_posix() if folder else ""
    text = render_diagnostics(
        diagnostics, sources=source, folder=prefix, color=use_color(color, sys.stderr), width=width()
    )
    click.echo(text, err=True, nl=False, color=True)


def show_error(error: QQGroupError) -> None:
    """Write what ended a command."""
    context = click.get_current_context(silent=True)
    settings = context.obj if context else None
    show_diagnostics(
        error.diagnostics, settings.folder if settings else None, color=settings.color if settings else None
    )


def show_unexpected(error: BaseException) -> None:
    """Write that the tool itself failed, without a traceback."""
    diagnostic = Diagnostic(
        "QG607",
        say("The tool failed: {kind}: {message}", kind=type(error).__name__, message=str(error)[:300]),
        hint=say("Run it again with --debug, and report what it prints."),
    )
    show_diagnostics((diagnostic,), None)
