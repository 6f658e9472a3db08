"""What nobody can read back, what an implementation cannot do, and what a clock says: planned, or told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.freshness import require_fresh
from qqgroup_provision.errors import StalePlan
from qqgroup_provision.planning import windows
from qqgroup_provision.planning.compare import compare
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Opening, Plan
from qqgroup_provision.planning.plan_file import read_plan, write_plan
from qqgroup_provision.ports import (
    AccountFacts,
    Capability,
    Known,
    LiveMember,
    LiveNotice,
    LiveProfile,
    LiveSettings,
    Rank,
)
from qqgroup_provision.resources.change import FieldChange
from qqgroup_provision.resources.kind import UNREADABLE, Last, Observed, Wanted
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import UNSET, Announcement, Answer, Asset, Group, Join, Permissions, Window
from tests.planning.material import FACTS, PLACE, SELF, addresses, hub, workspace

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
DETAILS = LiveSettings("旧", "review", "", "require_approval", False, "free", True, True, True)
ANSWER = Answer("${secret:HUB}", PLACE, "scrypt:1:ab")
ASKING = Join("correct_answer", "谁？", ANSWER)


def plan(
    group: Group,
    *notices: LiveNotice,
    state: State | None = None,
    facts: AccountFacts = FACTS,
    details: LiveSettings = DETAILS,
    now: datetime | None = None,
    targets: tuple[str, ...] = (),
) -> Plan:
    live = LiveGroup(
        SELF,
        Known(LiveProfile("旧群名", "", False, description="旧")),
        Known({SELF: LiveMember(SELF, Rank.OWNER)}),
        Known(notices),
        Known(details),
    )
    return make_plan(workspace(group), {"hub": live}, state or State(), {"main": facts}, targets, 0, now)


def state(**applied: Mapping[str, Any]) -> State:
    entries = {Address.parse(f"hub/{kind}"): Entry({}, fields) for kind, fields in applied.items()}
    return State("line", 1, entries)


def blind(last: Last | None, value: str, **how: Any) -> tuple[FieldChange, ...]:
    wanted = Wanted("", {"picture": value}, blind=frozenset({"picture"}), **how)
    return compare(wanted, Known(Observed({"picture": UNREADABLE})), last, replaced=False).fields


def test_what_nobody_can_read_is_sent_once_and_then_only_when_it_changes() -> None:
    assert (FieldChange("picture", None, "a"),) == blind(None, "a")
    assert (FieldChange("picture", None, "a"),) == blind(Last({"name": "x"}), "a")
    assert () == blind(Last({"picture": "a"}), "a")
    assert (FieldChange("picture", "a", "b"),) == blind(Last({"picture": "a"}), "b")


@given(st.none() | st.sampled_from(["a", "b"]), st.sampled_from(["a", "b"]), st.booleans())
def test_a_sensitive_field_never_carries_a_value(before: str | None, after: str, exists: bool) -> None:
    wanted = Wanted("", {"answer": after}, sensitive=frozenset({"answer"}), blind=frozenset({"answer"}))
    last = None if before is None else Last({"answer": before})
    found = compare(wanted, Known(Observed({"answer": UNREADABLE}, exists=exists)), last, replaced=False).fields

    assert all(change == FieldChange("answer", None, None, sensitive=True) for change in found)
    assert bool(found) == (before != after or not exists)


def test_the_plan_says_that_a_picture_is_sent_unseen() -> None:
    group = hub(avatar=Asset("a.png", "ab" * 32, 9))
    (first,) = plan(group).changes
    again = plan(group, state=state(profile={"avatar": "ab" * 32}))

    assert "nobody can read avatar" in str(first.reason)
    assert (("avatar",), False, 1) == (first.unverified, first.reversible, first.calls)
    assert () == again.changes


def test_name_and_picture_are_one_change_and_a_description_another_that_a_person_makes() -> None:
    found = plan(hub(name="新", avatar=Asset("a.png", "ab" * 32, 9), description="新"))

    assert {"hub/profile": "update", "hub/profile/description": "manual"} == addresses(found)
    assert ["rename", "set_avatar"] == [operation.name for operation in found.changes[0].operations]
    assert () == found.changes[1].operations
    assert not found.errored


def test_a_part_that_yaml_stops_to_speak_of_is_forgotten_and_the_rest_is_not() -> None:
    entries = {Address("hub", "profile"): Entry({}, {"name": "旧群名"}),
               Address("hub", "profile", "description"): Entry({}, {"description": "旧"})}  # fmt: skip
    found = plan(hub(name="旧群名"), state=State("line", 1, entries))

    assert {"hub/profile/description": "forget"} == addresses(found)
    assert "does not speak of it" in str(found.changes[0].reason)


WITHOUT = replace(FACTS, implementation="LLBot", capabilities=frozenset({Capability.SET_AVATAR}))


def test_what_an_implementation_cannot_read_is_told_once_for_each_address_and_never_compared() -> None:
    group = hub(join=ASKING, permissions=Permissions(False, UNSET, UNSET), description="新", name="旧群名")
    found = plan(group, facts=WITHOUT, details=LiveSettings())

    assert ["QG512"] * 3 == [item.code for item in found.diagnostics]
    assert ["hub/profile/description", "hub/join", "hub/permissions"] == [i.subject for i in found.diagnostics]
    for item in found.diagnostics:
        assert "LLBot 4.18.13" in str(item.summary)
        assert "the owner" in str(item.detail)
        assert str(item.hint)
    assert {"hub/profile": "adopt"} == addresses(found)


def test_a_target_elsewhere_is_not_told_what_cannot_be_done_here() -> None:
    group = hub(join=ASKING, name="新")

    assert not plan(group, facts=replace(WITHOUT, capabilities=frozenset({Capability.RENAME})),
                    details=LiveSettings(), targets=("hub/profile",)).diagnostics  # fmt: skip


def test_what_a_later_version_can_do_is_told_with_the_version_and_only_where_it_is_to_be_done() -> None:
    group = hub(join=Join(member_invites="disabled"))
    older = replace(
        FACTS,
        capabilities=FACTS.capabilities - {Capability.SET_MEMBER_INVITES},
        later={Capability.SET_MEMBER_INVITES: "4.18.18"},
    )
    (found,) = plan(group, facts=older).diagnostics

    assert ("QG512", "hub/join") == (found.code, found.subject)
    assert "NapCat 4.18.18 or newer" in str(found.hint)
    assert () == plan(group, facts=older, details=replace(DETAILS, member_invites="disabled")).diagnostics


def test_an_answer_is_in_no_part_of_a_plan_but_its_variable_is() -> None:
    found = plan(hub(join=ASKING))
    written = write_plan(found)

    assert b"${secret:HUB}" in written
    assert found == read_plan(written, "p")
    (change,) = found.changes
    assert [FieldChange("answer", None, None, sensitive=True)] == [f for f in change.fields if f.name == "answer"]


def notice(key: str, opens: datetime | None = None, closes: datetime | None = None) -> Announcement:
    return Announcement(key, f"text of {key}", UNSET, UNSET, UNSET, {"text": PLACE}, Window(opens, closes))


def up(key: str) -> LiveNotice:
    return LiveNotice(f"id-{key}", f"text of {key}", SELF, 1)


@pytest.mark.parametrize(
    ("opens", "closes", "there"),
    [
        (None, None, True),
        (NOON, None, True),
        (NOON + timedelta(seconds=1), None, False),
        (None, NOON, False),
        (None, NOON + timedelta(seconds=1), True),
        (NOON - timedelta(days=1), NOON + timedelta(days=1), True),
        (NOON - timedelta(days=2), NOON - timedelta(days=1), False),
    ],
)
def test_a_window_holds_its_beginning_and_not_its_end(
    opens: datetime | None, closes: datetime | None, there: bool
) -> None:
    group = hub(announcements=(notice("a", opens, closes),))

    assert ({"hub/announcement/a": "create"} if there else {}) == addresses(plan(group, now=NOON))
    assert {"hub/announcement/a": "adopt" if there else "delete"} == addresses(plan(group, up("a"), now=NOON))


def test_one_that_is_over_and_gone_is_forgotten() -> None:
    remembered = State("line", 1, {Address("hub", "announcement", "a"): Entry({"notice_id": "id-a"}, {"text": "x"})})
    found = plan(hub(announcements=(notice("a", None, NOON),)), state=remembered, now=NOON)

    assert {"hub/announcement/a": "forget"} == addresses(found)


def test_the_next_one_due_is_the_first_to_come_among_the_targets() -> None:
    hour = timedelta(hours=1)
    group = hub(announcements=(
        notice("late", NOON + 2 * hour), notice("soon", NOON + hour), notice("now", NOON),
        notice("over", None, NOON),
    ))  # fmt: skip

    assert (
        Opening(Address("hub", "announcement", "soon"), "2026-12-01 05:00+00:00")
        == plan(group, now=NOON).next_opening
    )
    targeted = plan(group, now=NOON, targets=("hub/announcement/late",)).next_opening
    assert targeted
    assert "late" == targeted.address.key
    assert plan(group, now=NOON + 3 * hour).next_opening is None
    assert (found := plan(group, now=NOON)) == read_plan(write_plan(found), "p")


def test_without_a_clock_windows_cannot_be_judged_and_nothing_else_minds() -> None:
    plain = hub(announcements=(replace(notice("a"), window=None),))

    assert windows.at(plain, None) is plain
    with pytest.raises(ValueError, match="what time"):
        plan(hub(announcements=(notice("a"),)))


def test_equal_inputs_and_equal_times_give_equal_plans() -> None:
    group = hub(join=ASKING, announcements=(notice("a", NOON),), avatar=Asset("a.png", "ab" * 32, 9))

    assert write_plan(plan(group, now=NOON)) == write_plan(plan(group, now=NOON))


def test_a_plan_is_stale_once_the_time_of_its_announcement_is_over() -> None:
    group = hub(announcements=(notice("a", None, NOON),))
    before, after = plan(group, now=NOON - timedelta(hours=1)), plan(group, now=NOON)
    require_fresh(before, workspace(group), State(), before)

    with pytest.raises(StalePlan):
        require_fresh(before, workspace(group), State(), after)
