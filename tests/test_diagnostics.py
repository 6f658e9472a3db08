"""Diagnostics and errors: each told once, always in the same order, and with the exit code of its situation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision import errors
from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place, Severity
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import say

found = st.builds(
    Diagnostic,
    code=st.sampled_from(["QG101", "QG205"]),
    summary=st.sampled_from(["a", "b"]).map(say),
    place=st.none() | st.builds(Place, st.sampled_from(["a.yaml", "b.yaml"]), st.integers(1, 3), st.integers(1, 3)),
    subject=st.sampled_from(["", "hub/title"]),
    severity=st.sampled_from(Severity),
)


@given(st.lists(found))
def test_each_is_held_once_and_the_order_does_not_depend_on_how_they_came(items: list[Diagnostic]) -> None:
    def told(diagnostics: Diagnostics) -> list[tuple[object, ...]]:
        return [(d.code, d.place, d.subject, str(d.summary)) for d in diagnostics]

    one, other = Diagnostics(items), Diagnostics(reversed(items))

    assert told(one) == told(other)
    assert len(one) == len(set(told(one))) == len({(d.code, d.place, d.subject, str(d.summary)) for d in items})
    places = [d.place for d in one if d.place]
    assert places == sorted(places)


def test_only_an_error_is_one() -> None:
    warnings = Diagnostics([Diagnostic("QG313", say("x"), severity=Severity.WARNING)])
    assert not warnings.has_errors
    warnings.add(Diagnostic("QG101", say("x")))
    assert warnings.has_errors


def test_an_error_says_all_it_carries() -> None:
    error = errors.Refused([Diagnostic("QG101", say("one")), Diagnostic("QG102", say("two"))])

    assert ("QG101 one; QG102 two", 2) == (str(error), len(error.diagnostics))


def test_each_situation_has_an_exit_code_of_its_own() -> None:
    codes = {kind.__name__: kind.exit_code for kind in QQGroupError.__subclasses__()}

    assert {
        "InvalidInput": 1,
        "EndpointError": 1,
        "Refused": 3,
        "LockHeld": 4,
        "StalePlan": 5,
        "Incomplete": 6,
    } == codes


def test_a_place_is_written_as_editors_read_it() -> None:
    assert "a/b.yaml:3:7" == str(Place("a/b.yaml", 3, 7))
