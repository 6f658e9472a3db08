"""`qqgroup why`: what the bot would do about one message, with everything that decided it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.inside import run_inside
from tests.cli.test_loading import NETWORK, SERVER, loaded
from tests.stage import PEOPLE_YAML, Ran, write_yaml

HUB = {
    "kind": "Group",
    "key": "hub",
    "id": 731000001,
    "roles": [{"key": "team", "members": ["bob"]}],
    "rules": {
        "items": [
            {
                "key": "ads",
                "text": "禁止广告",
                "detect": {"any": [{"contains": "刷单"}, {"regex": "加\\s*v"}]},
                "penalties": ["warn"],
                "exempt": {"roles": ["team"]},
            }
        ]
    },
    "replies": [
        {
            "key": "install",
            "when": {"all": [{"contains": "怎么装"}, {"contains": "python"}]},
            "reply": "{at} 看文档",
            "who": {"level": 3},
        },
        {
            "key": "night",
            "when": {"contains": "有人"},
            "reply": "夜深了",
            "hours": [{"from": "23:00", "to": "07:00"}],
        },
    ],
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    account = {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11"}
    write_yaml(tmp_path / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    write_yaml(tmp_path / "people.yaml", PEOPLE_YAML)
    hub = json.loads(json.dumps(HUB))
    hub["replies"][0].pop("who")
    write_yaml(tmp_path / "hub.yaml", hub)
    return tmp_path


def why(folder: Path, *words: str, language: str = "en", **how: object) -> Ran:
    return run_inside("--dir", str(folder), "--lang", language, "why", *words, **how)  # type: ignore[arg-type]


def test_what_is_said_by_which_item_and_where_in_the_message_it_was_found(workspace: Path) -> None:
    ran = why(workspace, "hub", "请问怎么裝 Ｐython 啊")

    assert (0, "") == (ran.code, ran.err)
    assert [
        "→ says “@member 看文档”  hub/reply/install",
        f"hub/reply/install: it was carried out  --> {workspace.as_posix()}/hub.yaml:22:8",
        "  ✓ contains: 怎么装 in “怎么裝”, characters 3 to 5",
        "  ✓ contains: python in “Ｐython”, characters 7 to 12",
        "Items of which nothing was found in the message: 2.",
    ] == ran.out.splitlines()


def test_what_nearly_answered_is_shown_with_every_condition(workspace: Path) -> None:
    lines = why(workspace, "hub", "怎么装 pyton").out.splitlines()

    assert "The bot does nothing." == lines[0]
    assert lines[1].startswith("hub/reply/install: its conditions do not hold  --> ")
    assert ["  ✗ all of these", "    ✓ contains: 怎么装", "    ✗ contains: python"] == lines[2:5]


def test_who_says_it_and_when_decides(workspace: Path) -> None:
    assert "→ says “@alice 请遵守群规：禁止广告”" in why(workspace, "hub", "刷单", "--from", "小艾").out
    assert "this person is exempt" in why(workspace, "hub", "刷单", "--from", "bob").out
    assert "this person is exempt" in why(workspace, "hub", "刷单", "--role", "team").out
    assert "this person is exempt" in why(workspace, "hub", "刷单", "--rank", "admin").out
    assert "the bot never answers itself" in why(workspace, "hub", "刷单", "--from", "bot").out
    assert "it is not the time for it" in why(workspace, "hub", "有人吗").out
    assert "→ says “夜深了”" in why(workspace, "hub", "有人吗", "--at", "23:40").out
    assert "→ says “夜深了”" in why(workspace, "hub", "有人吗", "--at", "2026-12-01T06:00").out


def test_items_can_be_asked_for_by_name_or_all_together(workspace: Path) -> None:
    assert "✗ contains: 有人" in why(workspace, "hub", "早", "--item", "night").out
    assert "regex" not in why(workspace, "hub", "早", "--item", "night").out
    assert "✗ regex" in why(workspace, "hub", "早", "--all").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hubb", "x"], "Did you mean `hub`?"),
        (["hub", "x", "--from", "alise"], "Did you mean `alice`?"),
        (["hub", "x", "--role", "tea"], "Did you mean `team`?"),
        (["hub", "x", "--item", "nite"], "Did you mean `night`?"),
        (["hub", "x", "--at", "nachts"], "There is no such time"),
        (["hub", "x", "--at", "9999-12-31T23:59"], "There is no such time"),
        (["hub", "x", "--from", "²"], "Nobody is called"),
    ],
)
def test_what_is_not_there_is_an_error_with_a_hint(workspace: Path, words: list[str], said: str) -> None:
    ran = why(workspace, *words)

    assert (1, "") == (ran.code, ran.out)
    assert said in ran.err


def test_json_says_the_same(workspace: Path) -> None:
    document = json.loads(why(workspace, "hub", "请问怎么裝 python", "--from", "alice", "--json").out)
    (item,) = document["items"]

    assert [("say", "hub/reply/install", "@alice 看文档")] == [
        (one["action"], one["item"], one["said"]) for one in document["actions"]
    ]
    assert ("done", 22, {"condition": "contains: 怎么装", "start": 2, "end": 5, "text": "怎么裝"}) == (
        item["verdict"], item["line"], item["found"][0]
    )  # fmt: skip
    assert ("hub", "member", 100000001) == (document["group"], document["from"]["rank"], document["from"]["qq"])
    assert ([], 2) == (document["silent"], document["others"])


def test_a_level_is_the_one_that_is_given(workspace: Path) -> None:
    write_yaml(workspace / "hub.yaml", HUB)

    assert "it is not for this person" in why(workspace, "hub", "怎么装 python").out
    assert "it is not for this person" in why(workspace, "hub", "怎么装 python", "--level", "2").out
    assert "→ says" in why(workspace, "hub", "怎么装 python", "--level", "3").out


def test_in_chinese_it_is_chinese(workspace: Path) -> None:
    ran = why(workspace, "hub", "怎么装 python", language="zh_CN")

    assert ran.out.startswith("→ 说“@member 看文档”")
    assert "The bot" not in ran.out


def test_what_was_written_to_steer_a_terminal_is_made_harmless(workspace: Path) -> None:
    ran = why(workspace, "hub", "刷单\x1b[31m怎么装\u202e python\x9b")

    assert not {"\x1b", "\u202e", "\x9b"} & set(ran.out)


def test_a_terminal_is_coloured_and_a_pipe_is_not(workspace: Path) -> None:
    assert "\x1b[" in why(workspace, "hub", "刷单", tty=True).out
    assert "\x1b[" not in why(workspace, "hub", "刷单").out


@pytest.mark.parametrize("words", [["why", "hub", "你好"], ["chat", "hub"]])
def test_nothing_of_a_network_or_a_server_is_loaded(workspace: Path, words: list[str]) -> None:
    assert set() == loaded("--dir", str(workspace), *words) & (NETWORK | SERVER)
