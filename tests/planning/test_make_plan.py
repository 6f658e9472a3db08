"""Plans hold for any YAML and any world: they lead where they say, touch nothing else, and never guess."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.messages import say
from qqgroup_provision.planning.make_plan import Draft, make_plan, parents_first
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import Absent, Capability, Rank, Unknown
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import Audience
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.simulator.seed import Seed, SeedMember, SeedNotice
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import UNSET, Announcement, Group, Ownership, Person
from tests.planning.material import (
    FACTS,
    GROUP,
    PEOPLE,
    PLACE,
    SELF,
    Scene,
    addresses,
    groups,
    hub,
    role,
    seed,
    workspace,
    worlds,
)

SELF_, ALICE, BOB, CAROL, DAVE = PEOPLE
some = settings(max_examples=60, deadline=None)
NEEDS = {kind.name: kind.needs for kind in kinds()}
ORDER = {kind.name: kind.order for kind in kinds()}
MANAGED = ("admins", "titles", "cards", "announcements")


@contextmanager
def scene(world: Seed) -> Iterator[Scene]:
    opened = Scene(world)
    try:
        yield opened
    finally:
        opened.close()


def planned(world: Seed, group: Group, state: State | None = None, targets: tuple[str, ...] = ()) -> Plan:
    with scene(world) as opened:
        return asyncio.run(opened.plan(group, state or State(), targets))


def text(key: str, words: str, **flags: Any) -> Announcement:
    return Announcement(key, words, UNSET, flags.get("pinned", UNSET), flags.get("confirm", UNSET), {"text": PLACE})


@some
@given(worlds(), st.lists(groups, min_size=1, max_size=2))
def test_carried_out_a_plan_leaves_nothing_but_what_a_person_has_to_do(world: Seed, wishes: list[Group]) -> None:
    async def run(opened: Scene) -> None:
        state = State()
        for wish in wishes:
            plan = await opened.plan(wish, state)
            assert not plan.errored
            state = await opened.carry_out(plan, state)
            after = await opened.plan(wish, state)
            assert {change.action for change in after.changes} <= {Action.MANUAL}
            assert 0 == after.writes
            assert await opened.carry_out(after, state) is state

    with scene(world) as opened:
        asyncio.run(run(opened))


@some
@given(worlds(), st.lists(groups, min_size=1, max_size=2))
def test_nothing_is_touched_that_yaml_does_not_speak_of(world: Seed, wishes: list[Group]) -> None:
    async def run(opened: Scene) -> None:
        state = State()
        for wish in wishes:
            before = opened.snapshot()
            plan = await opened.plan(wish, state)
            after_state = await opened.carry_out(plan, state)
            after = opened.snapshot()
            assert_kept(wish, state, before, after)
            state = after_state

    with scene(world) as opened:
        asyncio.run(run(opened))


def assert_kept(wish: Group, state: State, before: dict[str, Any], after: dict[str, Any]) -> None:
    for field in ("name", "remark", "mute_all"):
        if getattr(wish, field) is UNSET:
            assert before[field] == after[field]
    for kind, field in (("admin", "role"), ("title", "title"), ("card", "card")):
        spoken = {
            str(person.qq) for r in wish.roles or () if getattr(r, kind) is not UNSET for person in r.members
        } | {entry.ids["qq"] for address, entry in state.entries.items() if address.kind == kind}
        free = wish.roles is UNSET or wish.ownership(f"{kind}s") is not Ownership.EXCLUSIVE
        for qq, member in before["members"].items():
            if free and (qq not in spoken or wish.roles is UNSET):
                assert member[field] == after["members"][qq][field], (qq, field)
    assert before["members"].keys() == after["members"].keys()
    kept = {notice["id"] for notice in after["announcements"]}
    ours = {entry.ids["notice_id"] for address, entry in state.entries.items() if address.kind == "announcement"}
    texts = {item.text for item in wish.announcements or ()}
    for notice in before["announcements"]:
        if wish.announcements is UNSET or (
            wish.ownership("announcements") is not Ownership.EXCLUSIVE
            and notice["id"] not in ours
            and notice["text"] not in texts
        ):
            assert notice["id"] in kept
    if wish.announcements is UNSET:
        assert before["announcements"] == after["announcements"]


@some
@given(worlds(), groups)
def test_a_plan_changes_nothing_by_being_made_and_is_the_same_however_often(world: Seed, wish: Group) -> None:
    with scene(world) as opened:
        before = opened.snapshot(), len(opened.world.timeline())
        plan = asyncio.run(opened.plan(wish, State()))
        again = asyncio.run(opened.plan(wish, State()))

        assert plan == again
        assert before == (opened.snapshot(), len(opened.world.timeline()))


@some
@given(worlds(), groups)
def test_the_order_in_which_members_are_listed_makes_no_difference(world: Seed, wish: Group) -> None:
    with scene(world) as opened:
        (live,) = asyncio.run(opened.live()).values()
        turned = replace(live, members=replace(live.members, value=dict(reversed(live.members.value.items()))))  # type: ignore[union-attr, arg-type]

        def plan(group: LiveGroup) -> Plan:
            return make_plan(workspace(wish), {"hub": group}, State(), {"main": opened.facts})

        assert live.members == turned.members
        assert plan(live).changes == plan(turned).changes


@some
@given(worlds(), st.lists(groups, min_size=2, max_size=2))
def test_kinds_come_in_their_order_and_within_one_what_frees_a_place_comes_first(
    world: Seed, wishes: list[Group]
) -> None:
    async def run(opened: Scene) -> Plan:
        state = await opened.carry_out(await opened.plan(wishes[0], State()), State())
        return await opened.plan(wishes[1], state)

    with scene(world) as opened:
        plan = asyncio.run(run(opened))
    placed = [(ORDER[c.address.kind], c.action is not Action.DELETE, c.address.key) for c in plan.changes]
    assert placed == sorted(placed)


@some
@given(worlds(), groups, st.sampled_from(["hub/admin", "hub/*/alice", "hub/announcement/*", "x", "hub"]))
def test_a_target_takes_from_the_whole_plan_what_it_names(world: Seed, wish: Group, target: str) -> None:
    whole, part = planned(world, wish), planned(world, wish, targets=(target,))

    assert tuple(change for change in whole.changes if matches_any(change.address, (target,))) == part.changes
    assert tuple(extra for extra in whole.extras if matches_any(extra.address, (target,))) == part.extras


@some
@given(worlds(), st.lists(groups, min_size=2, max_size=2), st.sets(st.sampled_from(Collection), min_size=1))
def test_what_could_not_be_read_changes_nothing_and_is_told(
    world: Seed, wishes: list[Group], unread: set[Collection]
) -> None:
    async def run(opened: Scene) -> tuple[State, LiveGroup, Mapping[str, frozenset[Collection]]]:
        state = await opened.carry_out(await opened.plan(wishes[0], State()), State())
        return state, (await opened.live())["hub"], collections_needed(workspace(wishes[1]), state, ())

    with scene(world) as opened:
        state, live, _ = asyncio.run(run(opened))
    blind = replace(live, **{name.value: Unknown(say("the answer was lost")) for name in unread})
    seeing = make_plan(workspace(wishes[1]), {"hub": live}, state, {"main": FACTS})
    plan = make_plan(workspace(wishes[1]), {"hub": blind}, state, {"main": FACTS})
    hidden = {kind for kind, needs in NEEDS.items() if needs & unread}

    assert [] == [c for c in plan.changes if c.address.kind in hidden and c.action is not Action.FORGET]
    assert [c for c in seeing.changes if c.address.kind not in hidden] == [
        c for c in plan.changes if c.address.kind not in hidden
    ]
    asked = {c.address.kind for c in seeing.changes if c.action is not Action.FORGET} & hidden
    told = {item.subject.split("/")[1] for item in plan.diagnostics if item.code == "QG501"}
    in_yaml = {k.name for k in kinds() if k.managed(wishes[1]) and k.wanted(wishes[1])}
    assert asked & in_yaml <= told
    assert told <= hidden


@pytest.mark.parametrize("missing", [Absent(), Unknown(say("lost"))])
def test_an_exclusive_list_that_was_not_read_is_never_emptied(missing: Absent | Unknown) -> None:
    wish = hub(roles=(), announcements=(), manage=dict.fromkeys(MANAGED, Ownership.EXCLUSIVE))
    with scene(seed(SeedMember(ALICE.qq, "admin", "a", "c", "t"), notices=[SeedNotice("x", SELF)])) as opened:
        live = asyncio.run(opened.live())["hub"]
    state = State("l", 1, {Address("hub", "announcement", "rules"): Entry({"notice_id": "gone"}, {"text": "y"})})

    def plan(group: LiveGroup) -> Plan:
        return make_plan(workspace(wish), {"hub": group}, state, {"main": FACTS})

    assert 4 == sum(change.action is Action.DELETE for change in plan(live).changes)
    blind = plan(replace(live, members=missing, notices=missing))
    assert () == blind.changes
    assert blind.errored


def test_a_full_list_of_announcements_does_not_prove_that_an_older_one_is_gone() -> None:
    state = State("l", 1, {Address("hub", "announcement", "rules"): Entry({"notice_id": "old"}, {"text": "群规"})})
    for listed, expected in ((19, {"hub/announcement/rules": "forget"}), (20, {})):
        world = seed(notices=[SeedNotice(f"n{number}", SELF) for number in range(listed)])
        plan = planned(world, hub(announcements=()), state)
        assert (expected, listed == 20) == (addresses(plan), plan.errored)


OTHERS = seed(
    SeedMember(ALICE.qq, "admin", "Alice", "旧名片", "旧头衔"),
    SeedMember(BOB.qq, "admin", "Bob", "b", "b"),
    notices=[SeedNotice("一", SELF), SeedNotice("二", BOB.qq), SeedNotice("三", BOB.qq)],
)
NAMED = {"roles": (role("r", [ALICE], True, "甲", "{name}"),), "announcements": (text("one", "一"),)}


def test_additive_lists_leave_alone_what_yaml_does_not_name() -> None:
    plan = planned(OTHERS, hub(**NAMED))

    assert {"hub/admin/alice", "hub/title/alice", "hub/card/alice", "hub/announcement/one"} == addresses(plan).keys()
    assert () == plan.extras


def test_report_shows_each_live_item_and_plans_what_additive_plans() -> None:
    additive = planned(OTHERS, hub(**NAMED))
    plan = planned(OTHERS, hub(**NAMED, manage=dict.fromkeys(MANAGED, Ownership.REPORT)))
    found = [(extra.address.kind, extra.summary) for extra in plan.extras]

    assert additive.changes == plan.changes
    expected = {("admin", "b"), ("title", "b"), ("card", "b"), ("announcement", "三"), ("announcement", "二")}
    assert expected == set(found)
    assert sorted(extra.address for extra in plan.extras) == [extra.address for extra in plan.extras]
    assert 5 == len({extra.address for extra in plan.extras})


def test_exclusive_lists_remove_every_live_item_yaml_does_not_name_in_one_go() -> None:
    plan = planned(OTHERS, hub(**NAMED, manage=dict.fromkeys(MANAGED, Ownership.EXCLUSIVE)))
    removed = sorted(str(change.address) for change in plan.changes if change.action is Action.DELETE)

    assert ["admin", "announcement", "announcement", "card", "title"] == [name.split("/")[1] for name in removed]
    assert [f"hub/{kind}/qq-{BOB.qq}" for kind in ("admin", "card", "title")] == [
        name for name in removed if "announcement" not in name
    ]


def test_somebody_called_like_a_number_is_not_taken_for_the_member_who_has_it() -> None:
    tricky = Person(f"qq-{BOB.qq}", ALICE.qq, "x")
    wish = hub(roles=(role("r", [tricky], admin=False),), manage={"admins": Ownership.EXCLUSIVE})
    changes = planned(OTHERS, wish).changes

    assert [(f"hub/admin/qq-{BOB.qq}", ALICE.qq)] == [
        (str(c.address), getattr(o, "user_id", 0)) for c in changes for o in c.operations
    ]


def test_a_state_without_the_number_of_a_member_is_forgotten_and_nobody_is_touched() -> None:
    state = State("l", 1, {Address("hub", "admin", key): Entry({"qq": qq} if qq else {}, {"admin": True})
                           for key, qq in (("x", ""), ("y", "²"), ("z", "9" * 5000))})  # fmt: skip

    assert {f"hub/admin/{key}": "forget" for key in "xyz"} == addresses(planned(OTHERS, hub(roles=()), state))


def test_an_account_that_is_not_in_the_group_plans_nothing_for_it() -> None:
    gone = LiveGroup(SELF, Absent(), Absent(), Absent())
    plan = make_plan(workspace(hub(name="x", **NAMED)), {"hub": gone}, State(), {"main": FACTS})

    assert ((), ["QG502"]) == (plan.changes, [item.code for item in plan.diagnostics])


def test_what_an_account_may_not_do_is_told_for_each_change() -> None:
    roles = (
        role("r", [ALICE], True, "甲", "牌"),
        role("me", [SELF_], card="我"),
        role("o", [Person("owner", SELF + 99, "主")], card="主"),
    )
    wish = hub(name="新", remark="备", mute_all=True, announcements=(text("a", "x"),), roles=roles)
    by_role = {}
    for mine in ("owner", "admin", "member"):
        plan = planned(seed(SeedMember(ALICE.qq, "member", "a"), role=mine), wish)
        by_role[mine] = {item.subject for item in plan.diagnostics if item.code == "QG511"}
        assert plan.errored == bool(by_role[mine])
    owners = {"hub/admin/alice", "hub/title/alice", "hub/card/owner"}

    assert set() == by_role["owner"]
    assert owners == by_role["admin"]
    assert owners | {"hub/profile", "hub/mute_all", "hub/announcement/a", "hub/card/alice"} == by_role["member"]


def test_what_an_implementation_cannot_do_is_told_before_anything_is_sent() -> None:
    with scene(seed(SeedMember(ALICE.qq, "member", "a"))) as opened:
        live = asyncio.run(opened.live())
    facts = replace(FACTS, capabilities=FACTS.capabilities - {Capability.SET_TITLE})
    plan = make_plan(workspace(hub(**NAMED)), live, State(), {"main": facts})

    assert [("QG512", "hub/title/alice")] == [(item.code, item.subject) for item in plan.diagnostics]
    assert "set_title" in str(plan.diagnostics[0].summary)


def test_a_group_without_a_file_or_without_a_key_is_forgotten_and_left_as_it_is() -> None:
    state = State("l", 1, {Address("hub", "title", "alice"): Entry({"qq": str(ALICE.qq)}, {"title": "旧头衔"}),
                           Address("gone", "profile"): Entry({}, {"name": "x"})})  # fmt: skip
    plan = planned(OTHERS, hub(), state)

    assert {"hub/title/alice": "forget", "gone/profile": "forget"} == addresses(plan)
    assert (0, False) == (plan.writes, plan.pending)


def test_people_who_are_not_in_the_group_are_left_to_a_person() -> None:
    wish = hub(roles=(role("r", [CAROL], True, "甲", "牌"), role("no", [DAVE], False, None, None)))
    plan = planned(OTHERS, wish)

    assert dict.fromkeys(["hub/admin/carol", "hub/card/carol", "hub/title/carol"], "manual") == dict(
        sorted(addresses(plan).items())
    )
    assert (True, 0) == (plan.pending, plan.writes)


def test_ownership_cannot_be_taken_by_a_program() -> None:
    assert {"hub/admin/self": "manual"} == addresses(planned(OTHERS, hub(roles=(role("r", [SELF_], False),))))


def test_a_replaced_announcement_is_up_before_the_old_one_goes() -> None:
    with scene(seed(notices=[SeedNotice("旧", SELF)])) as opened:
        live = asyncio.run(opened.live())
        notice = live["hub"].notices.value[0]  # type: ignore[union-attr]
    state = State(
        "l", 1, {Address("hub", "announcement", "a"): Entry({"notice_id": notice.notice_id}, {"text": "旧"})}
    )
    (change,) = make_plan(workspace(hub(announcements=(text("a", "新"),))), live, state, {"main": FACTS}).changes

    assert (Action.REPLACE, ["publish", "withdraw"]) == (change.action, [o.name for o in change.operations])
    assert (Audience.GROUP, False) == (change.audience, change.reversible)


def test_the_old_one_of_a_replacement_that_was_cut_off_is_taken_down_and_others_are_not() -> None:
    with scene(
        seed(notices=[SeedNotice("别人", SELF + 1), SeedNotice("旧", SELF), SeedNotice("新", SELF)])
    ) as opened:
        live = asyncio.run(opened.live())
        ids = {notice.text: notice.notice_id for notice in live["hub"].notices.value}  # type: ignore[union-attr]
    state = State("l", 1, {Address("hub", "announcement", "a"): Entry({"notice_id": ids["旧"]}, {"text": "旧"})})
    plan = make_plan(workspace(hub(announcements=(text("a", "新"),))), live, state, {"main": FACTS})

    assert {"hub/announcement/a": "adopt", f"hub/announcement/notice-{ids['旧']}": "delete"} == addresses(plan)


def test_the_cost_is_that_of_the_slowest_account_at_its_pace() -> None:
    plan = planned(OTHERS, hub(name="新", remark="备", announcements=(text("a", "x"), text("b", "y"))))

    assert 2 * 2.0 + 10.0 + 2.0 == plan.seconds  # the second announcement waits for the first alone
    assert plan.writes == sum(operation.calls for change in plan.changes for operation in change.operations)


@some
@given(worlds(), st.lists(groups, min_size=2, max_size=4), st.randoms(use_true_random=False), st.booleans())
def test_groups_may_be_read_in_any_order(world: Seed, wishes: list[Group], random: Random, gone: bool) -> None:
    wanted = [replace(wish, key=f"g{number}", id=GROUP) for number, wish in enumerate(wishes)]
    state = State(entries={Address(key, "mute_all"): Entry({}, {"on": True}) for key in ("g0", "other")[: 1 + gone]})
    with scene(world) as opened:
        (live,) = asyncio.run(opened.live()).values()
        facts = {"main": opened.facts}
    in_order = make_plan(workspace(*wanted), {group.key: live for group in wanted}, state, facts)

    draft = Draft(workspace(*wanted), state, facts)
    for group in random.sample(wanted, len(wanted)):
        draft.add(group.key, live)
    assert in_order == draft.finish()


@some
@given(st.permutations(["a", "b", "c", "d", "e"]), st.lists(st.integers(0, 4), min_size=5, max_size=5))
def test_parents_come_before_their_sub_groups(keys: list[str], above: list[int]) -> None:
    parents = {key: keys[above[n]] if above[n] < n else None for n, key in enumerate(keys)}
    found = parents_first({key: replace(hub(), key=key, parent=parent) for key, parent in parents.items()})

    assert sorted(keys) == sorted(found)
    assert all(parent is None or found.index(parent) < found.index(key) for key, parent in parents.items())
    if not any(parents.values()):
        assert sorted(keys) == found


def test_a_line_of_parents_may_be_longer_than_python_recurses() -> None:
    keys = [f"g{number:05}" for number in range(3000)]
    line = {key: replace(hub(), key=key, parent=after) for key, after in zip(keys, [*keys[1:], None], strict=True)}

    assert keys[::-1] == parents_first(line)


def test_only_lists_that_are_needed_are_asked_for() -> None:
    always = {Collection.PROFILE, Collection.MEMBERS}

    def needed(state: State | None = None, **fields: Any) -> set[Collection]:
        return set(collections_needed(workspace(hub(**fields)), state or State(), ())["hub"])

    known = State("l", 1, {Address("hub", "announcement", "a"): Entry({}, {})})
    assert always == needed(name="x", roles=()) == needed(announcements=()) == needed(known)
    for case in (
        needed(announcements=(text("a", "x"),)),
        needed(announcements=(), manage={"announcements": Ownership.REPORT}),
        needed(known, announcements=()),
    ):
        assert {*always, Collection.NOTICES} == case
    assert {} == collections_needed(workspace(hub()), State(), ("other/*",))


def test_the_standing_of_an_account_that_cannot_be_seen_is_not_held_against_it() -> None:
    with scene(seed(SeedMember(ALICE.qq, "member", "a"), role="member")) as opened:
        live = asyncio.run(opened.live())["hub"]
    blind = replace(live, members=Unknown(say("lost")))
    plan = make_plan(workspace(hub(name="x")), {"hub": blind}, State(), {"main": FACTS})

    assert ([], {"hub/profile": "update"}) == (list(plan.diagnostics), addresses(plan))
    assert GROUP == plan.groups["hub"].group_id
    assert Rank.OWNER > Rank.ADMIN > Rank.MEMBER
