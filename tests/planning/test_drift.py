"""Which side has moved since the last apply, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.planning.accept import edits
from qqgroup_provision.planning.compare import compare
from qqgroup_provision.planning.drift import Drift, FieldDrift, Side, drifts
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import Known
from qqgroup_provision.resources.change import Action, Change, FieldChange
from qqgroup_provision.resources.kind import Last, Observed, Wanted
from qqgroup_provision.state.model import Entry, State
from tests.planning.material import PEOPLE, hub, role

TITLE = Address("hub", "title", "alice")
PLACE = Place("hub.yaml", 3)
values: st.SearchStrategy[Any] = st.sampled_from(["x", "y", "z", True, None])
fields = st.fixed_dictionaries({"a": values, "b": values})


def plan(*changes: Change, diagnostics: tuple[Diagnostic, ...] = ()) -> Plan:
    return Plan("", "", 0, changes, diagnostics=diagnostics)


def sides(change: Change, applied: dict[str, Any] | None) -> dict[str, Side]:
    state = State("l", 1, {change.address: Entry({}, applied)} if applied is not None else {})
    return {field.name: field.side for drift in drifts(plan(change), state).found for field in drift.fields}


@given(fields, fields, fields)
def test_the_side_is_told_by_what_was_applied_last(wanted: Any, live: Any, applied: Any) -> None:
    """Built on the comparison that plans use: a field that is equal in YAML and live is no drift, whatever was."""
    last = Last(applied)
    difference = compare(Wanted("alice", wanted), Known(Observed(live)), last, replaced=False)
    action = difference.action or Action.ADOPT
    found = sides(Change(TITLE, action, 1, difference.fields, place=PLACE), applied)

    assert {name for name in wanted if wanted[name] != live[name]} == set(found)
    for name, side in found.items():
        assert (side is not Side.YAML) == (live[name] != applied[name])
        assert (side is not Side.LIVE) == (wanted[name] != applied[name])


@pytest.mark.parametrize(
    ("action", "before", "after", "applied", "place", "side"),
    [
        (Action.CREATE, None, "x", None, PLACE, Side.YAML),  # YAML began to speak of it
        (Action.CREATE, None, "x", {"a": "x"}, PLACE, Side.LIVE),  # somebody took it away
        (Action.CREATE, None, "x", {"a": "y"}, PLACE, Side.BOTH),
        (Action.DELETE, "x", None, {"a": "x"}, None, Side.YAML),  # YAML stopped to name it
        (Action.DELETE, "y", None, {"a": "x"}, None, Side.BOTH),
        (Action.DELETE, "x", None, None, None, Side.LIVE),  # somebody put it into a list that YAML owns
        (Action.DELETE, "x", None, None, PLACE, Side.YAML),  # YAML clears what was never applied
        (Action.UPDATE, "x", "y", {"b": 1}, PLACE, Side.YAML),  # a field YAML did not manage until now
        (Action.MANUAL, None, True, {"a": True}, PLACE, Side.LIVE),  # somebody left
    ],
)
def test_what_came_and_what_went(
    action: Action, before: Any, after: Any, applied: Any, place: Place | None, side: Side
) -> None:
    change = Change(TITLE, action, 1, (FieldChange("a", before, after),), place=place)

    assert {"a": side} == sides(change, applied)


def test_of_what_goes_as_a_whole_the_fields_that_were_applied_count() -> None:
    change = Change(TITLE, Action.DELETE, 1, (FieldChange("text", "x", None), FieldChange("pinned", True, None)))

    assert {"text": Side.YAML} == sides(change, {"text": "x"})


@pytest.mark.parametrize("action", [Action.ADOPT, Action.FORGET, Action.MOVE])
def test_what_only_state_has_to_learn_is_no_drift(action: Action) -> None:
    assert () == drifts(plan(Change(TITLE, action, 1, (FieldChange("a", 1, 2),))), State()).found


def test_an_address_is_of_both_sides_where_its_fields_are_of_different_ones() -> None:
    change = Change(TITLE, Action.UPDATE, 1, (FieldChange("a", "live", "x"), FieldChange("b", "x", "yaml")))
    (found,) = drifts(plan(change), State("l", 1, {TITLE: Entry({}, {"a": "x", "b": "x"})})).found

    assert (Side.BOTH, [Side.LIVE, Side.YAML]) == (found.side, [field.side for field in found.fields])


def test_a_secret_has_no_values_to_show_and_can_only_have_changed_in_yaml() -> None:
    change = Change(TITLE, Action.UPDATE, 1, (FieldChange("answer", None, None, sensitive=True),))
    (found,) = drifts(plan(change), State("l", 1, {TITLE: Entry({}, {"answer": "scrypt:1:2"})})).found

    assert (FieldDrift("answer", Side.YAML, None, None, None, sensitive=True),) == found.fields


def test_what_could_not_be_seen_is_told_and_what_may_not_be_done_is_another_matter() -> None:
    unseen, forbidden = Diagnostic("QG501", say("x")), Diagnostic("QG511", say("y"))

    assert (unseen,) == drifts(plan(diagnostics=(unseen, forbidden)), State()).unseen


def test_a_group_that_moved_is_compared_with_what_state_knows_under_its_old_key() -> None:
    old = Address("old", "title", "alice")
    change = Change(TITLE, Action.UPDATE, 1, (FieldChange("a", "live", "x"),), moved_from=old)
    (found,) = drifts(plan(change), State("l", 1, {old: Entry({}, {"a": "x"})})).found

    assert Side.LIVE is found.side


# Taking a live value into YAML


def drift(*found: FieldDrift, address: Address = TITLE, action: Action = Action.UPDATE) -> Drift:
    return Drift(address, action, found, "", PLACE)


LIVE = FieldDrift("title", Side.LIVE, "x", "手改", "x")
ALONE = hub(roles=(role("one", [PEOPLE[1]], title="x"), role("two", PEOPLE[2:4], title="x")))


def test_a_live_value_goes_where_yaml_says_the_field_of_that_one_alone() -> None:
    (edit,) = edits(drift(LIVE), ALONE)

    assert ("hub.yaml", ("roles", "one", "title"), "手改") == (edit.file, edit.way, edit.value)


def test_what_is_cleared_live_is_null_in_yaml() -> None:
    (edit,) = edits(drift(FieldDrift("title", Side.LIVE, "x", "", "x"), action=Action.CREATE), ALONE)

    assert edit.value is None


@pytest.mark.parametrize(
    "refused",
    [
        drift(LIVE, address=Address("hub", "title", "bob")),  # a role of several
        drift(LIVE, address=Address("hub", "title", "qq-7")),  # nobody YAML names
        drift(FieldDrift("title", Side.YAML, "x", "x", "y")),  # YAML moved, and live did not
        drift(
            FieldDrift("text", Side.LIVE, "x", None, "x"),
            address=Address("hub", "announcement", "a"),
            action=Action.CREATE,
        ),
        drift(
            FieldDrift("image", Side.LIVE, "1", "2", "1"),
            address=Address("hub", "announcement", "a"),
            action=Action.REPLACE,
        ),
        drift(FieldDrift("title", Side.LIVE, "x", None, "x"), action=Action.MANUAL),
    ],
    ids=["several", "unnamed", "yaml", "whole", "picture", "person"],
)
def test_what_is_more_than_a_value_is_refused_with_what_to_do(refused: Drift) -> None:
    with pytest.raises(InvalidInput) as raised:
        edits(refused, ALONE)

    (found,) = raised.value.diagnostics
    assert ("QG144", str(refused.address), True) == (found.code, found.subject, bool(str(found.hint)))
