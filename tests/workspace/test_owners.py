"""Patterns of `owners:`: what each fits, and that the last entry that fits decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.owners import (
    Owned,
    Owner,
    fits,
    fits_file,
    identities_of,
    owner_of_address,
    owner_of_file,
    owner_of_way,
)

NAMES = st.text("ab.-", min_size=1, max_size=3).filter(lambda name: name.strip(".") != "")
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def owned(*entries: tuple[str, str]) -> list[Owned]:
    """Entries of one pattern each, by the name of its owner."""
    return [
        Owned(
            (pattern,),
            (pattern,) if "/" in pattern else (),
            () if "/" in pattern else (pattern,),
            (Owner(name, frozenset({name})),),
            Place("workspace.yaml"),
        )
        for pattern, name in entries
    ]


def name_of(entry: Owned | None) -> str:
    return entry.by[0].written if entry else ""


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("hub.yaml", "hub.yaml", True),
        ("hub.yaml", "hubXyaml", False),
        ("assets", "assets/a/b.png", True),
        ("assets/", "assets/a/b.png", True),
        ("assets/*", "assets/a.png", True),
        ("assets/*", "assets/a/b.png", False),
        ("assets/**", "assets/a/b.png", True),
        ("**/secret.yaml", "secret.yaml", True),
        ("**/secret.yaml", "a/b/secret.yaml", True),
        ("*.yaml", "a/hub.yaml", False),
        ("h?b.yaml", "h/b.yaml", False),
        ("**", "a/b", True),
        ("hub", "hubs/a", False),
    ],
)
def test_a_pattern_fits_files_as_a_forge_has_it(pattern: str, path: str, expected: bool) -> None:
    assert expected is fits_file(path, pattern)


@given(path=PATHS)
def test_every_path_fits_itself_every_folder_above_it_and_two_stars(path: str) -> None:
    parts = path.split("/")

    assert fits_file(path, path)
    assert fits_file(path, "**")
    assert all(fits_file(path, "/".join(parts[:depth])) for depth in range(1, len(parts)))
    assert not fits_file(path, f"{path}/x")


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("*/admin/*", "hub/admin/alice"),
        ("hub/rule/**", "hub/rule/ads"),
        ("hub/", "hub/profile"),
        ("*/file", "hub/file/a/b"),
    ],
)
def test_a_pattern_fits_addresses(pattern: str, address: str) -> None:
    assert fits(address, pattern)
    assert not fits(f"x{address}y", pattern) or pattern.startswith("*")


def test_the_last_entry_that_fits_decides() -> None:
    rules = owned(("**", "all"), ("hub.yaml", "hub"), ("/.ci/**", "ci"), ("lab/**", "lab"))

    assert "hub" == name_of(owner_of_file("groups/hub.yaml", "groups/", rules))
    assert "all" == name_of(owner_of_file("groups/other.yaml", "groups/", rules))
    assert "ci" == name_of(owner_of_file(".ci/run", "groups/", rules))
    assert "" == name_of(owner_of_file("README.md", "groups/", rules))
    assert "hub" == name_of(owner_of_file("hub.yaml", "", rules))
    assert "lab" == name_of(owner_of_address("lab/title/x", rules))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("roles", True),
        ("roles.*.members", True),
        ("roles.team", True),
        ("hub:roles.**", True),
        ("lab:roles.**", False),
        ("h*:roles", True),
        ("members", False),
        ("roles.*", True),
        ("role", False),
    ],
)
def test_a_way_leads_through_the_yaml_of_a_group(pattern: str, expected: bool) -> None:
    assert expected is (owner_of_way("hub", ("roles", "team", "members"), owned((pattern, "x"))) is not None)


def test_the_address_that_github_made_up_names_an_account() -> None:
    assert "@octocat" in identities_of("12345+OctoCat@users.noreply.github.com")
    assert "@octocat" in identities_of("octocat@users.noreply.github.com")
    assert {"a@users.noreply.github.com.example.org"} == identities_of("a@users.noreply.github.com.example.org")
