"""The pinned requirements: exact versions, each with hashes, and all that pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository.tree import ROOT

PINNED = ROOT / "requirements" / "dev.txt"


def blocks() -> list[list[str]]:
    """The lines of each requirement: its first line, then its hashes."""
    joined = PINNED.read_text().replace("\\\n", " ")
    return [line.split(" --hash=") for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def pins() -> dict[str, str]:
    versions: dict[str, str] = {}
    for block in blocks():
        requirement = Requirement(block[0].strip())
        versions[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return versions


def wanted() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["simulator"], *extras["dev"]]


def test_every_requirement_is_exact_and_hashed() -> None:
    loose = [
        block[0]
        for block in blocks()
        if not re.match(r"^[A-Za-z0-9_.\[\]-]+==[^*\s]+(\s*;.*)?$", block[0].strip())
        or len(block) < 2
        or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest.strip()) for digest in block[1:])
    ]

    assert [] == loose


def test_the_file_sets_no_index() -> None:
    assert [] == re.findall(
        r"^\s*(?:-i|--index-url|--extra-index-url|--find-links).*", PINNED.read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("line", wanted())
def test_what_pyproject_asks_for_is_pinned_to_a_version_it_accepts(line: str) -> None:
    requirement = Requirement(line)

    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])
