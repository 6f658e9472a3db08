"""`protect:` and `moved:` through the commands: what is refused, with which code, and what state holds after."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.inside import run_on
from tests.stage import GROUP_YAML, Stage, readable

PROTECTED = {**GROUP_YAML, "protect": ["announcement/rules"]}
WITHOUT_RULES: Any = {**GROUP_YAML, "announcements": [GROUP_YAML["announcements"][1]]}


def test_an_apply_that_would_delete_what_was_protected_is_refused_before_any_write(stage: Stage) -> None:
    stage.group(PROTECTED)
    assert 0 == run_on(stage, "apply", "--auto-approve").code
    stage.group(WITHOUT_RULES)
    stage.simulator.take_calls()
    planned, applied = run_on(stage, "plan"), run_on(stage, "apply", "--auto-approve")

    assert (3, 3, []) == (planned.code, applied.code, stage.writes())
    assert "QG521" in planned.out
    assert "QG521" in applied.err
    assert "群规 <1>\n  二 & 三" in {notice["text"] for notice in stage.live()["announcements"]}


def test_a_saved_plan_that_was_refused_is_refused_again(napcat: Stage) -> None:
    napcat.group(PROTECTED)
    run_on(napcat, "apply", "--auto-approve")
    napcat.group(WITHOUT_RULES)
    file = str(napcat.folder / "plan.json")

    assert (3, 3) == (run_on(napcat, "plan", "--out", file).code, run_on(napcat, "apply", file).code)


def test_lifting_takes_an_apply_of_its_own_and_then_it_may_go(napcat: Stage) -> None:
    napcat.group(PROTECTED)
    run_on(napcat, "apply", "--auto-approve")
    napcat.group(GROUP_YAML)
    napcat.simulator.take_calls()
    lifted = run_on(napcat, "apply", "--auto-approve")
    assert (0, []) == (lifted.code, napcat.writes())
    napcat.group(WITHOUT_RULES)
    gone = run_on(napcat, "apply", "--auto-approve")

    assert 0 == gone.code
    assert "群规 <1>\n  二 & 三" not in {notice["text"] for notice in napcat.live()["announcements"]}


def test_protecting_what_is_managed_already_is_shown_and_sends_nothing(napcat: Stage) -> None:
    run_on(napcat, "apply", "--auto-approve")
    napcat.group(PROTECTED)
    napcat.simulator.take_calls()
    shown = run_on(napcat, "plan")
    run_on(napcat, "apply", "--auto-approve")

    assert "it is protected from now on" in shown.out
    assert [] == napcat.writes()
    assert json.loads(run_on(napcat, "state", "show", "hub/announcement/rules", "--json").out)["protected"]
    assert "No changes" in run_on(napcat, "plan").out


def test_a_group_with_another_key_keeps_its_state_and_nothing_is_sent(stage: Stage) -> None:
    run_on(stage, "apply", "--auto-approve")
    before, live = run_on(stage, "state", "list").out, readable(stage.live())
    stage.group({**GROUP_YAML, "key": "main-group", "moved": "hub"})
    stage.simulator.take_calls()
    shown, applied = run_on(stage, "plan", "--detailed-exitcode"), run_on(stage, "apply", "--auto-approve")

    assert (0, 0, []) == (shown.code, applied.code, stage.writes())
    assert "> title/alice" in shown.out
    assert "state knows it as hub/title/alice" in shown.out
    assert (before.replace("hub/", "main-group/"), live) == (
        run_on(stage, "state", "list").out,
        readable(stage.live()),
    )
    again = run_on(stage, "plan")
    assert "No changes" in again.out


def test_protection_moves_with_the_group(napcat: Stage) -> None:
    napcat.group(PROTECTED)
    run_on(napcat, "apply", "--auto-approve")
    napcat.group({**WITHOUT_RULES, "key": "main-group", "moved": "hub"})

    assert 3 == run_on(napcat, "plan").code


def test_a_key_that_somebody_has_cannot_have_been_this_groups(napcat: Stage) -> None:
    napcat.group({"kind": "Group", "key": "jobs", "id": 731000002, "moved": "hub"}, "jobs.yaml")
    napcat.group({"kind": "Group", "key": "other", "id": 731000003, "moved": "gone"}, "other.yaml")
    napcat.group({"kind": "Group", "key": "third", "id": 731000004, "moved": "gone"}, "third.yaml")
    napcat.group({"kind": "Group", "key": "own", "id": 731000005, "moved": "own"}, "own.yaml")
    ran = run_on(napcat, "validate")

    assert (1, 3) == (ran.code, ran.err.count("error QG321"))
