"""Durations as people write them: `500ms`, `2s`, `10m`, `1d`."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WRITTEN = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)\Z")


def seconds(written: str) -> float:
    """A duration in seconds. Raises ValueError for anything the schema would not let through."""
    match = _WRITTEN.match(written)
    if match is None:
        raise ValueError(written)
    return int(match[1]) * _UNITS[match[2]]


def written(seconds: float) -> str:
    """A duration as YAML has it, in the largest unit of which it is a whole number: `90m`, `1d`, `500ms`."""
    milliseconds = round(seconds * 1000)
    for unit in ("d", "h", "m", "s"):
        size = round(_UNITS[unit] * 1000)
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
