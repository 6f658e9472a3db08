"""What is protected is not deleted or replaced, and taking its YAML away with it does not help."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.planning.plan_file import read_plan, write_plan
from qqgroup_provision.planning.protection import LIFTING, PROTECTING, is_protected
from qqgroup_provision.simulator.seed import SeedMember, SeedNotice
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import UNSET, Announcement, Group, Ownership
from tests.planning.material import PEOPLE, PLACE, Scene, addresses, hub, role, seed

ALICE = PEOPLE[1]
RULES = Address("hub", "announcement", "rules")


def notice(text: str, key: str = "rules") -> Announcement:
    return Announcement(key, text, UNSET, UNSET, UNSET, {"text": PLACE})


def wish(*texts: str, protect: tuple[str, ...] = (), **more: Any) -> Group:
    return hub(announcements=tuple(notice(text) for text in texts), protect=protect, **more)


def last_plan(*wishes: Group, world: Any = None) -> tuple[Plan, State]:
    """The plan of the last wish after each before it was carried out, and the state it was made from."""

    async def run() -> tuple[Plan, State]:
        opened = Scene(world or seed(SeedMember(ALICE.qq, "admin", "Alice", "", "甲")))
        state = State()
        try:
            for number, wanted in enumerate(wishes):
                plan = await opened.plan(wanted, state)
                if number == len(wishes) - 1:
                    break
                assert not plan.errored
                state = await opened.carry_out(plan, state)
            return plan, state
        finally:
            opened.close()

    return asyncio.run(run())


def codes(plan: Plan) -> list[str]:
    return [item.code for item in plan.diagnostics]


PROTECTED = ("announcement/rules",)


@pytest.mark.parametrize(
    "after", [wish(protect=PROTECTED), wish("新规", protect=PROTECTED)], ids=["delete", "replace"]
)
def test_a_protected_item_is_neither_deleted_nor_replaced(after: Group) -> None:
    plan, _ = last_plan(wish("群规", protect=PROTECTED), after)

    assert (["QG521"], True) == (codes(plan), plan.refused)
    assert {str(RULES)} == {item.subject for item in plan.diagnostics}


@pytest.mark.parametrize("after", [wish(), wish("新规")], ids=["delete", "replace"])
def test_removing_the_protection_together_with_the_item_is_refused_as_well(after: Group) -> None:
    plan, state = last_plan(wish("群规", protect=PROTECTED), after)

    assert state.entries[RULES].protected
    assert (["QG521"], True) == (codes(plan), plan.refused)


def test_protection_is_lifted_by_an_apply_of_its_own() -> None:
    lifting, state = last_plan(wish("群规", protect=PROTECTED), wish("群规"))
    after, lifted = last_plan(wish("群规", protect=PROTECTED), wish("群规"), wish())

    assert ({str(RULES): "adopt"}, LIFTING) == (addresses(lifting), lifting.changes[0].reason)
    assert (0, False, False) == (lifting.writes, lifting.pending, lifting.errored)
    assert (True, False) == (state.entries[RULES].protected, lifted.entries[RULES].protected)
    assert ({str(RULES): "delete"}, []) == (addresses(after), codes(after))


def test_protection_of_what_is_managed_already_is_recorded_without_sending_anything() -> None:
    plan, _ = last_plan(wish("群规"), wish("群规", protect=PROTECTED))

    assert (0, False) == (plan.writes, plan.pending)
    assert [(RULES, PROTECTING, True)] == [(c.address, c.reason, c.protected) for c in plan.changes]
    assert plan == read_plan(write_plan(plan), "p")


def test_once_recorded_there_is_nothing_to_do() -> None:
    plan, _ = last_plan(wish("群规", protect=PROTECTED), wish("群规", protect=PROTECTED))

    assert ({}, 1) == (addresses(plan), plan.unchanged)


def test_an_update_of_what_is_protected_is_fine() -> None:
    protect = ("title/alice", "profile")
    before = hub(name="旧群名", roles=(role("r", [ALICE], title="甲"),), protect=protect)
    after = replace(before, name="新群名", roles=(role("r", [ALICE], title="乙乙"),))
    plan, _ = last_plan(before, after)

    assert ({"hub/profile": "update", "hub/title/alice": "update"}, []) == (addresses(plan), codes(plan))


@pytest.mark.parametrize("roles", [(), (role("r", [ALICE], title=None),)], ids=["gone", "cleared"])
def test_what_a_role_gives_is_protected_too(roles: Any) -> None:
    before = hub(roles=(role("r", [ALICE], title="甲"),), protect=("title/*",))
    plan, _ = last_plan(before, hub(roles=roles))

    assert ["QG521"] == codes(plan)


def test_an_exclusive_list_does_not_remove_what_is_protected() -> None:
    world = seed(notices=[SeedNotice("别人的", 1, False, False)])
    group = replace(wish(protect=("announcement",)), manage={"announcements": Ownership.EXCLUSIVE})
    plan, _ = last_plan(group, world=world)

    assert ["QG521"] == codes(plan)


def test_what_is_left_alone_may_be_forgotten() -> None:
    plan, _ = last_plan(wish("群规", protect=PROTECTED), hub(protect=PROTECTED))

    assert ({str(RULES): "forget"}, []) == (addresses(plan), codes(plan))


def test_a_plan_with_another_error_is_not_merely_refused() -> None:
    plan, _ = last_plan(wish("群规", protect=PROTECTED), wish(protect=PROTECTED))
    unseen = Diagnostic("QG501", say("x"))

    assert not replace(plan, diagnostics=(*plan.diagnostics, unseen)).refused
    assert not replace(plan, diagnostics=()).refused


@pytest.mark.parametrize(
    ("pattern", "protected"),
    [
        ("announcement/rules", True),
        ("announcement/*", True),
        ("announcement", True),
        ("*", True),
        ("*/rules", True),
        ("title/*", False),
        ("rules", False),
        ("hub/announcement/rules", False),
    ],
)
def test_patterns_begin_with_the_kind(pattern: str, protected: bool) -> None:
    assert protected == is_protected(RULES, wish(protect=(pattern,)))
