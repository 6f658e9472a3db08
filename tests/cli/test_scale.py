"""Large groups: each list is asked for once, however long it is, and a plan takes as many requests as it says."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.ports import Capability
from qqgroup_provision.simulator.seed import IMPLEMENTATIONS
from tests.cli.by_hand import abilities
from tests.cli.inside import run_on
from tests.stage import GROUP, SELF, Stage, staged

CONTENT = b"a page"
PER_FOLDER = 20
LISTED = 20  # announcements that any implementation lists


def paths(files: int) -> list[str]:
    return [f"第{number // PER_FOLDER}卷/{number}.txt" for number in range(files)]


def world(members: int, files: int, notices: int) -> dict[str, Any]:
    size, sha256 = len(CONTENT), hashlib.sha256(CONTENT).hexdigest()
    group = {
        "id": GROUP,
        "name": "大群",
        "owner": SELF,
        "capacity": 20000,
        "members": [{"qq": 100000001, "card": "讲师"}],
        "strangers": members - 2,
        "announcements": [{"text": f"公告 {number}", "confirm": True} for number in range(notices)],
        "files": {"upload": [{"path": path, "size": size, "sha256": sha256} for path in paths(files)]},
    }
    return {
        "kind": "World",
        "accounts": {"main": {"qq": SELF, "nickname": "小助手", "token": "s3cret-token"}},
        "groups": [group],
    }


def wanted(stage: Stage, files: int, notices: int) -> dict[str, Any]:
    """The group as it is, as far as an implementation can tell; and everybody's card, of whom most have none."""
    can = abilities(stage)
    (stage.folder / "page.txt").write_bytes(CONTENT)
    group: dict[str, Any] = {
        "kind": "Group",
        "key": "hub",
        "id": GROUP,
        "profile": {"name": "大群"},
        "roles": [{"key": "teachers", "members": [100000001], "card": "讲师"}],
        "manage": {"cards": "exclusive"},
    }
    if Capability.READ_NOTICES in can:
        newest = range(notices - LISTED, notices)
        group["announcements"] = [{"key": f"n{number}", "text": f"公告 {number}"} for number in newest]
    if Capability.READ_FILES in can:
        group["files"] = {"items": [{"path": path, "source": "page.txt"} for path in paths(files)]}
    return group


def asked(stage: Stage, *words: str) -> Counter[str]:
    """How often each action was asked for by a command that changes nothing and has nothing to say."""
    stage.simulator.take_calls()
    done = run_on(stage, *words)
    assert 0 == done.code, done.out + done.err
    calls = stage.simulator.take_calls()
    assert not any(call["writes"] for call in calls)
    return Counter(call["action"] for call in calls)


def adopted(stage: Stage, files: int, notices: int) -> None:
    """Take everything into state."""
    stage.group(wanted(stage, files, notices))
    assert asked(stage, "apply", "--auto-approve")


def counts(tmp_path: Path, implementation: str, members: int, files: int, notices: int) -> Counter[str]:
    """What a plan asks for that has nothing to do."""
    with staged(tmp_path, world(members, files, notices), implementation=implementation) as stage:
        adopted(stage, files, notices)
        return asked(stage, "plan", "--detailed-exitcode")


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_twice_as_many_members_files_and_announcements_are_at_most_twice_the_requests(
    implementation: str, tmp_path: Path
) -> None:
    small = counts(tmp_path / "small", implementation, 100, 60, 25)
    large = counts(tmp_path / "large", implementation, 200, 120, 50)
    beside = {action: times for action, times in large.items() if times > small[action]}

    assert large.total() <= 2 * small.total()
    assert sum(times - small[action] for action, times in beside.items()) <= 3  # the folders: there are three more
    assert len(beside) <= 1


@pytest.mark.long
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_ten_thousand_members_and_two_thousand_files_are_asked_for_list_by_list(
    implementation: str, tmp_path: Path
) -> None:
    files, notices = 2000, 200
    with staged(tmp_path, world(10_000, files, notices), implementation=implementation) as stage:
        adopted(stage, files, notices)
        found = asked(stage, "plan", "--detailed-exitcode")
        members = found["get_group_member_list"]
        assert (2 if implementation == "napcat" else 1) == members
        assert found["get_group_member_info"] == 0
        plan = json.loads(run_on(stage, "plan", "--json").out)
        assert plan["qqgroup"]["reads"] == found.total()
        assert [] == plan["resource_changes"]
        # Beside the folders: who answers, the groups, members, announcements, details, files and the room for them.
        assert found.total() <= files // PER_FOLDER + 10
