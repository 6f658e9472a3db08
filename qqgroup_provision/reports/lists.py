"""Several things in one sentence, with the comma of the language in use."""

from __future__ import annotations

from collections.abc import Iterable

from qqgroup_provision.messages import say


def listed(items: Iterable[object]) -> str:
    """The items one after the other: `a, b` in English, `a、b` in Chinese."""
    return str(say(", ")).join(str(item) for item in items)
