"""Answers as llbot gives them, or as somebody who poses as it does: read, planned and shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fuzz import answers

WEIGHT = 1


def seeds() -> Iterator[bytes]:
    yield from answers.recorded("llbot")


def one(data: bytes, folder: Path) -> str:
    return answers.planned(data, "llbot")
