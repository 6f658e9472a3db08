"""Templates of what the bot says: text with `{placeholders}` from a fixed list, and nothing that is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

# All there are, but for the captures of an expression. `at` becomes a mention of whoever spoke, came or went; the
# others become plain text.
PLACEHOLDERS = ("at", "name", "qq", "group_name", "group_id", "date", "time")
LONGEST_VALUE = 200  # characters that a placeholder adds at most

_PART = re.compile(r"\{\{|\}\}|\{([A-Za-z0-9_]{1,64})\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder in a template."""

    name: str


Template: TypeAlias = tuple[str | Slot, ...]


def parse(written: str) -> Template:
    """A template taken apart. `{{` and `}}` are braces themselves. Raises ValueError at a brace that is none."""
    parts: list[str | Slot] = []
    for found in _PART.finditer(written):
        if found[1] is not None:
            parts.append(Slot(found[1]))
        elif found[0] in ("{", "}"):
            raise ValueError(found.start())
        else:
            text = found[0][0] if found[0] in ("{{", "}}") else found[0]
            if parts and isinstance(parts[-1], str):
                text = parts.pop() + text  # type: ignore[operator]
            parts.append(text)
    return tuple(parts)


def slots(template: Template) -> Iterator[str]:
    """The names of a template's placeholders."""
    return (part.name for part in template if isinstance(part, Slot))
