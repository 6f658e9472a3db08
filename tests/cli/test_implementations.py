"""Implementations that can do less, and the other transport: what works, what is told beforehand, what is learnt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.inside import run_on
from tests.stage import GROUP, WORLD, Stage, staged

LESSER = ["lagrange", "gocq"]
NAMES = {"lagrange": "Lagrange.OneBot 0.0.3", "gocq": "go-cqhttp v1.2.0"}
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.fixture(params=LESSER)
def lesser(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A workspace and a world, on each implementation that cannot do everything."""
    with staged(tmp_path, implementation=request.param) as found:
        yield found


@pytest.fixture
def lagrange(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation="lagrange") as found:
        yield found


def name(stage: Stage) -> str:
    return NAMES[stage.simulator.seed.accounts["main"].implementation]


def over_websocket(stage: Stage, path: str = "") -> None:
    """Let the workspace ask over WebSocket instead."""
    file = stage.folder / "workspace.yaml"
    written = file.read_text(encoding="utf-8")
    address = stage.simulator.endpoint()
    file.write_text(written.replace(address, address.replace("http:", "ws:") + path), encoding="utf-8")


def refused(stage: Stage) -> list[tuple[str, str]]:
    """The codes and subjects a plan reports."""
    plan = json.loads(run_on(stage, "plan", "--json").out)["qqgroup"]
    return [(item["code"], item["subject"]) for item in plan["diagnostics"]]


def test_what_they_can_do_they_do_and_a_second_plan_is_empty(lesser: Stage) -> None:
    done = run_on(lesser, "apply", "--auto-approve")
    live = lesser.live()

    assert 0 == done.code, done.err
    assert ("新群名", True) == (live["name"], live["mute_all"])
    assert {"role": "admin", "card": "【维护】小艾", "title": "维护者", "nickname": "Alice"} == live["members"][
        "100000001"
    ]
    assert {"群规 <1>\n  二 & 三", "消息", "别人的公告"} == {notice["text"] for notice in live["announcements"]}
    lesser.simulator.take_calls()
    again = run_on(lesser, "plan", "--detailed-exitcode")
    assert (0, True, []) == (again.code, "No changes" in again.out, lesser.writes())


def test_a_title_that_cannot_be_read_is_sent_once_and_again_only_when_yaml_changes(lagrange: Stage) -> None:
    def titled(title: str | None) -> None:
        roles = [{"key": "t", "members": ["alice"], "title": title}]
        lagrange.group({"kind": "Group", "key": "hub", "id": GROUP, "roles": roles})

    for title in ("维护者", "别的", None):
        titled(title)
        assert 0 == run_on(lagrange, "apply", "--auto-approve").code
        assert (title or "") == lagrange.live()["members"]["100000001"].get("title", "")
        assert ["set_group_special_title"] == lagrange.writes()
        lagrange.simulator.take_calls()
        assert 0 == run_on(lagrange, "plan", "--detailed-exitcode").code
    assert {"alice": {"title": None}} == {
        entry["address"].rpartition("/")[2]: entry["applied"]
        for entry in json.loads((lagrange.folder / ".qqgroup" / "state.json").read_text(encoding="utf-8"))[
            "resources"
        ]
    }


def test_a_mute_that_cannot_be_read_is_sent_once_and_compared_with_what_was_applied(lesser: Stage) -> None:
    run_on(lesser, "apply", "--auto-approve")
    assert "set_group_whole_ban" in lesser.writes()
    lesser.simulator.patch(GROUP, {"mute_all": False})  # by hand: nobody can see that
    assert 0 == run_on(lesser, "apply", "--auto-approve").code
    assert [] == lesser.writes()
    lesser.group({**lesser.wanted, "mute_all": False})
    assert 0 == run_on(lesser, "apply", "--auto-approve").code
    assert ["set_group_whole_ban"] == lesser.writes()


@pytest.mark.parametrize(
    ("changes", "subject", "words"),
    [
        ({"profile": {"remark": "备注"}}, "hub/profile", "set_remark"),
        ({"announcements": [{"key": "a", "text": "新", "pinned": True}]}, "hub/announcement/a", "notice_flags"),
        ({"announcements": [{"key": "a", "text": "新", "confirm": False}]}, "hub/announcement/a", "notice_flags"),
    ],
)
def test_what_they_cannot_do_is_told_by_the_plan_with_their_name_and_version(
    lesser: Stage, changes: dict[str, Any], subject: str, words: str
) -> None:
    lesser.group({"kind": "Group", "key": "hub", "id": GROUP, **changes})
    assert [("QG512", subject)] == refused(lesser)
    lesser.simulator.take_calls()
    done = run_on(lesser, "apply", "--auto-approve")

    assert (True, []) == (done.code != 0, lesser.writes())
    assert (True, True, True) == (name(lesser) in done.err, words in done.err, "100000000" in done.err)


