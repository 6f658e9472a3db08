"""`qqgroup history`: who applied what, from which commit, and how it ended."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from qqgroup_provision.cli.origin import origin
from tests.cli.inside import run_on
from tests.stage import GROUP_YAML, Stage


def test_what_was_applied_is_told_with_every_step(napcat: Stage) -> None:
    assert "Nothing was applied yet." in run_on(napcat, "history").out
    run_on(napcat, "apply", "--auto-approve")
    told = run_on(napcat, "history").out

    assert "hub/announcement/rules  publish  done" in told
    assert "@" in told.splitlines()[0]


def test_an_apply_that_has_nothing_to_do_is_not_in_it(napcat: Stage) -> None:
    for _ in range(2):
        assert 0 == run_on(napcat, "apply", "--auto-approve").code

    assert 1 == len(run_on(napcat, "history", "--json").out.splitlines())


def test_what_failed_and_what_was_allowed_is_in_it(napcat: Stage) -> None:
    run_on(napcat, "apply", "--auto-approve")
    napcat.group({**GROUP_YAML, "announcements": []})
    napcat.simulator.faults({"action": "_del_group_notice", "refuse": {"retcode": 200, "message": "不行"}})
    run_on(napcat, "apply", "--auto-approve", "--allow", "delete:hub/announcement/*")
    (last,) = map(json.loads, run_on(napcat, "history", "--json", "--limit", "1").out.splitlines())

    assert ["delete:hub/announcement/*"] == last["overrides"]
    assert {"refused"} == {step["result"] for step in last["steps"]}
    assert "refused" in run_on(napcat, "history").out


CI = {
    "GITHUB_ACTOR": "alice",
    "GITHUB_SHA": "0" * 40,
    "GITHUB_SERVER_URL": "https://git.example",
    "GITHUB_REPOSITORY": "a/b",
    "GITHUB_RUN_ID": "7",
}


def test_a_ci_says_who_it_is(tmp_path: Path) -> None:
    run = origin(tmp_path, CI)

    assert ("alice", "0" * 40, "https://git.example/a/b/actions/runs/7") == (run.who, run.commit, run.log)


def test_a_workspace_outside_of_git_has_no_commit(tmp_path: Path) -> None:
    run = origin(tmp_path, {})

    assert ("", "", True) == (run.commit, run.log, "@" in run.who)


@pytest.mark.parametrize("touched", [False, True])
def test_a_workspace_with_changes_of_its_own_is_marked(tmp_path: Path, touched: bool) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    if touched:
        (tmp_path / "hub.yaml").write_text("kind: Group\n", encoding="utf-8")
    commit = origin(tmp_path, {}).commit

    assert (touched, 40) == (commit.endswith("+"), len(commit.rstrip("+")))
