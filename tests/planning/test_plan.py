"""What a plan says of itself: how much, to whom, at what cost, and what cannot be taken back."""

from __future__ import annotations

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import GroupFacts, Plan
from qqgroup_provision.resources.admin import SetAdmin
from qqgroup_provision.resources.announcement import Withdraw
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.resources.profile import Rename, SetRemark

SIZES = {"hub": GroupFacts("群", 1, "main", 500), "small": GroupFacts("小群", 2, "main", 3)}
ALL_SEE, ONE_SEES, NOBODY_SEES = Rename(1, "x"), SetAdmin(1, 2, True), SetRemark(1, "x")


def plan(*changes: tuple[str, Action, Operation | None]) -> Plan:
    found = tuple(
        Change(Address(group, "kind", str(number)), action, 1, operations=(operation,) if operation else ())
        for number, (group, action, operation) in enumerate(changes)
    )
    return Plan("", "", 0, found, groups=SIZES)


@pytest.mark.parametrize(
    ("operations", "notified"),
    [
        ([], {}),
        ([NOBODY_SEES], {}),
        ([ONE_SEES, ONE_SEES], {"hub": 2}),
        ([ALL_SEE], {"hub": 500}),
        ([ALL_SEE, ONE_SEES], {"hub": 500}),
        ([ONE_SEES, ALL_SEE, ONE_SEES, NOBODY_SEES], {"hub": 500}),
    ],
)
def test_everybody_is_not_more_than_the_group_has(operations: list[Operation], notified: dict[str, int]) -> None:
    assert notified == plan(*(("hub", Action.UPDATE, operation) for operation in operations)).notified()


def test_each_group_counts_for_itself() -> None:
    found = plan(
        ("hub", Action.UPDATE, ONE_SEES), ("small", Action.UPDATE, ALL_SEE), ("gone", Action.UPDATE, ALL_SEE)
    )

    assert {"hub": 1, "small": 3, "gone": 0} == found.notified()


@pytest.mark.parametrize("action", Action)
def test_only_what_concerns_state_alone_is_no_difference(action: Action) -> None:
    assert (action not in (Action.ADOPT, Action.FORGET, Action.MOVE)) == plan(("hub", action, None)).pending
    assert not plan().pending


def test_what_cannot_be_taken_back_is_named() -> None:
    found = plan(("hub", Action.DELETE, Withdraw(1, "x")), ("hub", Action.UPDATE, ALL_SEE))

    assert [found.changes[0]] == list(found.irreversible())
    assert {Action.DELETE: 1, Action.UPDATE: 1} == found.counts()
    assert 4 == found.writes, "each is sent, and looked for"


def test_a_warning_is_no_error() -> None:
    warning = Diagnostic("QG313", say("x"), severity=Severity.WARNING)

    assert not Plan("", "", 0, (), diagnostics=(warning,)).errored
    assert Plan("", "", 0, (), diagnostics=(warning, Diagnostic("QG501", say("x")))).errored
