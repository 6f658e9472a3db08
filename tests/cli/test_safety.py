"""`safety:` and `--allow` through the commands: what is refused, with which code, and what is remembered of it."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.cli.inside import run_on
from tests.stage import GROUP_YAML, Stage


def limits(stage: Stage, **safety: Any) -> None:
    """Have the workspace say so."""
    path = stage.folder / "workspace.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**written, "safety": safety}, allow_unicode=True), encoding="utf-8")


def emptied(stage: Stage) -> None:
    """Both announcements were applied, and their list is empty now."""
    assert 0 == run_on(stage, "apply", "--auto-approve").code
    limits(stage, min_existing=0)
    stage.group({**GROUP_YAML, "announcements": []})
    stage.simulator.take_calls()


ALLOW = ("--allow", "delete:hub/announcement/*")


def test_a_list_that_was_emptied_is_refused_before_any_write(stage: Stage) -> None:
    emptied(stage)
    planned, applied = run_on(stage, "plan"), run_on(stage, "apply", "--auto-approve")

    assert (3, 3, []) == (planned.code, applied.code, stage.writes())
    assert "QG531" in planned.out
    assert "--allow 'delete:hub/announcement/*'" in planned.out


def test_what_is_allowed_is_carried_out_once_told_and_remembered(napcat: Stage) -> None:
    emptied(napcat)
    applied = run_on(napcat, "apply", "--auto-approve", *ALLOW)
    state = json.loads((napcat.folder / ".qqgroup" / "state.json").read_text(encoding="utf-8"))

    assert 0 == applied.code
    assert ["delete:hub/announcement/*"] == [override["pattern"] for override in state["overrides"]]
    assert "delete:hub/announcement/*" in run_on(napcat, "state", "list", "--json").out


def test_a_saved_plan_carries_what_was_allowed_and_takes_nothing_more(napcat: Stage) -> None:
    emptied(napcat)
    file = str(napcat.folder / "plan.json")
    shown = run_on(napcat, "plan", "--out", file, *ALLOW)
    refused = run_on(napcat, "apply", file, *ALLOW)

    assert (0, "delete:hub/announcement/*" in shown.out) == (shown.code, True)
    assert (1, []) == (refused.code, napcat.writes())
    assert 0 == run_on(napcat, "apply", file).code


def test_what_is_allowed_for_nothing_is_told(napcat: Stage) -> None:
    told = run_on(napcat, "plan", "--allow", "delete:hub/file/*")

    assert "QG536" in told.out


def test_everything_at_once_cannot_be_allowed(napcat: Stage) -> None:
    told = run_on(napcat, "plan", "--allow", "delete:*/title/*")

    assert 1 == told.code
    assert "delete:python-hub/announcement/*" in told.err


def test_whoever_is_required_has_to_be_in_people_yaml(napcat: Stage) -> None:
    limits(napcat, required_admins=["alise"])
    told = run_on(napcat, "validate")

    assert (1, True) == (told.code, "QG306" in told.err + told.out)
    assert "workspace.yaml:" in told.err + told.out
