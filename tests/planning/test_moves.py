"""A group that goes by another key now: nothing is sent, nothing is made anew, and state follows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.planning.moves import moved
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.planning.plan_file import read_plan, write_plan
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.live import Collection
from qqgroup_provision.simulator.seed import SeedMember, SeedNotice
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import UNSET, Announcement, Group
from tests.planning.material import PEOPLE, PLACE, Scene, addresses, hub, role, seed, workspace

ALICE = PEOPLE[1]
WORLD = seed(SeedMember(ALICE.qq, "admin", "Alice", "", "甲"), notices=[SeedNotice("群规", 1, False, False)])
WANTED = {
    "name": "旧群名",
    "roles": (role("r", [ALICE], admin=True, title="甲"),),
    "announcements": (Announcement("rules", "群规", UNSET, UNSET, UNSET, {"text": PLACE}),),
}
RENAMED = replace(hub(**WANTED), key="new", moved="hub")


def planned(*wishes: Group, targets: tuple[str, ...] = ()) -> tuple[Plan, State]:
    """The last wish's plan, after each wish before it was carried out; and the state it was made from."""

    async def run() -> tuple[Plan, State]:
        opened = Scene(WORLD)
        state = State()
        try:
            for wish in wishes[:-1]:
                state = await opened.carry_out(await plan(opened, wish, state, ()), state)
            return await plan(opened, wishes[-1], state, targets), state
        finally:
            opened.close()

    async def plan(opened: Scene, wish: Group, state: State, targets: tuple[str, ...]) -> Plan:
        from qqgroup_provision.planning.make_plan import make_plan

        live = {wish.key: (await opened.live())["hub"]}
        return make_plan(workspace(wish), live, state, {"main": opened.facts}, targets)

    return asyncio.run(run())


def test_a_renamed_group_is_moved_and_nothing_is_sent() -> None:
    plan, _ = planned(hub(**WANTED), RENAMED)

    assert {"move"} == set(addresses(plan).values())
    assert {"new/profile", "new/admin/alice", "new/title/alice", "new/announcement/rules"} == set(addresses(plan))
    assert (0, False, False) == (plan.writes, plan.pending, plan.errored)
    assert [Address("hub", c.address.kind, c.address.key) for c in plan.changes] == [
        c.moved_from for c in plan.changes
    ]


def test_without_the_line_the_old_ones_are_forgotten_and_the_new_ones_adopted() -> None:
    plan, _ = planned(hub(**WANTED), replace(RENAMED, moved=None))

    assert {"forget", "adopt"} == set(addresses(plan).values())


def test_what_changes_at_the_same_time_changes_under_the_new_address() -> None:
    other = replace(RENAMED, name="新群名", announcements=())
    plan, _ = planned(hub(**WANTED), other)

    assert {"new/profile": "update", "new/announcement/rules": "delete"}.items() <= addresses(plan).items()
    assert all(change.moved_from is not None for change in plan.changes)
    assert not any(change.action is Action.CREATE for change in plan.changes)


def test_the_old_address_is_forgotten_where_state_knows_the_new_one_already() -> None:
    state = State("l", 1, {Address(key, "title", "alice"): Entry({}, {}) for key in ("hub", "new")})
    renamed, before = moved(state, {"new": RENAMED})

    assert ({}, state.entries) == (before, renamed.entries)


def test_state_is_left_as_it_is_where_no_group_has_moved() -> None:
    state = State("l", 1, {Address("hub", "title", "alice"): Entry({}, {})})

    assert (state, {}) == moved(state, {"hub": hub()})


def test_what_state_holds_under_the_old_key_is_read_under_the_new_one() -> None:
    state = State("l", 1, {Address("hub", "announcement", "rules"): Entry({}, {})})
    empty = replace(RENAMED, announcements=())

    assert Collection.NOTICES in collections_needed(workspace(empty), state, ())["new"]


def test_a_target_moves_only_what_it_names() -> None:
    plan, _ = planned(hub(**WANTED), RENAMED, targets=("new/title/*",))

    assert {"new/title/alice": "move"} == addresses(plan)


def test_a_saved_plan_holds_where_things_come_from() -> None:
    plan, _ = planned(hub(**WANTED), RENAMED)

    assert plan == read_plan(write_plan(plan), "p")
    assert b'"previous_address": "hub/title/alice"' in write_plan(plan)


@pytest.mark.parametrize("field", ["pinned", "confirm"])
def test_what_could_not_be_verified_stays_marked(field: str) -> None:
    rules = Announcement("rules", "群规", UNSET, False, False, {"text": PLACE})
    before = seed(notices=[SeedNotice("群规", 1, False, False)], implementation="napcat")

    async def run() -> Plan:
        from qqgroup_provision.planning.make_plan import make_plan

        opened = Scene(before)
        try:
            old = hub(announcements=(rules,))
            state = await opened.carry_out(await opened.plan(old, State()), State())
            wish = replace(old, key="new", moved="hub")
            return make_plan(workspace(wish), {"new": (await opened.live())["hub"]}, state, {"main": opened.facts})
        finally:
            opened.close()

    (change,) = asyncio.run(run()).changes
    assert Action.MOVE is change.action
    assert {"pinned"} == set(change.unverified) - {"confirm"}
