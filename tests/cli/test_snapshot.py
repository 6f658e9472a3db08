"""Plans against a snapshot: for whoever may propose changes and has no token, such as a fork's pull request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stage import GROUP, GROUP_YAML, Stage, staged

JOIN = {"method": "correct_answer", "question": "口号?", "answer": "${secret:HUB_ANSWER}"}


def taken(stage: Stage) -> Path:
    file = stage.folder.parent / "snapshot.json"
    done = stage.run("snapshot", "--out", str(file))
    assert 0 == done.code, done.out + done.err
    return file


def changes(stage: Stage, *words: str) -> list[dict[str, Any]]:
    """The changes of a plan, without what differs between two runs of one plan."""
    done = stage.run("plan", "--json", *words)
    assert 0 == done.code, done.err
    found: list[dict[str, Any]] = json.loads(done.out)["resource_changes"]
    return found


@pytest.mark.parametrize("implementation", ["napcat", "llbot", "lagrange", "gocq", "llbot-milky"])
def test_a_plan_against_a_snapshot_is_the_plan_against_the_groups(tmp_path: Path, implementation: str) -> None:
    with staged(tmp_path, implementation=implementation) as stage:
        file = taken(stage)
        live = changes(stage)
        stage.simulator.take_calls()

        assert live
        assert live == changes(stage, "--against", str(file))
        assert [] == stage.simulator.take_calls()


def test_it_needs_no_token_no_secret_and_no_state(napcat: Stage) -> None:
    napcat.group({**GROUP_YAML, "join": JOIN})
    napcat.environment = {"HUB_ANSWER": "人生苦短"}
    assert 0 == napcat.run("apply", "--auto-approve").code
    file = taken(napcat)
    for state in (napcat.folder / ".qqgroup").iterdir():
        state.unlink()
    napcat.environment = {"TEST_TOKEN": ""}
    napcat.group({**GROUP_YAML, "join": JOIN, "profile": {"name": "更新的群名"}})

    assert ["hub/profile"] == [change["address"] for change in changes(napcat, "--against", str(file))]
    assert "人生苦短" not in file.read_text(encoding="utf-8")
    assert "s3cret-token" not in file.read_text(encoding="utf-8")


def test_it_says_how_old_it_is_and_is_never_applied(napcat: Stage) -> None:
    file, plan, page = taken(napcat), napcat.folder.parent / "plan.json", napcat.folder.parent / "plan.md"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["taken"] = "2026-01-05T10:00:00+08:00"
    file.write_text(json.dumps(document), encoding="utf-8")
    napcat.simulator.take_calls()
    done = napcat.run("plan", "--against", str(file), "--out", str(plan), "--markdown", str(page))

    assert 0 == done.code, done.err
    assert "2026-01-05T10:00+08:00" in done.out.splitlines()[0]
    assert "2026-01-05T10:00+08:00" in page.read_text(encoding="utf-8")
    assert "2026-01-05T10:00+08:00" in napcat.run("show", str(plan)).out
    applied = napcat.run("apply", str(plan))
    assert 5 == applied.code
    assert "snapshot" in applied.err
    assert [] == napcat.writes()


def test_a_group_that_it_does_not_have_is_unknown_and_not_empty(napcat: Stage) -> None:
    file = taken(napcat)
    napcat.group({"kind": "Group", "key": "new", "id": 731000009, "profile": {"name": "新"}}, "new.yaml")
    done = napcat.run("plan", "--against", str(file))

    assert 1 == done.code
    assert "QG501" in done.err + done.out
    assert "the snapshot does not have this group" in done.out + done.err


def test_what_could_not_be_read_is_said_and_stays_unknown(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "_get_group_notice", "refuse": {"message": "没有权限"}})
    file = napcat.folder.parent / "snapshot.json"
    done = napcat.run("snapshot", "--out", str(file))

    assert 1 == done.code
    assert "QG709" in done.err
    assert "hub/notices" in done.err
    plan = napcat.run("plan", "--against", str(file))
    assert 1 == plan.code
    planned = [
        change["type"]
        for change in json.loads(napcat.run("plan", "--json", "--against", str(file)).out)["resource_changes"]
    ]
    assert "title" in planned
    assert "announcement" not in planned


def test_names_of_people_of_whom_yaml_does_not_speak_are_left_out(napcat: Stage) -> None:
    members = json.loads(taken(napcat).read_text(encoding="utf-8"))["groups"][str(GROUP)]["members"]["known"]
    live = napcat.live()["members"]

    assert set(live) == set(members)
    named = {qq for qq, one in members.items() if one["nickname"] or one["card"]}
    assert {"100000001", "100000003"} <= named
    assert not named & {qq for qq in live if int(qq) > 100000003}


def cut_off(text: str) -> str:
    return text[: len(text) // 2]


def newer(text: str) -> str:
    return json.dumps({**json.loads(text), "format": 99})


def no_number(text: str) -> str:
    document = json.loads(text)
    document["groups"][str(GROUP)]["members"]["known"]["100000001"]["user_id"] = "一"
    return json.dumps(document)


def no_zone(text: str) -> str:
    return json.dumps({**json.loads(text), "taken": "2026-01-05T10:00:00"})


@pytest.mark.parametrize(
    ("damage", "code"), [(cut_off, "QG707"), (newer, "QG707"), (no_number, "QG708"), (no_zone, "QG708")]
)
def test_what_is_no_snapshot_is_refused(napcat: Stage, damage: Callable[[str], str], code: str) -> None:
    file = taken(napcat)
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    done = napcat.run("plan", "--against", str(file))

    assert 1 == done.code
    assert code in done.err
    assert "Traceback" not in done.err
