"""Mutations that know JSON: a value becomes another one, goes, or comes twice. Bytes alone seldom stay JSON."""

from __future__ import annotations

import json
import random
from typing import Any

_WORSE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1 << 31, 1 << 63, 1 << 70, 10**400, 1.5, -0.0, 1e308, "", "0", "\x1b[2J", "\u202e甲",
    "\ud800", "a" * 3000, "../outside.txt", "${env:TEST_TOKEN}", "<b>&nbsp;&#10;", "}", [], {}, [[]], [None], {"": 0},
)  # fmt: skip


def mutated(data: bytes, most: int, seed: int) -> bytes | None:
    """Another input: one whole line of JSON, or the whole file, with one value changed; `None` where none is JSON."""
    chance = random.Random(seed)
    if data.lstrip()[:1] == b"{" and data.count(b"\n{") == 0:
        return _changed(data, most, chance)
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    at = lines[number].find(b"{")
    if at < 0:
        return None
    line = _changed(lines[number][at:], most, chance)
    if line is None:
        return None
    lines[number] = lines[number][:at] + line
    found = b"\n".join(lines)
    return found if len(found) <= most else None


def _changed(written: bytes, most: int, chance: random.Random) -> bytes | None:
    try:
        document = json.loads(written)
    except (ValueError, RecursionError):
        return None
    places = list(_places(document))
    if not places:
        return None
    container, key = chance.choice(places)
    what = chance.randrange(6)
    if what == 0:
        del container[key]
    elif what == 1:
        container[key] = [container[key]]
    elif what == 2 and isinstance(container, list):
        container.append(container[key])
    elif what == 3:
        other, there = chance.choice(places)
        container[key] = json.loads(json.dumps(other[there]))
    else:
        container[key] = chance.choice(_WORSE)
    found = json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return found if len(found) <= most else None


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        found.extend((container, key) for key in keys)
        waiting.extend(container[key] for key in keys if isinstance(container[key], (dict, list)))
    return found
