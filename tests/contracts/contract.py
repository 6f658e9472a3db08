"""Where the published contracts are that ours are held against. They are not part of this repository."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "QQGROUP_CONTRACTS"


def contracts_folder() -> Path:
    """The folder `QQGROUP_CONTRACTS` names. Skips the test where it names none; a wrong name is a failure."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(
            f"NOT CHECKED AGAINST ANY CONTRACT: set {VARIABLE} to the folder that holds the published schemas"
        )
    return Path(named)


def contract(file: str) -> Any:
    """One of the contracts there."""
    return json.loads((contracts_folder() / file).read_text(encoding="utf-8"))
