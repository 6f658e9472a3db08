"""The branch that keeps a workspace's state between runs, against a real repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.repository.scripts import CI, on_posix, run

pytestmark = on_posix

BRANCH = "qqgroup-state"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    assert 0 == run("git", "init", "--quiet", "--bare", folder).returncode
    return folder


def state_branch(remote: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(CI / "state-branch", *arguments, QQGROUP_STATE_REMOTE=str(remote), GH_TOKEN="")


def kept(remote: Path) -> list[str]:
    return run("git", "-C", remote, "ls-tree", "-r", "--name-only", BRANCH).stdout.splitlines()


def test_the_first_run_starts_empty_and_later_ones_see_what_was_kept(remote: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    assert "There is no branch" in state_branch(remote, "fetch", first).stdout
    (first / "state.json").write_text('{"serial": 1}\n')
    assert 0 == state_branch(remote, "push", first, "Apply 1").returncode

    second = tmp_path / "second"
    assert 0 == state_branch(remote, "fetch", second).returncode

    assert '{"serial": 1}\n' == (second / "state.json").read_text()


def test_a_lock_stays_on_the_machine_that_holds_it(remote: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    state_branch(remote, "fetch", folder)
    for name in ("state.json", "journal.jsonl", "state.json.lock"):
        (folder / name).write_text("{}\n")

    state_branch(remote, "push", folder, "Apply 1")

    assert ["journal.jsonl", "state.json"] == kept(remote)


def test_a_file_that_is_gone_is_gone_from_the_branch(remote: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    state_branch(remote, "fetch", folder)
    (folder / "state.json").write_text("{}\n")
    (folder / "journal.jsonl").write_text("{}\n")
    state_branch(remote, "push", folder, "Apply 1")

    (folder / "journal.jsonl").unlink()
    state_branch(remote, "push", folder, "Apply 2")

    assert ["state.json"] == kept(remote)


def test_state_that_has_not_changed_makes_no_commit(remote: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    state_branch(remote, "fetch", folder)
    (folder / "state.json").write_text("{}\n")
    state_branch(remote, "push", folder, "Apply 1")

    assert "The state has not changed.\n" == state_branch(remote, "push", folder, "Apply 2").stdout
    assert "1" == run("git", "-C", remote, "rev-list", "--count", BRANCH).stdout.strip()


def test_a_branch_that_has_moved_since_is_not_overwritten(remote: Path, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        state_branch(remote, "fetch", folder)
        (folder / "state.json").write_text(folder.name)
    assert 0 == state_branch(remote, "push", theirs, "theirs").returncode

    assert 0 != state_branch(remote, "push", ours, "ours").returncode
    assert "theirs" == run("git", "-C", remote, "show", f"{BRANCH}:state.json").stdout


def test_a_remote_that_cannot_be_reached_is_not_taken_for_empty_state(tmp_path: Path) -> None:
    failed = state_branch(tmp_path / "nowhere.git", "fetch", tmp_path / "state")

    assert 128 == failed.returncode
    assert not (tmp_path / "state").exists()
