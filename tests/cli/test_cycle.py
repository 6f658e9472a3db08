"""The whole cycle, command by command, as somebody at a terminal goes through it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stage import GROUP, SELF, Stage, readable, staged

WANTED_NOTICES = {"群规 <1>\n  二 & 三", "消息", "别人的公告"}


@pytest.fixture(params=["napcat", "llbot", "llbot-milky"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """Both protocols go through the same cycle."""
    with staged(tmp_path, implementation=request.param) as found:
        yield found


def test_plan_apply_plan_ends_with_nothing_to_do(stage: Stage) -> None:
    assert 2 == stage.run("plan", "--detailed-exitcode").code
    assert 0 == stage.run("apply", "--auto-approve").code
    after = stage.run("plan", "--detailed-exitcode")

    assert (0, True) == (after.code, "No changes" in after.out)
    live = stage.live()
    remark = stage.wanted["profile"].get("remark", "")
    assert ("新群名", remark, True) == (live["name"], live["remark"], live["mute_all"])
    assert {"role": "admin", "card": "【维护】小艾", "title": "维护者", "nickname": "Alice"} == live["members"][
        "100000001"
    ]
    assert ("", "") == (live["members"]["100000003"]["card"], live["members"]["100000003"]["title"])
    assert WANTED_NOTICES == {notice["text"] for notice in live["announcements"]}


def test_a_plan_sends_no_write(stage: Stage) -> None:
    stage.run("plan")

    assert [] == stage.writes()


def test_a_second_apply_sends_no_write(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    assert stage.writes()
    again = stage.run("apply", "--auto-approve")

    assert (0, []) == (again.code, stage.writes())


def test_the_plan_says_how_many_requests_apply_then_sends(stage: Stage) -> None:
    plan = json.loads(stage.run("plan", "--out", str(stage.folder / "p"), "--json").out)["qqgroup"]
    planned_reads = len(stage.simulator.take_calls())
    stage.run("apply", str(stage.folder / "p"))
    sent = stage.simulator.take_calls()

    assert plan["reads"] == planned_reads
    assert plan["writes"] == len(sent) - planned_reads  # apply reads once more what the plan read
    assert len(plan["groups"]) == 1


def test_a_change_made_by_hand_is_a_difference_and_the_only_one(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    stage.simulator.patch(GROUP, {"members": {"100000001": {"title": "手改的"}}})
    plan = json.loads(stage.run("plan", "--json").out)

    assert ["hub/title/alice"] == [change["address"] for change in plan["resource_changes"]]
    change = plan["resource_changes"][0]["change"]
    assert (["update"], {"title": "手改的"}, {"title": "维护者"}) == (
        change["actions"],
        change["before"],
        change["after"],
    )


def test_a_changed_announcement_is_up_before_the_old_one_is_down(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    changed: Any = copy.deepcopy(stage.wanted)
    changed["announcements"][1]["text"] = "新消息"
    stage.group(changed)
    before = len(stage.simulator.timeline())
    assert 0 == stage.run("apply", "--auto-approve").code
    events = [(e["event"], e["text"]) for e in stage.simulator.timeline()[before:]]

    assert [("announcement_created", "新消息"), ("announcement_deleted", "消息")] == events


def test_an_announcement_with_the_same_text_is_adopted_and_not_posted_again(stage: Stage) -> None:
    stage.simulator.patch(GROUP, {"announce": ["消息"]})
    stage.run("apply", "--auto-approve")

    created = [e["text"] for e in stage.simulator.timeline() if e["event"] == "announcement_created"]
    assert 1 == created.count("消息")


def test_what_yaml_does_not_name_any_more_is_taken_back(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    fewer: Any = copy.deepcopy(stage.wanted)
    fewer["announcements"] = fewer["announcements"][:1]
    fewer["roles"] = []
    stage.group(fewer)
    # Nobody would be left to look after the group, so it takes a word more.
    assert 0 == stage.run("apply", "--auto-approve", "--allow", "delete:hub/admin/alice").code
    live = stage.live()

    assert "消息" not in {notice["text"] for notice in live["announcements"]}
    assert "别人的公告" in {notice["text"] for notice in live["announcements"]}
    assert {"role": "member", "card": "", "title": "", "nickname": "Alice"} == live["members"]["100000001"]


def test_a_list_that_is_gone_from_yaml_is_left_alone_and_forgotten(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    before = readable(stage.live())
    stage.group({"kind": "Group", "key": "hub", "id": GROUP})
    done = stage.run("apply", "--auto-approve")

    assert (0, before) == (done.code, readable(stage.live()))
    assert "" == stage.run("state", "list").out


def test_a_group_whose_file_is_gone_is_left_alone_and_forgotten(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    before = readable(stage.live())
    (stage.folder / "hub.yaml").unlink()
    done = stage.run("apply", "--auto-approve")

    assert (0, before) == (done.code, readable(stage.live()))
    assert "" == stage.run("state", "list").out


def test_exclusive_lists_remove_what_yaml_does_not_name_and_report_only_shows_it(stage: Stage) -> None:
    stage.simulator.patch(GROUP, {"members": {"100000002": {"role": "admin"}}})
    stage.group({**stage.wanted, "manage": {"admins": "report", "announcements": "report"}})
    shown = stage.run("plan").out
    stage.group({**stage.wanted, "manage": {"admins": "exclusive", "announcements": "exclusive"}})
    assert 0 == stage.run("apply", "--auto-approve").code
    live = stage.live()

    assert "hub/admin/qq-100000002 (Bob)" in shown
    assert "别人的公告" in shown
    assert WANTED_NOTICES - {"别人的公告"} == {notice["text"] for notice in live["announcements"]}
    roles = {qq: member["role"] for qq, member in live["members"].items() if member["role"] != "member"}
    assert {str(SELF): "owner", "100000001": "admin"} == roles


def test_targets_limit_what_is_planned_and_applied(stage: Stage) -> None:
    assert 0 == stage.run("apply", "--auto-approve", "--target", "hub/title/*").code

    assert ["special_title"] * 2 == ["_".join(action.split("_")[-2:]) for action in stage.writes()]
    assert ["hub/title/alice", "hub/title/qq-100000003"] == stage.run("state", "list").out.split()


def test_somebody_who_is_not_in_the_group_is_left_to_a_person(stage: Stage) -> None:
    stage.simulator.patch(GROUP, {"members": {"100000001": None}})
    done = stage.run("apply", "--auto-approve")

    assert 0 == done.code
    assert "hub/admin/alice  by hand: 100000001 is not in the group" in done.out
    assert "新群名" == stage.live()["name"]


def test_apply_asks_and_only_yes_will_do(stage: Stage) -> None:
    refused = stage.run("apply")

    assert (1, []) == (refused.code, stage.writes())
    assert "QG611" in refused.err