def test_a_picture_is_for_those_who_take_one(lesser: Stage) -> None:
    (lesser.folder / "rules.png").write_bytes(PICTURE)
    notices = [{"key": "a", "text": "带图", "image": "rules.png"}]
    lesser.group({"kind": "Group", "key": "hub", "id": GROUP, "announcements": notices})
    if "go-cqhttp" in name(lesser):
        assert 0 == run_on(lesser, "apply", "--auto-approve").code
        assert all(n["image"] for n in lesser.live()["announcements"] if n["text"] == "带图")
    else:
        assert [("QG512", "hub/announcement/a")] == refused(lesser)


def test_flags_that_are_as_they_always_are_may_be_asked_for(lesser: Stage) -> None:
    notices = [{"key": "a", "text": "新", "pinned": False, "confirm": True}]
    lesser.group({"kind": "Group", "key": "hub", "id": GROUP, "announcements": notices})

    assert 0 == run_on(lesser, "apply", "--auto-approve").code
    assert [] == refused(lesser)


def test_an_ok_for_what_qq_refused_is_found_out_by_reading(lesser: Stage) -> None:
    lesser.group({"kind": "Group", "key": "hub", "id": GROUP, "profile": {"name": "名" * 29}})
    lesser.simulator.faults({"action": "set_group_name", "pretend": True})
    done = run_on(lesser, "apply", "--auto-approve")

    assert (6, True) == (done.code, "QG601" in done.err)


@pytest.mark.parametrize("implementation", ["napcat", "llbot", *LESSER])
def test_the_whole_cycle_works_over_websocket_too(implementation: str, tmp_path: Path) -> None:
    with staged(tmp_path, implementation=implementation) as stage:
        over_websocket(stage)
        plan = json.loads(run_on(stage, "plan", "--json").out)["qqgroup"]
        read = len(stage.simulator.take_calls())
        done = run_on(stage, "apply", "--auto-approve")
        sent = len(stage.simulator.take_calls())

        assert (0, plan["reads"]) == (done.code, read), done.err
        assert sent == read + plan["writes"]
        assert "新群名" == stage.live()["name"]
        assert 0 == run_on(stage, "plan", "--detailed-exitcode").code


def test_a_token_refused_over_websocket_ends_the_plan(napcat: Stage) -> None:
    over_websocket(napcat)
    napcat.environment["TEST_TOKEN"] = "another"
    done = run_on(napcat, "plan")

    assert ("QG402" in done.err, "another" in done.out + done.err) == (True, False)


MISSING = {
    "napcat": {"retcode": 200, "message": "不支持的Api set_group_special_title"},
    "llbot": {"retcode": 404, "message": "set_group_special_title API 不存在"},
    "lagrange": {"retcode": 404, "message": ""},
    "gocq": {"retcode": 404, "message": "API_NOT_FOUND"},
}


@pytest.mark.parametrize("socket", [False, True], ids=["http", "websocket"])
@pytest.mark.parametrize("implementation", MISSING)
def test_an_action_that_turns_out_to_be_missing_is_not_tried_again(
    implementation: str, socket: bool, tmp_path: Path
) -> None:
    with staged(tmp_path, two_groups(), implementation=implementation) as stage:
        if socket:
            over_websocket(stage)
        titles = [{"key": "t", "members": ["alice", "bob"], "title": "头衔"}]
        stage.group({"kind": "Group", "key": "hub", "id": GROUP, "mute_all": True, "roles": titles})
        other = {"kind": "Group", "key": "other", "id": GROUP + 1, "roles": titles}
        stage.group(other, "other.yaml")
        stage.simulator.faults({"action": "set_group_special_title", "refuse": MISSING[implementation]})
        done = run_on(stage, "apply", "--auto-approve")

        assert (6, 4, 3) == (done.code, done.err.count("QG512"), done.err.count("not asked again")), done.err
        assert ["set_group_special_title", "set_group_whole_ban"] == sorted(stage.writes())
        stage.simulator.faults()
        assert 0 == run_on(stage, "apply", "--auto-approve").code  # the next run asks anew
        assert 4 == stage.writes().count("set_group_special_title")


def two_groups() -> dict[str, Any]:
    (group,) = WORLD["groups"]
    return {**WORLD, "groups": [group, {**group, "id": GROUP + 1}]}


def test_milky_has_no_websocket_for_requests_and_that_is_said_at_once(tmp_path: Path) -> None:
    with staged(tmp_path, implementation="llbot-milky") as stage:
        over_websocket(stage)
        done = run_on(stage, "plan")

        assert (True, []) == ("http://" in done.err and "QG403" in done.err, stage.simulator.take_calls())
