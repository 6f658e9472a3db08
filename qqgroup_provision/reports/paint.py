"""Colour, and how wide a text is on a terminal: Chinese characters take two columns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_CODES = {
    "create": "32", "update": "33", "replace": "35", "delete": "31", "forget": "36", "adopt": "36",
    "manual": "1;33", "error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "dim": "2",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paint:
    """Paints, or does not. Styles are the words of actions and severities, and `bold` and `dim`."""

    color: bool

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text


def columns(text: str) -> int:
    """How many columns a printable text takes."""
    return sum(_width(char) for char in text)


def shorten(text: str, most: int) -> str:
    """A text cut to so many columns, with an ellipsis where something is gone."""
    if columns(text) <= most:
        return text
    taken, width = [], 1
    for char in text:
        width += _width(char)
        if width > most:
            break
        taken.append(char)
    return "".join(taken) + "…"


def _width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"} or char == "\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
