"""A diagnostic is a value: it is collected, sorted by place and printed once, in any format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from qqgroup_provision.messages import Text


class Severity(Enum):
    """How much a diagnostic matters. Only an error stops anything."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Place(NamedTuple):
    """A range in a file. Lines and columns count from 1, columns in characters; the end is exclusive.

    `file` is relative to the workspace, with forward slashes on every system.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to tell: what is wrong, where, and what to do about it.

    `code` is stable and documented in `codes.py`. `place` points into a file; `subject` names what is not
    a file: an address, an endpoint, a state store.
    """

    code: str
    summary: Text
    detail: Text | None = None
    place: Place | None = None
    subject: str = ""
    hint: Text | None = None
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class Diagnostics:
    """A growing list of diagnostics, each held once."""

    def __init__(self, first: Iterable[Diagnostic] = ()) -> None:
        self._items: dict[tuple[object, ...], Diagnostic] = {}
        self.extend(first)

    def add(self, diagnostic: Diagnostic) -> None:
        identity = (diagnostic.code, diagnostic.place, diagnostic.subject, str(diagnostic.summary))
        self._items.setdefault(identity, diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        """By place, then code: the same faults always print in the same order."""
        return iter(sorted(self._items.values(), key=_order))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def has_errors(self) -> bool:
        return any(item.is_error for item in self._items.values())


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    place = diagnostic.place or Place("", 0, 0, 0, 0)
    return (place, diagnostic.subject, diagnostic.code, str(diagnostic.summary))
