"""The state file: read back as it was written, byte-stable, and never believed when it is something else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.state import format as state_format
from qqgroup_provision.state.format import MOVED, VERSION, dump, load
from qqgroup_provision.state.model import Entry, State
from tests.state.values import completed, states

ENTRY = {
    "address": "hub/title/alice",
    "ids": {"qq": "100000001"},
    "applied": {"title": "维护者"},
    "unverified": [],
    "applied_at": "2026-11-23T12:00:00+00:00",
}


def document(**changed: Any) -> bytes:
    whole = {"version": VERSION, "lineage": "l", "serial": 3, "resources": [ENTRY], **changed}
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def refused(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        load(content, "state.json")
    (found,) = caught.value.diagnostics
    assert ("state.json", True) == (found.subject, bool(str(found.hint)))
    return found.code


@settings(max_examples=150, deadline=None)
@given(states)
def test_a_state_is_read_back_as_it_was_written(state: State) -> None:
    assert state == load(dump(state), "state.json")


@settings(max_examples=50, deadline=None)
@given(states)
def test_equal_states_are_equal_bytes_whatever_the_order_things_came_in(state: State) -> None:
    turned = State(
        state.lineage,
        state.serial,
        {
            address: Entry(
                dict(reversed(list(entry.ids.items()))),
                dict(reversed(list(entry.applied.items()))),
                entry.unverified,
                entry.applied_at,
                entry.protected,
            )
            for address, entry in reversed(list(state.entries.items()))
        },
    )
    written = dump(turned)

    assert dump(state) == written
    assert (b"\r" not in written, b"}\n") == (True, written[-2:])


def test_the_file_is_one_that_people_can_read() -> None:
    state = load(document(), "state.json")

    assert "维护者" in dump(state).decode()
    assert {Address("hub", "title", "alice")} == state.entries.keys()


def test_a_newer_format_is_refused_and_named() -> None:
    assert "QG711" == refused(document(version=MOVED + 1))


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"7", b'"x"', b"null", document(version="1"), document(lineage=...)]
)
def test_json_that_is_no_state_is_said_to_be_none(content: bytes) -> None:
    assert "QG712" == refused(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"not json",
        b"[" * 100_000,
        document()[:-20],
        document(serial="3"),
        document(serial=True),
        document(serial=...),
        document(lineage=7),
        document(resources=...),
        document(resources=None),
        document(resources={"a": 1}),
        document(resources=[7]),
        document(resources=[{}]),
        document(resources=[{**ENTRY, "address": "hub"}]),
        document(resources=[{**ENTRY, "address": 7}]),
        document(resources=[{**ENTRY, "ids": {"qq": 7}}]),
        document(resources=[{**ENTRY, "ids": None}]),
        document(resources=[{**ENTRY, "applied": {"title": 1.5}}]),
        document(resources=[{**ENTRY, "applied": []}]),
        document(resources=[{**ENTRY, "unverified": [7]}]),
        document(resources=[{**ENTRY, "applied_at": None}]),
    ],
    ids=lambda content: f"{content[:40]!r}{len(content)}",
)
def test_a_damaged_state_is_refused_with_the_way_back(content: bytes) -> None:
    assert "QG713" == refused(content)


def test_values_nested_too_deep_to_be_read_are_damage() -> None:
    deep = document(resources=[{**ENTRY, "applied": {"x": "HERE"}}]).replace(b'"HERE"', b"[" * 900 + b"]" * 900)

    assert "QG713" == refused(deep)


def test_a_state_file_over_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_format, "_MAX_BYTES", len(document()) - 1)

    assert "QG713" == refused(document())


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["version", "lineage", "serial", "resources", *ENTRY]), json_values)
def test_any_value_anywhere_is_either_a_state_or_a_diagnostic(key: str, value: Any) -> None:
    content = document(**{key: value}) if key not in ENTRY else document(resources=[{**ENTRY, key: value}])
    try:
        state = load(content, "state.json")
    except InvalidInput as error:
        found = error
    else:
        assert state == load(dump(state), "state.json")
        return
    assert {item.code for item in found.diagnostics} <= {"QG711", "QG712", "QG713"}


@settings(max_examples=60, deadline=None)
@given(states, st.data())
def test_a_file_cut_off_anywhere_is_refused(state: State, data: st.DataObject) -> None:
    content = dump(state)
    end = data.draw(st.integers(0, len(content) - 2))  # the last byte is a line end

    assert refused(content[:end]) in ("QG712", "QG713")


@settings(max_examples=80, deadline=None)
@given(states, completed)
def test_folding_is_last_one_wins_and_folding_again_changes_nothing(state: State, done: list[Any]) -> None:
    after = state.folded(done)
    expected = {address: entry for address, entry in {**state.entries, **dict(done)}.items() if entry is not None}

    assert expected == dict(after.entries)
    assert after.serial == state.serial + (expected != dict(state.entries))
    assert after.folded(done) is after


def test_protection_is_written_only_where_there_is_some_and_read_back() -> None:
    address = Address("hub", "title", "alice")
    plain, protected = (State("l", 1, {address: Entry({}, {}, protected=p)}) for p in (False, True))

    assert (plain, protected) == (load(dump(plain), "s"), load(dump(protected), "s"))
    assert b"protected" not in dump(plain)


@pytest.mark.parametrize("written", ["1", "0", "null", '"true"', "[]"])
def test_protection_that_is_no_yes_or_no_is_damage_and_not_taken_for_none(written: str) -> None:
    state = State("l", 1, {Address("hub", "title", "alice"): Entry({}, {}, protected=True)})
    damaged = dump(state).replace(b'"protected": true', f'"protected": {written}'.encode())

    with pytest.raises(InvalidInput, match="QG713"):
        load(damaged, "s")
