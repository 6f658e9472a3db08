"""Diagnostics for a terminal: what is wrong, where, the line itself, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place, Severity
from qqgroup_provision.messages import Text, say
from qqgroup_provision.reports.paint import Paint, columns, shorten
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.workspace.leaks import masked

Sources = Callable[[str], str | None]
_WORDS = {Severity.ERROR: say("error"), Severity.WARNING: say("warning"), Severity.NOTE: say("note")}


def render_diagnostics(
    diagnostics: Iterable[Diagnostic], *, sources: Sources, folder: str = "", color: bool, width: int = 100
) -> str:
    """Every diagnostic in the order of its place, and how many there are.

    `sources` gives a file's text by the name places carry; `folder` is put before that name.
    """
    paint = Paint(color)
    items = list(Diagnostics(diagnostics))
    cache: dict[str, list[str]] = {}
    blocks = [_block(item, sources, cache, folder, paint, width) for item in items]
    if len(items) > 1:
        errors = sum(item.is_error for item in items)
        warnings = sum(item.severity is Severity.WARNING for item in items)
        blocks.append(str(say("Errors: {errors}, warnings: {warnings}", errors=errors, warnings=warnings)) + "\n")
    return "\n".join(blocks)


def _block(
    item: Diagnostic, sources: Sources, cache: dict[str, list[str]], folder: str, paint: Paint, width: int
) -> str:
    severity = item.severity.value
    lines = [f"{paint(severity, f'{_WORDS[item.severity]} {item.code}')}  {paint('bold', _clean(item.summary))}"]
    if item.place is not None:
        place = f"{folder}/{item.place}" if folder else str(item.place)
        lines.append(f"  {paint('dim', '-->')} {printable(place)}")
        lines.extend(_snippet(item.place, sources, cache, paint, severity, width))
    if item.subject:
        lines.append(f"  {paint('dim', '-->')} {printable(item.subject)}")
    if item.detail is not None:
        lines.append(f"  {_clean(item.detail)}")
    if item.hint is not None:
        lines.append(f"  {paint('note', '=')} {_clean(item.hint)}")
    return "\n".join(lines) + "\n"


def _snippet(
    place: Place, sources: Sources, cache: dict[str, list[str]], paint: Paint, severity: str, width: int
) -> list[str]:
    """The line a place is on, and carets under what it covers; nothing if the file cannot be shown."""
    if place.file not in cache:
        text = sources(place.file)
        cache[place.file] = text.split("\n") if text is not None else []
    lines = cache[place.file]
    if place.line > len(lines) or len(lines[place.line - 1]) > 2000:
        return []
    line = masked(lines[place.line - 1].rstrip("\r").replace("\t", " "))
    gutter = f"{place.line:>4} | "
    before = columns(printable(line[: place.column - 1]))
    end = place.end_column if place.end_line == place.line else len(line) + 1
    covered = columns(printable(line[place.column - 1 : max(end - 1, place.column)])) or 1
    room = width - len(gutter)
    shown = shorten(printable(line), room)
    carets = "^" * min(covered, max(1, room - before))
    snippet = [f"{paint('dim', gutter)}{shown}"]
    if before < room:
        snippet.append(f"{paint('dim', '     | ')}{' ' * before}{paint(severity, carets)}")
    return snippet


def _clean(text: Text) -> str:
    return printable(text)
