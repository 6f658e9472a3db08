"""Changes to state alone: what each is asked for, and what it must not lose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.state import surgery
from qqgroup_provision.state.model import Entry, State
from tests.state.values import states

ALICE, BOB, NEWS = (
    Address("hub", "title", "alice"),
    Address("hub", "title", "bob"),
    Address("jobs", "announcement", "a"),
)
PROFILE = Address("hub", "profile")
STATE = State("l", 3, {a: Entry({"id": str(a)}, {}, protected=True) for a in (ALICE, BOB, NEWS, PROFILE)})


def code(*, of: str, old: str = "", new: str = "") -> str:
    with pytest.raises(InvalidInput) as raised:
        surgery.move(STATE, old, new) if of == "move" else surgery.remove(STATE, [old])
    return raised.value.diagnostics[0].code


def test_an_entry_goes_by_another_name_with_all_that_it_holds() -> None:
    cuts = surgery.move(STATE, "hub/title/alice", "jobs/title/alicia")
    after = surgery.after(STATE, cuts)

    assert (surgery.Cut(ALICE, Address("jobs", "title", "alicia")),) == cuts
    assert STATE.entries[ALICE] == after.entries[Address("jobs", "title", "alicia")]
    assert (STATE.entries.keys() - {ALICE}, 4) == (after.entries.keys() & STATE.entries.keys(), after.serial)


def test_a_group_goes_by_another_key_with_all_its_entries() -> None:
    after = surgery.after(STATE, surgery.move(STATE, "hub", "new"))

    assert {"new/title/alice", "new/title/bob", "new/profile", "jobs/announcement/a"} == set(map(str, after.entries))


def test_two_entries_may_not_go_by_one_name() -> None:
    assert "QG717" == code(of="move", old="hub/title/alice", new="hub/title/bob")
    assert "QG717" == code(of="move", old="hub", new="hub")


@pytest.mark.parametrize("new", ["hub/card/alice", "hub/title", "hub", "hub/", "", "a//b"])
def test_a_name_that_the_kind_cannot_have_is_refused(new: str) -> None:
    assert "QG717" == code(of="move", old="hub/title/alice", new=new)


@pytest.mark.parametrize("old", ["hub/title/eve", "other", "hub/title/*", ""])
def test_what_state_does_not_hold_is_not_moved(old: str) -> None:
    assert "QG143" == code(of="move", old=old, new="x/title/y" if "/" in old else "x")


def test_patterns_let_go_of_what_they_name_and_each_has_to_name_something() -> None:
    after = surgery.after(STATE, surgery.remove(STATE, ["hub/title/*", "jobs"]))

    assert {PROFILE} == set(after.entries)
    with pytest.raises(InvalidInput):
        surgery.remove(STATE, ["hub", "nothing/*"])


def test_a_whole_group_is_let_go_of() -> None:
    assert {NEWS} == set(surgery.after(STATE, surgery.forget(STATE, "hub")).entries)
    with pytest.raises(InvalidInput):
        surgery.forget(STATE, "hu*")


@given(states, st.data())
def test_moving_there_and_back_gives_the_same_entries(state: State, data: st.DataObject) -> None:
    if not state.entries:
        return
    old = data.draw(st.sampled_from(sorted(state.entries)))
    new = Address("somewhere-else", old.kind, old.key and "k")
    if new in state.entries:
        return
    there = surgery.after(state, surgery.move(state, str(old), str(new)))
    back = surgery.after(there, surgery.move(there, str(new), str(old)))

    assert state.entries == back.entries
