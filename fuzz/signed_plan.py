"""A plan with a signature that is nobody's: never taken for signed, whatever else it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fuzz import plan_file
from qqgroup_provision.cli.plan_files import KEY, load_plan
from qqgroup_provision.planning.signature import signed
from qqgroup_provision.secrets import Secret

WEIGHT = 1
_OURS, _THEIRS = "k3y-of-the-reviewer-0001", "k3y-of-somebody-else-0002"


def seeds() -> Iterator[bytes]:
    for plan in plan_file.seeds():
        yield signed(plan, Secret(_THEIRS))


def one(data: bytes, folder: Path) -> str:
    path = folder / "plan.json"
    path.write_bytes(data)
    load_plan(path, require_signature=True, environment={KEY: _OURS})
    raise AssertionError("a signature was taken for that of a key it was not made with")
