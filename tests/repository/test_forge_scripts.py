"""The scripts that write the plan's comment and the drift issue, and that find a reviewed plan again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.repository.forge_server import BOT, TOKEN, FakeForge, serving
from tests.repository.scripts import run_python

RUN = "https://forge.example/us/groups/actions/runs/9"
HEAD = "a" * 40
COMMIT = "c" * 40


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    with serving() as served:
        yield served


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "plan.md"
    path.write_text("1 to create\n")
    return path


def comment(forge: FakeForge, report: Path) -> list[tuple[str, str, Any]]:
    done = run_python("pull_request_comment.py", "--pull", "7", "--file", report, "--whole", RUN, **forge.environment)
    assert (0, "") == (done.returncode, done.stderr)
    return forge.writes


def test_the_first_plan_of_a_pull_request_is_a_new_comment(forge: FakeForge, report: Path) -> None:
    forge.lists["issues/7/comments"] = [{"id": 1, "user": {"login": "ann"}, "body": "Nice."}]

    expected = ("POST", "issues/7/comments", {"body": "<!-- qqgroup-plan -->\n1 to create\n"})
    assert [expected] == comment(forge, report)


def test_a_later_plan_replaces_the_comment_wherever_it_stands(forge: FakeForge, report: Path) -> None:
    others = [{"id": number, "user": {"login": "ann"}, "body": "Nice."} for number in range(150)]
    forge.lists["issues/7/comments"] = [
        *others,
        {"id": 555, "user": BOT, "body": "<!-- qqgroup-plan -->\nold"},
    ]

    expected = ("PATCH", "issues/comments/555", {"body": "<!-- qqgroup-plan -->\n1 to create\n"})
    assert [expected] == comment(forge, report)


def test_somebody_elses_comment_with_our_marker_is_left_alone(forge: FakeForge, report: Path) -> None:
    forge.lists["issues/7/comments"] = [
        {"id": 1, "user": {"login": "ann"}, "body": "<!-- qqgroup-plan -->\nfalse"},
        {"id": 2, "user": None, "body": None},
    ]

    assert ["POST"] == [method for method, _, _ in comment(forge, report)]


def test_a_long_plan_is_cut_with_everything_closed_and_a_pointer(forge: FakeForge, report: Path) -> None:
    forge.lists["issues/7/comments"] = []
    report.write_text("# Summary\n<details>\n\n````diff\n" + "+ 新的一行\n```\n" * 9000 + "````\n</details>\n")

    body = comment(forge, report)[0][2]["body"]

    assert 64_000 < len(body) <= 65_100
    assert body.startswith("<!-- qqgroup-plan -->\n# Summary\n")
    assert "\n````\n\n</details>\n\n**This report is cut here;" in body
    assert f"({RUN})" in body


def test_a_refusal_ends_with_the_forges_reason_and_without_the_token(forge: FakeForge, report: Path) -> None:
    environment = {**forge.environment, "GH_TOKEN": "expired"}

    done = run_python("pull_request_comment.py", "--pull", "7", "--file", report, "--whole", RUN, **environment)

    assert 1 == done.returncode
    assert 'HTTP 401: {"message": "Bad credentials"}' in done.stderr
    assert "expired" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_step_that_was_given_no_token_is_told_so(report: Path) -> None:
    done = run_python(
        "pull_request_comment.py", "--pull", "7", "--file", report, "--whole", RUN, GH_TOKEN="",
        GITHUB_REPOSITORY="us/groups",
    )  # fmt: skip

    assert "The environment variable GH_TOKEN is not set.\n" == done.stderr


def drift(forge: FakeForge, *arguments: str | Path) -> list[tuple[str, str, Any]]:
    done = run_python("drift_issue.py", *arguments, "--whole", RUN, **forge.environment)
    assert (0, "") == (done.returncode, done.stderr)
    return forge.writes


def test_drift_opens_one_issue(forge: FakeForge, report: Path) -> None:
    forge.lists["issues"] = []

    body = {
        "title": "Live groups differ from groups/",
        "labels": ["drift"],
        "body": "<!-- qqgroup-drift -->\n1 to create\n",
    }
    assert [("POST", "issues", body)] == drift(forge, "--file", report)


def test_drift_that_lasts_updates_the_issue(forge: FakeForge, report: Path) -> None:
    forge.lists["issues"] = [{"number": 12, "user": BOT, "body": "<!-- qqgroup-drift -->\nold"}]

    expected = ("PATCH", "issues/12", {"body": "<!-- qqgroup-drift -->\n1 to create\n"})
    assert [expected] == drift(forge, "--file", report)


def test_drift_that_is_gone_closes_the_issue(forge: FakeForge) -> None:
    forge.lists["issues"] = [{"number": 12, "user": BOT, "body": "<!-- qqgroup-drift -->\nold"}]

    assert [
        ("POST", "issues/12/comments", {"body": f"No drift any more: {RUN}"}),
        ("PATCH", "issues/12", {"state": "closed", "state_reason": "completed"}),
    ] == drift(forge, "--clean")


def test_no_drift_and_no_issue_writes_nothing(forge: FakeForge) -> None:
    forge.lists["issues"] = []

    assert [] == drift(forge, "--clean")


@pytest.fixture
def reviewed(forge: FakeForge) -> FakeForge:
    """A merged pull request whose plan was made by the plan workflow of this repository."""
    forge.lists[f"commits/{COMMIT}/pulls"] = [
        {"number": 7, "merged_at": "2026-03-01", "merge_commit_sha": COMMIT, "head": {"sha": HEAD}}
    ]
    forge.objects["actions/artifacts"] = {"artifacts": [artifact(run=31, created_at="2026-02-01")]}
    for number in (31, 32):
        forge.objects[f"actions/runs/{number}"] = {
            "event": "pull_request",
            "path": ".github/workflows/plan.yml@refs/pull/7/merge",
        }
    return forge


def artifact(run: int, created_at: str, head: str = HEAD, source: int = 1, expired: bool = False) -> Any:
    return {
        "name": f"qqgroup-plan-{HEAD}",
        "expired": expired,
        "created_at": created_at,
        "workflow_run": {"id": run, "repository_id": 1, "head_repository_id": source, "head_sha": head},
    }


def find(forge: FakeForge) -> tuple[str, str]:
    done = run_python("find_plan.py", "--commit", COMMIT, **forge.environment)
    assert TOKEN not in done.stdout + done.stderr
    return done.stdout, done.stderr


def test_the_newest_plan_of_the_merged_commit_is_found(reviewed: FakeForge) -> None:
    reviewed.objects["actions/artifacts"]["artifacts"] += [
        artifact(run=32, created_at="2026-02-02"),
        artifact(run=33, created_at="2026-02-03", expired=True),
    ]

    assert (f"run=32\nartifact=qqgroup-plan-{HEAD}\n", "") == find(reviewed)


@pytest.mark.parametrize(
    "fake",
    [
        pytest.param({"source": 666}, id="uploaded by a fork's run"),
        pytest.param({"head": "b" * 40}, id="uploaded by the run of another commit"),
    ],
)
def test_a_plan_under_the_right_name_from_elsewhere_does_not_count(reviewed: FakeForge, fake: dict[str, Any]) -> None:
    reviewed.objects["actions/artifacts"]["artifacts"].append(artifact(run=32, created_at="2026-02-02", **fake))

    assert "run=31" in find(reviewed)[0]


@pytest.mark.parametrize(
    "run",
    [
        {"event": "pull_request", "path": ".github/workflows/other.yml"},
        {"event": "push", "path": ".github/workflows/plan.yml"},
    ],
)
def test_a_plan_that_another_workflow_made_does_not_count(reviewed: FakeForge, run: dict[str, str]) -> None:
    reviewed.objects["actions/runs/31"] = run

    found, error = find(reviewed)

    assert "" == found
    assert error.startswith(f"::error::Pull request #7 has no plan of its last commit {HEAD}.")


@pytest.mark.parametrize(
    "pull",
    [
        {"number": 7, "merged_at": None, "merge_commit_sha": COMMIT, "head": {"sha": HEAD}},
        {"number": 7, "merged_at": "2026-03-01", "merge_commit_sha": "d" * 40, "head": {"sha": HEAD}},
    ],
)
def test_a_commit_that_no_pull_request_was_merged_as_has_no_plan(reviewed: FakeForge, pull: dict[str, Any]) -> None:
    reviewed.lists[f"commits/{COMMIT}/pulls"] = [pull]

    found, error = find(reviewed)

    assert "" == found
    assert error.startswith(f"::error::Commit {COMMIT} was not merged from a pull request.")
    assert "Run this workflow by hand" in error


def snapshot(number: int, **changed: Any) -> dict[str, Any]:
    run = {"id": number, "head_branch": "main", "head_repository_id": 1, "repository_id": 1, **changed}
    return {"created_at": f"2026-01-0{number}", "expired": False, "workflow_run": run}


def found_snapshot(forge: FakeForge, *artifacts: dict[str, Any], **whole: str) -> str:
    forge.objects["actions/artifacts"] = {"artifacts": list(artifacts)}
    made = {"event": "schedule", "path": ".github/workflows/snapshot.yml", **whole}
    forge.objects.update({f"actions/runs/{one['workflow_run']['id']}": made for one in artifacts})
    done = run_python("find_snapshot.py", **forge.environment)
    assert 0 == done.returncode
    return done.stdout


def test_the_newest_snapshot_of_main_is_found(forge: FakeForge) -> None:
    expired = {**snapshot(3), "expired": True}

    assert "run=2\n" == found_snapshot(forge, snapshot(1), snapshot(2), expired)


def test_a_snapshot_that_a_fork_or_a_branch_made_up_is_none(forge: FakeForge) -> None:
    assert "" == found_snapshot(forge, snapshot(1, head_repository_id=2), snapshot(2, head_branch="x"))
    assert "" == found_snapshot(forge, snapshot(1), event="pull_request")
    assert "" == found_snapshot(forge, snapshot(1), path=".github/workflows/other.yml")
