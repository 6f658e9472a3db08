"""The workflows: least permissions, pinned actions, no token where a pull request's code could reach it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.repository.tree import ROOT

FOLDER = ROOT / ".github" / "workflows"
NAMES = ["apply", "ci", "drift", "plan", "snapshot"]


def workflow(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return loaded


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in NAMES:
        for key, job in workflow(name)["jobs"].items():
            yield f"{name}/{key}", job


JOBS = dict(jobs())


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = JOBS[job]["steps"]
    return found


def triggers(name: str) -> Any:
    # YAML 1.1 reads the key `on` as true.
    return workflow(name)[True]


def test_the_tests_know_every_workflow() -> None:
    assert NAMES == sorted(path.stem for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_starts_with_no_permission_and_limits_its_runs(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    assert "group" in workflow(name)["concurrency"]


@pytest.mark.parametrize("name", NAMES)
def test_no_workflow_runs_with_a_forks_event_and_our_secrets(name: str) -> None:
    assert {"pull_request_target", "workflow_run", "issue_comment"}.isdisjoint(triggers(name))


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends_by_itself_and_names_its_permissions(job: str) -> None:
    assert JOBS[job]["timeout-minutes"] <= 120
    assert JOBS[job]["permissions"]


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it(name: str) -> None:
    uses = re.findall(r"uses: (.*)", (FOLDER / f"{name}.yml").read_text())

    assert uses
    assert [] == [line for line in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)]


def test_an_action_has_one_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for name in NAMES:
        for action, pin in re.findall(r"uses: ([\w/-]+)@(.*)", (FOLDER / f"{name}.yml").read_text()):
            pins.setdefault(action, set()).add(pin)

    assert {} == {action: found for action, found in pins.items() if len(found) > 1}


@pytest.mark.parametrize("job", JOBS)
def test_a_checkout_leaves_no_credentials_behind(job: str) -> None:
    checkouts = [step for step in steps(job) if "actions/checkout@" in step.get("uses", "")]

    assert checkouts
    assert [False] * len(checkouts) == [step["with"]["persist-credentials"] for step in checkouts]


@pytest.mark.parametrize("job", JOBS)
def test_a_script_takes_what_others_wrote_from_its_environment_only(job: str) -> None:
    assert [] == [step["run"] for step in steps(job) if "${{" in step.get("run", "")]


def test_only_jobs_in_an_environment_see_secrets_and_they_write_nothing_but_the_state() -> None:
    with_secrets = {job for job, body in JOBS.items() if "secrets." in str(body)}

    assert {"apply/apply", "apply/plan", "drift/look", "plan/plan", "snapshot/take"} == with_secrets
    assert with_secrets == {job for job, body in JOBS.items() if "environment" in body}
    writing = {job: writes(body) for job, body in JOBS.items() if writes(body)}
    assert {
        "apply/apply": {"contents"},
        "drift/report": {"issues"},
        "plan/comment": {"pull-requests"},
    } == writing


def writes(job: dict[str, Any]) -> set[str]:
    return {scope for scope, access in job["permissions"].items() if access == "write"}


def test_a_plan_with_tokens_is_for_this_repositorys_own_branches() -> None:
    assert "github.event.pull_request.head.repo.full_name == github.repository" == JOBS["plan/plan"]["if"]


@pytest.mark.parametrize("job", ["plan/validate", "plan/fork", "plan/plan"])
def test_a_pull_request_brings_groups_and_no_code(job: str) -> None:
    tool, proposed = (step["with"] for step in steps(job) if "actions/checkout@" in step.get("uses", ""))

    assert "${{ github.event.pull_request.base.sha }}" == tool["ref"]
    assert ("/groups/", "proposed") == (proposed["sparse-checkout"], proposed["path"])
    programs = {step["run"].split()[0] for step in steps(job) if "run" in step}
    assert programs <= {"make", "tool/.ci/no-symlinks", "tool/.ci/state-branch"} | {
        "../tool/.venv/bin/qqgroup",
        "../tool/.ci/plan-for-review",
        "python3",
    }
    assert [] == [step["run"] for step in steps(job) if step.get("run", "").startswith("python3 proposed")]


def test_a_fork_gets_a_plan_on_a_machine_of_the_forge_and_without_any_secret() -> None:
    job = JOBS["plan/fork"]

    assert ("ubuntu-latest", False) == (job["runs-on"], "environment" in job)
    assert "secrets." not in str(job)
    assert "vars.QQGROUP_SNAPSHOT == 'yes'" in job["if"]
    assert "vars.QQGROUP_SNAPSHOT == 'yes'" in JOBS["snapshot/take"]["if"]


def test_the_author_is_whom_the_forge_knows_and_nothing_of_the_pull_request_runs() -> None:
    tool, proposed = (step["with"] for step in steps("plan/owners") if "actions/checkout@" in step.get("uses", ""))
    *before, check = (step for step in steps("plan/owners") if "run" in step)

    assert ("${{ github.event.pull_request.base.sha }}", "tool") == (tool["ref"], tool["path"])
    # A sparse checkout leaves out the contents of earlier commits.
    assert (0, False) == (proposed["fetch-depth"], "sparse-checkout" in proposed)
    assert ["make -C tool venv"] == [step["run"] for step in before]
    assert check["run"].startswith("../tool/.venv/bin/qqgroup --dir groups owners check ")

    assert '--author "@$AUTHOR"' in check["run"]
    assert "${{ github.event.pull_request.user.login }}" == check["env"]["AUTHOR"]


def test_the_comment_is_written_by_the_base_commits_script() -> None:
    checkout = next(step for step in steps("plan/comment") if "actions/checkout@" in step.get("uses", ""))

    assert "${{ github.event.pull_request.base.sha }}" == checkout["with"]["ref"]


def test_an_apply_is_never_cut_short_by_the_next_one() -> None:
    assert {"group": "qqgroup-apply", "cancel-in-progress": False} == workflow("apply")["concurrency"]


def test_the_state_is_kept_even_when_the_apply_fails() -> None:
    kept = steps("apply/apply")[-1]

    assert "always()" in kept["if"]
    assert kept["run"].startswith(".ci/state-branch push groups/.qqgroup ")
