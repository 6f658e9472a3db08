"""Groups of one account side by side: what one of them finds out holds for those that wait for their turn."""

from __future__ import annotations

from typing import Any

from tests.cli.inside import run_on
from tests.stage import GROUP, WORLD, Stage, staged

MANY = 6


def prepared(stage: Stage) -> None:
    (stage.folder / "hub.yaml").unlink()
    for number in range(MANY):
        group = {"kind": "Group", "key": f"g{number}", "id": GROUP + number, "profile": {"name": f"新{number}"}}
        stage.group(group, f"g{number}.yaml")


def world() -> dict[str, Any]:
    (group,) = WORLD["groups"]
    return {**WORLD, "groups": [{**group, "id": GROUP + number} for number in range(MANY)]}


def test_an_account_that_is_stopped_sends_nothing_more_for_any_group(tmp_path: Any) -> None:
    with staged(tmp_path, world()) as stage:
        prepared(stage)
        stage.simulator.faults({"action": "set_*", "reset": "before"})
        done = run_on(stage, "apply", "--auto-approve")

        assert (6, ["set_group_name"] * 2) == (done.code, stage.writes())
        assert (2, MANY - 2) == (done.out.count("answer lost"), done.out.count("the account was stopped"))


def test_an_action_that_is_missing_is_asked_for_once_for_all_groups(tmp_path: Any) -> None:
    with staged(tmp_path, world()) as stage:
        prepared(stage)
        stage.simulator.faults({"action": "set_*", "refuse": {"message": "不支持的Api set_group_name"}})
        done = run_on(stage, "apply", "--auto-approve")

        assert (6, ["set_group_name"]) == (done.code, stage.writes())
        assert MANY == done.err.count("QG512")
