"""What the workflows run around qqgroup: exit codes, summaries, and whose workspace.yaml counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.repository.scripts import CI, on_posix, run

pytestmark = on_posix


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "groups").mkdir()
    (tmp_path / "groups" / "workspace.yaml").write_text("endpoint: ours\n")
    (tmp_path / "trusted.yaml").write_text("endpoint: ours\n")
    return tmp_path


def qqgroup(folder: Path, code: int, plan: str = "") -> str:
    """A program in qqgroup's place: it notes how it was called, writes `plan` and ends with `code`."""
    program = folder / "qqgroup"
    written = f"printf '%s' '{plan}' > plan.md\n" if plan else ""
    program.write_text(f'#!/bin/sh\necho "$@" > called\ncp groups/workspace.yaml seen.yaml\n{written}exit {code}\n')
    program.chmod(0o755)
    return str(program)


def script(name: str, folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(CI / name, *arguments, cwd=folder, QQGROUP=program, GITHUB_STEP_SUMMARY=str(folder / "summary"))


@pytest.mark.parametrize(("code", "result"), [(0, 0), (1, 1), (2, 0), (3, 3)])
def test_a_plan_with_changes_is_a_success_and_a_refused_one_is_not(folder: Path, code: int, result: int) -> None:
    planned = script("plan-for-review", folder, qqgroup(folder, code, "the plan"), "trusted.yaml")

    assert result == planned.returncode
    assert "the plan" == (folder / "plan.md").read_text()
    assert "the plan" == (folder / "summary").read_text()


def test_a_plan_is_asked_for_with_a_file_to_apply_and_a_page_to_read(folder: Path) -> None:
    script("plan-for-review", folder, qqgroup(folder, 0, "x"), "trusted.yaml")

    expected = "--dir groups plan --out plan.json --markdown plan.md --detailed-exitcode\n"
    assert expected == (folder / "called").read_text()


def test_a_proposed_endpoint_is_not_used_and_the_plan_says_so(folder: Path) -> None:
    (folder / "groups" / "workspace.yaml").write_text("endpoint: theirs\n")

    script("plan-for-review", folder, qqgroup(folder, 2, "the plan"), "trusted.yaml")

    assert "endpoint: ours\n" == (folder / "seen.yaml").read_text()
    assert "`groups/workspace.yaml` differs from the base branch" in (folder / "plan.md").read_text()
    assert (folder / "plan.md").read_text().endswith("\nthe plan")


def test_a_plan_that_could_not_be_made_leaves_a_page_that_says_so(folder: Path) -> None:
    script("plan-for-review", folder, qqgroup(folder, 1), "trusted.yaml")

    expected = "No plan could be made (exit code 1). The run's log says why.\n"
    assert expected == (folder / "plan.md").read_text()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, "The plan was applied."),
        (1, "The apply failed (exit code 1)."),
        (3, "A guard refused the plan."),
        (4, "Another apply holds the lock."),
        (5, "The plan is stale"),
        (6, "The apply is incomplete"),
    ],
)
def test_an_apply_keeps_its_exit_code_and_says_what_to_do(folder: Path, code: int, said: str) -> None:
    applied = script("apply-reviewed", folder, qqgroup(folder, code), "reviewed/plan.json")

    assert code == applied.returncode
    assert (folder / "summary").read_text().startswith(said)
    assert ("::error title=qqgroup apply::" in applied.stdout) == (code != 0)
    assert "--dir groups apply reviewed/plan.json --auto-approve\n" == (folder / "called").read_text()


def test_a_symbolic_link_in_proposed_groups_is_refused(folder: Path) -> None:
    assert 0 == run(CI / "no-symlinks", folder / "groups").returncode
    (folder / "groups" / "python.yaml").symlink_to(folder / "trusted.yaml")

    refused = run(CI / "no-symlinks", folder / "groups")

    assert 1 == refused.returncode
    assert "python.yaml is a symbolic link." in refused.stdout


def test_groups_that_is_itself_a_link_is_refused(folder: Path) -> None:
    (folder / "elsewhere").symlink_to(folder / "groups", target_is_directory=True)

    assert 1 == run(CI / "no-symlinks", folder / "elsewhere").returncode
