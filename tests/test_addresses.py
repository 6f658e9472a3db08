"""Addresses: written and read alike, sorted, and named by patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address, matches_any
from tests.state.values import addresses

TITLE = Address("hub", "title", "alice")


@given(addresses)
def test_an_address_is_read_as_it_was_written(address: Address) -> None:
    assert address == Address.parse(str(address))


@given(st.lists(addresses))
def test_addresses_sort_by_group_then_kind_then_key(found: list[Address]) -> None:
    assert sorted(found) == sorted(found, key=lambda address: (address.group, address.kind, address.key))


@pytest.mark.parametrize("text", ["", "hub", "/", "hub/", "/title", "hub//alice", "hub/title/"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Address.parse(text)


def test_a_key_may_hold_slashes() -> None:
    assert Address("hub", "file", "a/b.txt") == Address.parse("hub/file/a/b.txt")


@pytest.mark.parametrize(
    "pattern",
    ["hub", "hub/", "hub/title", "hub/title/", "hub/title/alice", "hub/*", "*/title/*", "h?b", "*", "hub/t*/a*"],
)
def test_a_pattern_names_an_address_or_what_is_above_it(pattern: str) -> None:
    assert TITLE.matches(pattern)


@pytest.mark.parametrize(
    "pattern", ["", "hu", "title", "hub/titl", "hub/title/al", "Hub", "hub/title/alice/x", "alice"]
)
def test_a_pattern_does_not_name_by_a_part_of_a_word(pattern: str) -> None:
    assert not TITLE.matches(pattern)


def test_no_pattern_names_everything_and_several_name_what_any_names() -> None:
    assert matches_any(TITLE, ())
    assert matches_any(TITLE, iter(["x", "hub/title"]))
    assert not matches_any(TITLE, ["x", "hub/card"])
