"""Diagnostics for machines: JSON as Terraform's `validate -json`, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from qqgroup_provision import __version__
from qqgroup_provision.codes import CODES
from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place, Severity
from qqgroup_provision.reports.printable import printable

Sources = Callable[[str], str | None]
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITHUB_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def diagnostics_json(diagnostics: Iterable[Diagnostic], *, sources: Sources, folder: str = "") -> str:
    """Terraform's shape: lines and columns from 1, bytes from 0."""
    items = list(Diagnostics(diagnostics))
    errors = sum(item.is_error for item in items)
    document = {
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": sum(item.severity is Severity.WARNING for item in items),
        "diagnostics": [diagnostic_data(item, sources, folder) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def diagnostic_data(item: Diagnostic, sources: Sources, folder: str = "") -> dict[str, Any]:
    """One diagnostic as plain data."""
    written: dict[str, Any] = {
        "severity": item.severity.value,
        "code": item.code,
        "summary": str(item.summary),
        "detail": str(item.detail or ""),
        "hint": str(item.hint or ""),
        "address": item.subject,
    }
    if item.place is not None:
        written["range"] = _range(item.place, sources, folder)
    return written


def _range(place: Place, sources: Sources, folder: str) -> dict[str, Any]:
    text = sources(place.file)
    lines = text.split("\n") if text is not None else []
    return {
        "filename": _path(place, folder),
        "start": {"line": place.line, "column": place.column, "byte": _byte(lines, place.line, place.column)},
        "end": {
            "line": place.end_line,
            "column": place.end_column,
            "byte": _byte(lines, place.end_line, place.end_column),
        },
    }


def _byte(lines: list[str], line: int, column: int) -> int:
    before = lines[: line - 1]
    at = [text[: column - 1] for text in lines[line - 1 : line]]
    return len("\n".join(before + at).encode())


def diagnostics_github(diagnostics: Iterable[Diagnostic], *, folder: str = "") -> str:
    """Workflow commands that GitHub shows beside the lines of a pull request."""
    return "".join(_annotation(item, folder) + "\n" for item in Diagnostics(diagnostics))


def _annotation(item: Diagnostic, folder: str) -> str:
    message = printable("\n".join(_said(item)), keep="\r\n")
    properties = {"title": item.code}
    if item.place is not None:
        properties = {
            "file": _path(item.place, folder),
            "line": str(item.place.line),
            "col": str(item.place.column),
            "endLine": str(item.place.end_line),
            "endColumn": str(item.place.end_column),
            **properties,
        }
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_GITHUB_WORDS[item.severity]} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def diagnostics_sarif(diagnostics: Iterable[Diagnostic], *, folder: str = "") -> str:
    """SARIF, for code scanning and editors."""
    items = list(Diagnostics(diagnostics))
    rules = [
        {
            "id": code,
            "shortDescription": {"text": str(CODES[code].title)},
            "fullDescription": {"text": str(CODES[code].meaning)},
            "help": {"text": str(CODES[code].remedy)},
        }
        for code in sorted({item.code for item in items})
    ]
    driver = {"name": "qqgroup", "version": __version__, "rules": rules}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(item, folder) for item in items],
            }
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _result(item: Diagnostic, folder: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": item.code,
        "level": _SARIF_LEVELS[item.severity],
        "message": {"text": " ".join(_said(item))},
    }
    if item.place is not None:
        region = {
            "startLine": item.place.line,
            "startColumn": item.place.column,
            "endLine": item.place.end_line,
            "endColumn": item.place.end_column,
        }
        location = {"artifactLocation": {"uri": quote(_path(item.place, folder))}, "region": region}
        result["locations"] = [{"physicalLocation": location}]
    return result


def _said(item: Diagnostic) -> list[str]:
    """Its sentences, after what they are about if that is not a file."""
    sentences = [str(part) for part in (item.summary, item.detail, item.hint) if part is not None]
    return [item.subject, *sentences] if item.subject else sentences


def _path(place: Place, folder: str) -> str:
    return f"{folder}/{place.file}" if folder else place.file
