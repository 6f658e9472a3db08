"""The targets, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol, cast

HERE = Path(__file__).parent
CORPUS = HERE.parent / "tests" / "data" / "hostile"


class Target(Protocol):
    """A module with a target. `WEIGHT` is its share of the time, beside the others'."""

    WEIGHT: int
    seeds: Callable[[], Iterable[bytes]]
    one: Callable[[bytes, Path], str]


def targets() -> Mapping[str, Target]:
    """Every target. Nothing heavy is loaded but by them."""
    named = [path.stem for path in sorted(HERE.glob("*.py")) if "\nWEIGHT = " in path.read_text(encoding="utf-8")]
    return {name: cast(Target, importlib.import_module(f"fuzz.{name}")) for name in named}
