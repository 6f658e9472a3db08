"""Essence messages through the whole cycle, command by command, on the implementations that have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.inside import run_on
from tests.cli.test_files import applied, killed_in
from tests.stage import GROUP, Stage, staged

LINKS = "常用资源: https://docs.python.org\n  <b> & [图]"


def want(stage: Stage, *texts: str, **more: Any) -> None:
    essence = [{"key": f"k{number}", "text": text} for number, text in enumerate(texts)]
    stage.group({"kind": "Group", "key": "hub", "id": GROUP, "essence": essence, **more})


def events(stage: Stage) -> list[tuple[str, str]]:
    return [
        (event["event"], event["text"])
        for event in stage.simulator.timeline()
        if event["event"] in ("message", "essence_marked", "essence_unmarked")
    ]


def test_a_message_is_posted_and_marked_and_then_there_is_nothing_to_do(stage: Stage) -> None:
    want(stage, LINKS)
    applied(stage)

    assert [("message", LINKS), ("essence_marked", LINKS)] == events(stage)
    assert [LINKS] == stage.live()["essence"]


def test_a_changed_message_is_marked_before_the_old_one_is_unmarked(stage: Stage) -> None:
    want(stage, "旧")
    applied(stage)
    want(stage, "新")
    applied(stage)

    assert [("message", "新"), ("essence_marked", "新"), ("essence_unmarked", "旧")] == events(stage)[2:]
    want(stage, "旧")
    applied(stage)
    assert ["旧"] == stage.live()["essence"]
    assert 1 == events(stage).count(("message", "旧"))  # it is still among the newest ones, and marked again


def test_an_equal_essence_message_is_adopted_and_one_unmarked_by_hand_is_marked_again(stage: Stage) -> None:
    stage.simulator.patch(GROUP, {"essence": ["资源", "别的"]})
    want(stage, "资源")
    applied(stage)
    stage.simulator.patch(GROUP, {"unmark": ["资源"]})
    plan = json.loads(run_on(stage, "plan", "--json").out)
    assert ["hub/essence/k0"] == [item["address"] for item in plan["resource_changes"]]
    applied(stage)

    assert ["别的", "资源"] == stage.live()["essence"]
    assert 1 == events(stage).count(("message", "资源"))


def test_what_nobody_names_is_left_shown_or_unmarked_as_yaml_says(stage: Stage) -> None:
    stage.simulator.patch(GROUP, {"essence": ["别人的"]})
    want(stage, "我们的")
    applied(stage)
    want(stage, manage={"essence": "report"})
    shown = run_on(stage, "plan").out
    want(stage, manage={"essence": "exclusive"})
    applied(stage)

    assert "别人的" in shown
    assert ([], "") == (stage.live()["essence"], run_on(stage, "state", "list").out)


@pytest.mark.long
@pytest.mark.parametrize("when", ["delay", "timeout"])
def test_killed_at_each_write_nothing_is_posted_twice(napcat: Stage, when: str) -> None:
    want(napcat, "旧")
    killed_in(napcat, "send_group_msg", when)
    killed_in(napcat, "set_essence_msg", when)
    applied(napcat)
    want(napcat, "新")
    for action in ("send_group_msg", "set_essence_msg", "delete_essence_msg"):
        killed_in(napcat, action, when)
    applied(napcat)

    assert ["新"] == napcat.live()["essence"]
    assert [("message", "旧"), ("message", "新")] == [event for event in events(napcat) if event[0] == "message"]


def test_a_server_that_says_ok_and_does_nothing_is_not_believed(stage: Stage) -> None:
    stage.simulator.faults({"action": "set_essence_msg", "pretend": True})
    want(stage, "一")
    done = run_on(stage, "apply", "--auto-approve")
    stage.simulator.faults()

    assert (6, True) == (done.code, "NOT APPLIED" in done.out)
    applied(stage)
    assert [("message", "一"), ("essence_marked", "一")] == events(stage)


def test_llbot_lists_twenty_and_what_is_not_among_them_is_not_taken_for_gone(tmp_path: Any) -> None:
    with staged(tmp_path, implementation="llbot") as stage:
        want(stage, "我们的")
        applied(stage)
        stage.simulator.patch(GROUP, {"essence": [f"第{number}条" for number in range(120)]})
        refused = run_on(stage, "plan")

        assert "QG501" in refused.err + refused.out
        assert "some essence messages only" in refused.err + refused.out


@pytest.mark.parametrize("implementation", ["gocq", "lagrange-milky"])
def test_an_implementation_without_essence_messages_is_named(tmp_path: Any, implementation: str) -> None:
    with staged(tmp_path, implementation=implementation) as stage:
        want(stage, "一")
        refused = run_on(stage, "plan")

        assert "QG512" in refused.err + refused.out
        assert "read_essence" in refused.err + refused.out
