"""Fixtures that tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import Stage, staged


@pytest.fixture(params=["napcat", "llbot"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A workspace and a world, on each implementation in turn."""
    with staged(tmp_path, implementation=request.param) as found:
        yield found


@pytest.fixture
def napcat(tmp_path: Path) -> Iterator[Stage]:
    """A workspace and a world served as NapCat does."""
    with staged(tmp_path) as found:
        yield found
