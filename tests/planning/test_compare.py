"""One resource three ways, over every combination of what is wanted, live and remembered."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.messages import say
from qqgroup_provision.planning.compare import Difference, compare, compare_unwanted, fingerprint
from qqgroup_provision.ports import Absent, Known, Unknown
from qqgroup_provision.resources.change import Action, FieldChange
from qqgroup_provision.resources.kind import UNREADABLE, Last, Observed, Wanted

names = st.sampled_from(["a", "b"])
plain: st.SearchStrategy[Any] = st.none() | st.booleans() | st.sampled_from(["x", "y"])
wanted = st.builds(Wanted, st.just("k"), st.dictionaries(names, plain, min_size=1), exists=st.booleans())
observed = st.builds(
    Observed, st.dictionaries(names, plain | st.just(UNREADABLE)), st.just({"id": "1"}), exists=st.booleans()
)
readings = st.just(Absent()) | st.builds(Known, observed)
lasts = st.none() | st.builds(Last, st.dictionaries(names, plain), st.sampled_from([{"id": "1"}, {"id": "2"}]))


def live(**fields: Any) -> Known[Observed]:
    return Known(Observed(fields, {"id": "1"}))


@given(wanted, readings, lasts, st.booleans())
def test_what_is_not_there_is_made_and_what_is_to_be_gone_goes(
    want: Wanted, reading: Known[Observed] | Absent, last: Last | None, replaced: bool
) -> None:
    there = isinstance(reading, Known) and reading.value.exists
    action = compare(want, reading, last, replaced=replaced).action
    allowed = {
        (False, False): {None, Action.FORGET, *((Action.ADOPT,) if want.clears else ())},
        (False, True): {Action.DELETE, *((None, Action.ADOPT) if want.clears else ())},
        (True, False): {Action.CREATE},
        (True, True): {None, Action.ADOPT, Action.REPLACE if replaced else Action.UPDATE},
    }[want.exists, there]

    assert action in allowed
    if action is Action.FORGET:
        assert last is not None


def test_what_is_to_be_empty_and_cannot_be_read_is_emptied_once() -> None:
    want = Wanted("alice", {"title": None}, exists=False, blind=frozenset({"title"}))
    unread = Known(Observed({"title": UNREADABLE}))

    assert Action.DELETE is compare(want, unread, Last({"title": "x"}), replaced=False).action
    assert None is compare(want, unread, Last({"title": None}), replaced=False).action


@given(wanted, observed, lasts, st.booleans())
def test_a_change_names_exactly_the_fields_that_are_known_to_differ(
    want: Wanted, found: Observed, last: Last | None, replaced: bool
) -> None:
    if not (want.exists and found.exists):
        return
    difference = compare(want, Known(found), last, replaced=replaced)
    believed = {
        name: last.applied.get(name, ...)
        if (value := found.fields.get(name, UNREADABLE)) is UNREADABLE and last
        else value
        for name in want.fields
    }
    differing = {
        name
        for name, value in want.fields.items()
        if believed[name] not in (..., UNREADABLE) and believed[name] != value
    }

    assert differing == {change.name for change in difference.fields}
    if difference.action is not None:
        unread = {name for name in want.fields if found.fields.get(name, UNREADABLE) is UNREADABLE}
        assert unread == set(difference.unverified)
    assert bool(differing) == (difference.action in (Action.UPDATE, Action.REPLACE))


def test_what_is_as_wanted_is_adopted_once_and_then_left() -> None:
    want = Wanted("k", {"a": "x"})

    assert Action.ADOPT is compare(want, live(a="x"), None, replaced=False).action
    assert Difference(None) == compare(want, live(a="x"), Last({"a": "x"}, {"id": "1"}), replaced=False)
    assert Action.ADOPT is compare(want, live(a="x"), Last({"a": "x"}, {"id": "2"}), replaced=False).action
    assert Action.ADOPT is compare(want, live(a="x"), Last({"a": "y"}, {"id": "1"}), replaced=False).action


def test_a_field_nobody_can_read_is_sent_when_yaml_changed_since_and_not_otherwise() -> None:
    want = Wanted("k", {"a": "x"})

    assert (Action.ADOPT, ("a",)) == (
        (found := compare(want, live(a=UNREADABLE), None, replaced=False)).action,
        found.unverified,
    )
    assert None is compare(want, live(a=UNREADABLE), Last({"a": "x"}, {"id": "1"}), replaced=False).action
    changed = compare(want, live(a=UNREADABLE), Last({"a": "y"}, {"id": "1"}), replaced=False)
    assert (Action.UPDATE, (FieldChange("a", "y", "x"),)) == (changed.action, changed.fields)


def test_what_yaml_names_no_more_goes_if_it_is_there() -> None:
    there = compare_unwanted(live(a="x", b=None, c=UNREADABLE))

    assert (Action.DELETE, (FieldChange("a", "x", None),)) == (there.action, there.fields)
    assert Action.FORGET is compare_unwanted(Absent()).action
    assert Action.FORGET is compare_unwanted(Known(Observed({"a": None}, exists=False))).action


@given(observed, observed)
def test_fingerprints_are_equal_exactly_when_what_was_read_is(one: Observed, other: Observed) -> None:
    def read(found: Observed) -> Any:
        fields = {name: (type(value).__name__, value) for name, value in found.fields.items()}
        return fields, found.ids, found.exists

    assert (fingerprint(Known(one)) == fingerprint(Known(other))) == (read(one) == read(other))


def test_absent_and_unknown_have_fingerprints_of_their_own() -> None:
    assert 3 == len({fingerprint(Absent()), fingerprint(Unknown(say("x"))), fingerprint(live())})
