"""What YAML says of a group's bot: composed as everything else, typed, and faults told at their place."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from qqgroup_provision.behavior.conditions import All, Any, Expression, Fuzzy, Has, How, Link, Not, Trait, Words
from qqgroup_provision.behavior.configuration import (
    Configuration,
    Cooldown,
    Hours,
    Mention,
    Picture,
    Spoken,
    Who,
)
from qqgroup_provision.behavior.placeholders import Slot
from qqgroup_provision.ports import Rank
from tests.workspace.folder import GROUP, faults, groups, load

TEAM = "roles:\n- {key: team, members: [alice]}\n"


def behavior(root: Path, written: str, **files: str) -> Configuration:
    found = groups(
        root, {"hub.yaml": GROUP + written, **{name.replace("__", "."): text for name, text in files.items()}}
    )
    built = found["hub"].behavior
    assert built is not None
    return built


def found_in(root: Path, written: str) -> list[str]:
    return faults(load(root, {"hub.yaml": GROUP + written}))


def reply(when: str, more: str = "", said: str = "好") -> str:
    return f"replies:\n- key: a\n  when: {when}\n  reply: {said}\n{more}"


def test_a_group_that_says_nothing_of_a_bot_has_no_behaviour(tmp_path: Path) -> None:
    assert groups(tmp_path, {"hub.yaml": GROUP})["hub"].behavior is None


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ("{equals: 安装}", Words(How.EQUALS, "安装")),
        ("{contains: [a, b]}", Any((Words(How.CONTAINS, "a"), Words(How.CONTAINS, "b")))),
        ("{prefix: '#求助'}", Words(How.PREFIX, "#求助")),
        ("{whole_word: vx}", Words(How.WHOLE_WORD, "vx")),
        ("{regex: 'pip.*失败'}", Expression("pip.*失败")),
        ("{fuzzy: 怎么安装}", Fuzzy("怎么安装", 80)),
        ("{fuzzy: {text: 怎么安装, score: 90}}", Fuzzy("怎么安装", 90)),
        ("{at_me: true, image: false}", All((Has(Trait.AT_ME), Not(Has(Trait.IMAGE))))),
        ("{link: true}", Link()),
        ("{link: false}", Not(Link())),
        ("{link: {hosts: [b.com]}}", Link(("b.com",), others=False)),
        ("{link: {except: [b.com]}}", Link(("b.com",))),
        ("{file: true, card: true, forwarded: true}", All((Has(Trait.FILE), Has(Trait.CARD), Has(Trait.FORWARDED)))),
        (
            "{all: [{contains: 装}, {not: {contains: 修}}]}",
            All((Words(How.CONTAINS, "装"), Not(Words(How.CONTAINS, "修")))),
        ),
        ("{any: [{equals: a}, {equals: b}]}", Any((Words(How.EQUALS, "a"), Words(How.EQUALS, "b")))),
    ],
)
def test_conditions_are_read(tmp_path: Path, written: str, condition: object) -> None:
    (built,) = behavior(tmp_path, reply(written, "  cooldown: 1s\n")).replies

    assert condition == built.when


def test_everything_a_reply_can_say_is_read(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    said = '["{name} 看：", {image: assets/a.png}, {at: sender}, {at: alice}, {text: 好}]'
    more = (
        "  cooldown: {group: 30s, user: 1m}\n  hours: [{from: '22:00', to: '07:30'}]\n  quote: true\n"
        "  who: {ranks: [member, admin], roles: [team], not_roles: [team], level: 3}\n" + TEAM
    )
    (built,) = behavior(tmp_path, reply("{equals: a}", more, said)).replies
    (saying,) = built.sayings
    spoken, picture, *rest = saying.pieces

    assert Spoken((Slot("name"), " 看：")) == spoken
    assert isinstance(picture, Picture)
    assert ("assets/a.png", 64) == (picture.path, len(picture.sha256))
    assert [Mention(), Mention(100000001), Spoken(("好",))] == rest
    assert (Cooldown(30, 60), (Hours(time(22), time(7, 30)),), True) == (built.cooldown, built.hours, built.quote)
    assert built.who == Who(frozenset({Rank.MEMBER, Rank.ADMIN}), frozenset({"team"}), frozenset({"team"}), 3)


def test_one_of_several_is_drawn_alike_or_by_weight(tmp_path: Path) -> None:
    alike = behavior(tmp_path, reply("{equals: a}", said="{random: [一, [二, 三]]}")).replies[0]
    weighted = behavior(tmp_path, reply("{equals: a}", said="{weighted: [{weight: 3, say: 一}]}")).replies[0]

    assert [(1, 1), (1, 2)] == [(saying.weight, len(saying.pieces)) for saying in alike.sayings]
    assert [3] == [saying.weight for saying in weighted.sayings]


def test_roles_other_bots_and_names_are_known_to_the_engine(tmp_path: Path) -> None:
    built = behavior(tmp_path, reply("{equals: a}", TEAM + "other_bots: [bob, 3000000001]\nprofile: {name: 总群}\n"))

    assert {100000001: frozenset({"team"})} == built.roles
    assert {100000002, 3000000001, 2854196310} == built.bots
    assert ("hub", 731000001, "总群") == (built.group, built.group_id, built.group_name)


def test_replies_are_composed_as_other_lists_and_the_groups_own_come_first(tmp_path: Path) -> None:
    template = (
        "kind: Template\nkey: all\nwelcome: {text: 你好, merge_within: 20s}\nreplies:\n"
        "- {key: x, when: {equals: x}, reply: 模板}\n- {key: y, when: {equals: y}, reply: 模板}\n"
    )
    own = (
        "extends: [all]\nreplies:\n- {key: y, when: {equals: y2}, reply: 自己}\n"
        "- {key: z, when: {equals: z}, reply: 自己}\n"
    )
    built = behavior(tmp_path, own, t__yaml=template)

    assert ["y", "z", "x"] == [one.key for one in built.replies]
    assert Words(How.EQUALS, "y2") == built.replies[0].when
    assert built.welcome is not None
    assert 20.0 == built.welcome.merge


def test_null_takes_back_what_a_template_says(tmp_path: Path) -> None:
    template = "kind: Template\nkey: all\nwelcome: {text: 你好}\nreplies:\n- {key: x, when: {equals: x}, reply: 好}\n"
    built = behavior(tmp_path, "extends: [all]\nwelcome: null\nreplies: null\n", t__yaml=template)

    assert ((), None, []) == (built.replies, built.welcome, list(built.items()))


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (reply("{regex: '装(?!修)'}"), "QG331 hub.yaml:6:19"),
        (reply("{any: [{equals: b}, {regex: 加\\bvx}]}"), "QG332 hub.yaml:6:38"),
        (reply('{contains: "\\u200b"}'), "QG333 hub.yaml:6:20"),
        (reply("{equals: a}", said='"你好 {nmae}"'), "QG334 hub.yaml:7:10"),
        (reply("{equals: a}", said='"{ 你好"'), "QG334 hub.yaml:7:10"),
        (reply("{equals: a}", said="{random: [好, '{1}']}"), "QG334 hub.yaml:7:23"),
        (reply("{contains: 好}"), "QG335 hub.yaml:7:10"),
        (reply("{equals: a}", "  who: {roles: [nobody]}\n"), "QG336 hub.yaml:8:17"),
        (reply("{equals: a}", said="[{at: nobody}]"), "QG306 hub.yaml:7:16"),
        (reply("{equals: a}", "other_bots: [nobody]\n"), "QG306 hub.yaml:8:14"),
        (reply("{equals: a}", said="[{image: gone.png}]"), "QG122 hub.yaml:7:19"),
        (reply("{equals: a}", "- {key: a, when: {equals: b}, reply: 好}\n"), "QG308 hub.yaml:8:9"),
        (reply("{equal: a}"), "QG203 hub.yaml:6:10"),
        (reply("{}"), "QG208 hub.yaml:6:9"),
        (reply("{equals: 12}"), "QG205 hub.yaml:6:18"),
        ("welcome: {text: '{1}'}\n", "QG334 hub.yaml:4:17"),
    ],
)
def test_a_fault_is_told_where_it_is(tmp_path: Path, written: str, fault: str) -> None:
    assert [fault] == found_in(tmp_path, written)


def test_a_condition_and_what_is_said_are_replaced_whole(tmp_path: Path) -> None:
    """Half of a condition is another condition, and nobody says two things at once."""
    template = (
        "kind: Template\nkey: all\nwelcome: {text: {random: [早, 晚]}}\nreplies:\n"
        "- {key: x, when: {contains: a}, reply: {random: [一, 二]}, cooldown: {user: 5s}}\n"
    )
    own = (
        "extends: [all]\nwelcome: {text: {weighted: [{weight: 2, say: 好}]}}\nreplies:\n"
        "- {key: x, when: {equals: b}, reply: {weighted: [{weight: 7, say: 三}]}, cooldown: {group: 9s}}\n"
    )
    built = behavior(tmp_path, own, t__yaml=template)

    assert Words(How.EQUALS, "b") == built.replies[0].when
    assert [7] == [saying.weight for saying in built.replies[0].sayings]
    assert Cooldown(9, 5) == built.replies[0].cooldown
    assert built.welcome is not None
    assert [2] == [saying.weight for saying in built.welcome.sayings]
