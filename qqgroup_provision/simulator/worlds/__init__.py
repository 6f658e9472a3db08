"""Worlds that travel with the package."""

from __future__ import annotations

from pathlib import Path


def example_world() -> Path:
    """The world of the example workspace, before the workspace was written."""
    return Path(__file__).parent / "python-community.yaml"
