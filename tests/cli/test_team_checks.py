"""Rules of a team's own: a plan that breaks one is refused before anybody can apply it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stage import GROUP_YAML, Stage

ADMINS = {
    "key": "admins-by-vote",
    "deny": "resource_changes[?type=='admin' && contains(change.actions, 'create')].address",
    "message": "加管理员要先投票",
}


def checked(stage: Stage, *checks: dict[str, Any]) -> None:
    path = stage.folder / "workspace.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**written, "checks": list(checks)}, allow_unicode=True), encoding="utf-8")


def test_what_a_check_finds_refuses_the_plan_and_names_it(napcat: Stage) -> None:
    checked(napcat, ADMINS)
    planned, applied = napcat.run("plan"), napcat.run("apply", "--auto-approve")

    assert (3, 3) == (planned.code, applied.code)
    assert "QG537" in planned.out
    assert "加管理员要先投票" in planned.out
    assert "hub/admin/alice" in planned.out
    assert [] == napcat.writes()


def test_a_plan_without_it_goes_on(napcat: Stage) -> None:
    checked(napcat, ADMINS)
    napcat.group({**GROUP_YAML, "roles": []})

    assert 0 == napcat.run("apply", "--auto-approve").code


def test_a_warning_is_told_and_stops_nothing(napcat: Stage) -> None:
    checked(napcat, {**ADMINS, "level": "warning"})
    done = napcat.run("plan")

    assert 0 == done.code
    assert "QG537" in done.out
    assert 0 == napcat.run("apply", "--auto-approve").code


@pytest.mark.parametrize(
    ("deny", "broken"),
    [
        ("length(resource_changes[?type=='announcement']) > `1`", True),
        ("length(resource_changes[?type=='announcement']) > `9`", False),
        ("qqgroup.seconds > `3600`", False),
        ("resource_changes[?qqgroup.audience=='group']", True),
        ("nothing.here", False),
        ("resource_changes[?type=='kick']", False),
    ],
)
def test_anything_the_plan_says_can_be_asked(napcat: Stage, deny: str, broken: bool) -> None:
    checked(napcat, {**ADMINS, "deny": deny})

    assert (3 if broken else 0) == napcat.run("plan").code


def test_what_cannot_be_asked_is_not_taken_for_allowed(napcat: Stage) -> None:
    checked(napcat, {**ADMINS, "deny": "length(errored) > `1`"})
    done = napcat.run("plan")

    assert 1 == done.code
    assert "QG538" in done.out


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([{**ADMINS, "deny": "resource_changes[?type=="}], "QG326"),
        ([{**ADMINS, "deny": "no_such(@)"}], ""),
        ([ADMINS, ADMINS], "QG327"),
        ([{**ADMINS, "denied": "x"}], "QG20"),
    ],
)
def test_a_check_that_cannot_be_meant_is_found_by_validate(
    napcat: Stage, checks: list[dict[str, Any]], code: str
) -> None:
    checked(napcat, *checks)
    done = napcat.run("validate")

    assert (1 if code else 0) == done.code
    assert code in done.err
    assert Path("workspace.yaml").name in done.err or not code
