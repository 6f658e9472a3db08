"""Where the published contracts are that ours are held against. They are not part of this repository."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

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


def closed(schema: Any) -> Any:
    """A schema that takes no key it does not name, at any depth."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    return {**found, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else found


def faults(schema: Mapping[str, Any], value: Any) -> list[str]:
    """What is wrong with a value."""
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]
