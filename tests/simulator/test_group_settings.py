"""Settings in the simulated world, and NapCat's actions about them with their defaults and defects."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.simulator.dialects.base import Implementation
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount, parse_seed
from qqgroup_provision.simulator.settings import DEFAULTS
from qqgroup_provision.simulator.world import World

GROUP, SELF, OTHER = 731000001, 100000000, 100000001
SEED = f"""
kind: World
accounts: {{main: {{qq: {SELF}}}}}
groups:
  - {{id: {GROUP}, name: 群, owner: {SELF}, members: [{OTHER}], settings: {{description: 简介, method: open}}}}
"""
PICTURE = b"\x89PNG\r\n\x1a\n..."


@pytest.fixture
def world() -> Iterator[World]:
    opened = World(parse_seed(SEED))
    yield opened
    opened.close()


def account(version: str = "", qq: int = SELF) -> SeedAccount:
    return SeedAccount("main", qq, "", "napcat", "", 0, version)


@pytest.fixture
def napcat(world: World) -> NapCat:
    return NapCat(world, account())


def call(server: Implementation, action: str, **params: Any) -> tuple[str, str]:
    body = server.call(action, {"group_id": GROUP, **params}).body
    return body["status"], body["message"]


def data(server: Implementation, action: str) -> Any:
    return server.call(action, {"group_id": GROUP}).body["data"]


def changed(world: World) -> dict[str, Any]:
    return {key: value for key, value in world.settings(GROUP).items() if value != DEFAULTS[key]}


def test_a_world_begins_with_what_is_written_and_the_rest_as_in_a_new_group(world: World) -> None:
    assert {"description": "简介", "method": "open"} == changed(world)
    assert world.settings(GROUP) == world.snapshot()[str(GROUP)]["settings"]
    assert [] == world.timeline()


@pytest.mark.parametrize("wrong", ["x: 1", "method: maybe", "history_visible: 1", "description: 5", "1: 2"])
def test_a_setting_that_qq_does_not_have_is_no_world(wrong: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse_seed(SEED.replace("description: 简介, method: open", wrong))


@pytest.mark.parametrize("version", ["4.x", "v4", "4.-1", "4..1"])
def test_a_version_is_numbers_and_dots(version: str) -> None:
    with pytest.raises(ValueError, match="version"):
        parse_seed(SEED.replace("{qq: 100000000}", f'{{qq: 100000000, version: "{version}"}}'))


def test_admins_may_change_settings_and_others_may_not_and_the_answer_is_in_no_timeline(world: World) -> None:
    with pytest.raises(Refusal):
        world.change_settings(OTHER, GROUP, method="review")
    world.change_settings(SELF, GROUP, method="correct_answer", answer="吉多")

    assert {"description": "简介", "method": "correct_answer", "answer": "吉多"} == changed(world)
    assert "吉多" not in str(world.timeline())
    with pytest.raises(Refusal):
        world.patch(GROUP, {"settings": {"method": "maybe"}})


def test_a_world_of_an_older_version_is_opened_and_has_settings(tmp_path: Path) -> None:
    World(parse_seed(SEED), tmp_path / "w").close()
    with closing(sqlite3.connect(tmp_path / "w")) as database:
        database.execute("DROP TABLE settings")
    with closing(World(parse_seed(SEED), tmp_path / "w")) as world:
        assert {} == changed(world)


@pytest.mark.parametrize("kind", [NapCat, LLBot])
def test_a_picture_is_taken_if_it_is_one(world: World, kind: type[Implementation]) -> None:
    server = kind(world, account())
    good = "base64://" + base64.b64encode(PICTURE).decode()

    assert "failed" == call(server, "set_group_portrait", file="base64://" + base64.b64encode(b"text").decode())[0]
    assert "failed" == call(server, "set_group_portrait", file="/nowhere.png")[0]
    assert "ok" == call(server, "set_group_portrait", file=good)[0]
    assert hashlib.sha256(PICTURE).hexdigest() == world.settings(GROUP)["avatar"]
    assert "failed" == call(kind(world, account(qq=OTHER)), "set_group_portrait", file=good)[0]


def test_llbot_lists_the_description_and_knows_none_of_napcats_actions(world: World) -> None:
    server = LLBot(world, account())

    assert ["简介"] == [item["group_memo"] for item in data(server, "get_group_list")]
    for action in NapCat(world, account()).actions.keys() - server.actions.keys():
        assert "failed" == call(server, action)[0]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"add_type": 4, "group_question": "q", "group_answer": "a"}, ("correct_answer", "q", "a")),
        ({"add_type": 4, "group_question": "q"}, ("correct_answer", "q", "")),
        ({"add_type": 4}, ("correct_answer", "", "")),
        ({"add_type": 5, "group_question": "q", "group_answer": "a"}, ("question_and_review", "q", "")),
        ({"add_type": 1, "group_question": "q", "group_answer": "a"}, ("open", "", "")),
    ],
)
def test_what_is_left_out_of_joining_is_emptied(napcat: NapCat, given: dict[str, Any], kept: tuple[str, ...]) -> None:
    napcat.world.patch(GROUP, {"settings": {"method": "correct_answer", "question": "old", "answer": "old"}})
    assert "ok" == call(napcat, "set_group_add_option", **given)[0]

    found = napcat.world.settings(GROUP)
    assert kept == (found["method"], found["question"], found["answer"])


def test_permissions_that_are_left_out_stay_and_none_at_all_is_refused(napcat: NapCat) -> None:
    assert ("failed", "至少需要提供一个群成员功能权限") == call(napcat, "set_group_member_permissions")
    assert "ok" == call(napcat, "set_group_member_permissions", allow_member_create_group=False)[0]
    assert "failed" == call(napcat, "set_group_member_permissions", allow_member_create_group=0)[0]
    assert {"description", "method", "create_group"} == changed(napcat.world).keys()


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("set_group_add_option", {"add_type": 9}),
        ("set_group_add_option", {}),
        ("set_group_member_invite_policy", {"policy": "maybe"}),
        ("set_group_new_member_history_visibility", {"visible": "yes"}),
        ("set_group_new_member_history_visibility", {}),
    ],
)
def test_what_qq_does_not_have_is_refused(napcat: NapCat, action: str, params: dict[str, Any]) -> None:
    before = napcat.world.settings(GROUP)

    assert "failed" == call(napcat, action, **params)[0]
    assert before == napcat.world.settings(GROUP)


@pytest.mark.parametrize(("version", "able"), [("4.18.17", False), ("4.18.18", True), ("", True)])
def test_an_older_napcat_knows_less(world: World, version: str, able: bool) -> None:
    server = NapCat(world, account(version))

    assert version in ("", data(server, "get_version_info")["app_version"])
    assert able == ("ok" == call(server, "set_group_member_invite_policy", policy="disabled")[0])
    assert "ok" == call(server, "set_group_robot_add_option", robot_member_switch=1, robot_member_examine=2)[0]
    assert "forbidden" == world.settings(GROUP)["robots"]


def test_details_are_given_to_those_in_the_group_alone(napcat: NapCat) -> None:
    found = data(napcat, "get_group_detail_info")

    assert ("简介", 1, "") == (found["richFingerMemo"], found["groupOption"], found["group_remark"])
    assert (
        "failed"
        == NapCat(napcat.world, account(qq=5)).call("get_group_detail_info", {"group_id": GROUP}).body["status"]
    )
    assert {"inviteRobotMemberSwitch", "inviteRobotMemberExamine"} <= data(napcat, "get_group_info_ex")[
        "extInfo"
    ].keys()
