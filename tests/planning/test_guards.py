"""Limits of a plan: what is refused although it could be done, and how a person lets it happen for one run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.planning.plan_file import read_plan, write_plan
from qqgroup_provision.ports import Known, LiveEssences, LiveMember, LiveNotice, LiveProfile, Rank
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import UNSET, Announcement, Essence, Group, Person, Safety
from tests.planning.material import FACTS, PLACE, SELF, hub, role, workspace

NOBODY = Safety(min_existing=0, max_delete_percent=100, max_update_percent=100, min_admins=0)


def crowd(titled: int, admins: int = 0, people: int = 0) -> LiveGroup:
    """A group that the account owns: members with the title 甲, and others that are admins."""
    found = [LiveMember(SELF, Rank.OWNER, "小助手", "", "")]
    found += [LiveMember(500 + n, Rank.MEMBER, f"m{n}", "", "甲") for n in range(titled)]
    found += [LiveMember(900 + n, Rank.ADMIN, f"a{n}", "", "") for n in range(admins)]
    profile = LiveProfile("群", "", False, people or len(found), 2000)
    return LiveGroup(SELF, Known(profile), Known({one.user_id: one for one in found}), Known(()))


def person(number: int) -> Person:
    return Person(f"p{number}", number, f"p{number}")


def titles(kept: int, changed: int = 0) -> Group:
    """So many keep their title, and so many are given another; whoever is left is named no more."""
    same = [person(500 + n) for n in range(kept)]
    other = [person(500 + kept + n) for n in range(changed)]
    return hub(roles=(role("same", same, title="甲"), role("other", other, title="乙")))


def remembering(titled: int) -> State:
    return State("l", 1, {Address("hub", "title", f"p{500 + n}"): Entry({"qq": str(500 + n)}, {"title": "甲"})
                          for n in range(titled)})  # fmt: skip


def plan(group: Group, live: LiveGroup, safety: Safety, *allowed: str, state: State | None = None) -> Plan:
    space = replace(workspace(group), safety=safety)
    return make_plan(
        space, {"hub": live}, state or State(), {"main": FACTS}, allowed=tuple(map(Allowance.parse, allowed))
    )


def codes(found: Plan) -> list[str]:
    return [item.code for item in found.diagnostics]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 100), st.integers(0, 40))
def test_more_than_its_share_is_not_deleted_and_not_less(kept: int, gone: int, most: int, least: int) -> None:
    there = kept + gone
    safety = replace(NOBODY, max_delete_percent=most, min_existing=least)
    found = plan(titles(kept), crowd(there), safety, state=remembering(there))

    assert {Action.DELETE: gone} == {Action.DELETE: 0, **found.counts()}
    refused = bool(gone) and there >= least and gone / there > most / 100
    assert (["QG531"] if refused else []) == codes(found)
    assert refused == found.refused


def test_a_half_finished_file_is_refused_without_a_word_in_the_workspace() -> None:
    found = plan(titles(0), crowd(12), Safety(), state=remembering(12))

    assert (["QG531"], True) == (codes(found), found.refused)
    assert "12 of 12" in str(found.diagnostics[0].summary)


def test_few_resources_are_not_counted_in_shares() -> None:
    assert [] == codes(plan(titles(0), crowd(9), Safety(), state=remembering(9)))


def test_more_than_its_share_is_not_changed_at_once() -> None:
    changed = plan(titles(4, 8), crowd(12), Safety(), state=remembering(12))
    half = plan(titles(6, 6), crowd(12), Safety(), state=remembering(12))

    assert (["QG532"], []) == (codes(changed), codes(half))


def test_one_kind_is_not_hidden_behind_many_of_another() -> None:
    many = announcing(40)
    live = replace(crowd(12), notices=Known(tuple(LiveNotice(f"{n}", f"公告 {n}", SELF, n) for n in range(40))))
    found = plan(replace(titles(0), announcements=many.announcements), live, Safety(), state=remembering(12))

    assert ["hub/title"] == [item.subject for item in found.diagnostics if item.code == "QG531"]


def test_the_last_admin_is_not_removed_but_one_of_several_is() -> None:
    nobody = replace(hub(roles=(role("r", [], admin=True),)), manage={})
    gone = State("l", 1, {Address("hub", "admin", "p900"): Entry({"qq": "900"}, {"admin": True})})

    assert ["QG533"] == codes(plan(nobody, crowd(0, admins=1), Safety(), state=gone))
    assert [] == codes(plan(nobody, crowd(0, admins=2), Safety(), state=gone))


def test_an_admin_may_go_where_another_comes_in_the_same_run() -> None:
    live = crowd(1, admins=1)
    swap = hub(roles=(role("r", [person(500)], admin=True),))
    gone = State("l", 1, {Address("hub", "admin", "p900"): Entry({"qq": "900"}, {"admin": True})})

    assert [] == codes(plan(swap, live, Safety(), state=gone))


@pytest.mark.parametrize("allowed", [(), ("delete:hub/admin/p900",)])
def test_whoever_is_required_stays_an_admin_whatever_is_allowed(allowed: tuple[str, ...]) -> None:
    nobody = hub(roles=(role("r", [], admin=True),))
    gone = State("l", 1, {Address("hub", "admin", "p900"): Entry({"qq": "900"}, {"admin": True})})
    safety = Safety(required_admins=(person(900),))

    assert "QG534" in codes(plan(nobody, crowd(0, admins=3), safety, *allowed, state=gone))


def test_the_tool_does_not_take_admin_rights_from_an_account_of_its_own() -> None:
    nobody = hub(roles=(role("r", [], admin=True),))
    gone = State("l", 1, {Address("hub", "admin", "p900"): Entry({"qq": "900"}, {"admin": True})})
    facts = {"main": FACTS, "other": replace(FACTS, self_id=900)}
    found = make_plan(workspace(nobody), {"hub": crowd(0, admins=3)}, gone, facts)

    assert ["QG534"] == codes(found)


def announcing(count: int) -> Group:
    notices = tuple(Announcement(f"n{n}", f"公告 {n}", UNSET, UNSET, UNSET, {"text": PLACE}) for n in range(count))
    return hub(announcements=notices)


@pytest.mark.parametrize(("limit", "refused"), [(None, False), (3, False), (2, True), (0, True)])
def test_a_run_posts_no_more_announcements_than_it_may(limit: int | None, refused: bool) -> None:
    found = plan(announcing(3), crowd(0), Safety(max_announcements=limit))

    assert (["QG535"] if refused else []) == codes(found)


def test_a_run_posts_no_more_messages_than_it_may() -> None:
    essence = hub(essence=(Essence("a", "一", PLACE), Essence("b", "二", PLACE)))
    live = replace(crowd(0), essence=Known(LiveEssences((), ())))
    found = plan(essence, live, Safety(max_messages=1))

    assert "QG535" in codes(found)


@pytest.mark.parametrize(("limit", "refused"), [(1500, False), (1499, True)])
def test_a_run_disturbs_no_more_people_than_it_may(limit: int, refused: bool) -> None:
    found = plan(announcing(2), crowd(0, people=1500), Safety(max_people=limit))

    assert (["QG535"] if refused else []) == codes(found)
    assert not refused or "1500" in str(found.diagnostics[0].summary)


def test_what_is_allowed_counts_for_no_limit_and_the_rest_does() -> None:
    state, live = remembering(12), crowd(12)
    all_of_it = plan(titles(0), live, Safety(), "delete:hub/title/*", state=state)
    some = plan(titles(0), live, Safety(), "delete:hub/title/p50[0-2]", state=state)
    other = plan(titles(0), live, Safety(), "update:hub/title/*", state=state)

    assert ([], ("delete:hub/title/*",)) == (codes(all_of_it), tuple(map(str, all_of_it.allowed)))
    assert ["QG531"] == codes(some)
    assert (["QG531", "QG536"], ()) == (codes(other), other.allowed)


def test_a_saved_plan_says_what_was_allowed() -> None:
    found = plan(titles(0), crowd(12), Safety(), "delete:hub/title/*", state=remembering(12))

    assert found == read_plan(write_plan(found), "plan.json")


@pytest.mark.parametrize(
    "text", ["", "delete", "delete:", "delete:hub", "delete:*/title/*", "delete:h?b/title", "kick:hub/x",
             "hub/title/*", "delete:/title", "adopt:hub/title"])  # fmt: skip
def test_there_is_no_way_to_allow_everything(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Allowance.parse(text)


def test_what_a_person_has_to_do_by_hand_passes_every_limit() -> None:
    change = Change(Address("hub", "admin", "x"), Action.MANUAL, 1)

    assert not Allowance.parse("delete:hub/admin/x").covers(change)
