"""Fixtures that tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.stage import Stage, staged

# What is generated is the same each time, so that a change fails for what it changes. `make test-long` takes other
# cases each time: --hypothesis-profile=other.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("other", deadline=None)
settings.load_profile("same")


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
