"""Files of `kind: Tests`: typed, and their faults told at their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.behavior.event import At, Card, File, Forwarded, Image, Text
from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.scenarios import Came, Expected, Spoke, Went
from tests.workspace.folder import GROUP, faults, load

HUB = GROUP + (
    "roles:\n- {key: team, members: [alice], admin: true}\nreplies:\n- {key: a, when: {equals: a}, reply: 好}\n"
    "welcome: {text: 欢迎}\n"
)
HEAD = "kind: Tests\ngroup: hub\nscenarios:\n- name: 一\n  steps:\n"


def steps(root: Path, written: str) -> tuple[object, ...]:
    loaded = load(root, {"hub.yaml": HUB, "tests/hub.yaml": HEAD + written})
    assert [] == faults(loaded)
    return tuple(step.happens for step in loaded.scenarios[0].steps)


def test_who_says_what_is_read(tmp_path: Path) -> None:
    member, alice, owner, number, later = steps(
        tmp_path,
        "  - say: 你好\n  - {from: alice, say: [在吗, {at: bot}, {at: all}, {image: true}, {file: a.zip}]}\n"
        "  - {from: owner, say: [{card: 'https://x.cn'}, {forwarded: [a, b]}]}\n  - {from: 100000009, say: ''}\n"
        "  - {after: 1m}\n",
    )

    assert isinstance(member, Spoke)
    assert isinstance(alice, Spoke)
    assert isinstance(owner, Spoke)
    assert isinstance(number, Spoke)
    assert later is None
    assert (Text("你好"),) == member.segments
    assert (100000001, "小艾", Rank.ADMIN) == (alice.actor.qq, alice.actor.name, alice.actor.rank)
    assert (Text("在吗"), At(4), At(None), Image(), File("a.zip")) == alice.segments
    assert (Card(url="https://x.cn"), Forwarded(((Text("a"),), (Text("b"),)))) == owner.segments
    assert Rank.OWNER is owner.actor.rank
    assert 100000009 == number.actor.qq


def test_who_comes_and_goes_is_read(tmp_path: Path) -> None:
    came, went = steps(tmp_path, "  - join: bob\n  - leave: member\n")

    assert isinstance(came, Came)
    assert isinstance(went, Went)
    assert (100000002, 1) == (came.actor.qq, went.actor.qq)


def test_what_is_expected_is_read(tmp_path: Path) -> None:
    written = (
        "  - {say: a, expect: {reply: none, actions: []}}\n  - {say: a, expect: {reply: 好, by: a}}\n"
        "  - {say: a, expect: {reply: {equals: [好, 行], contains: 好, excludes: [x], image: false}}}\n"
        "  - {say: a, expect: {by: welcome}}\n"
    )
    loaded = load(tmp_path, {"hub.yaml": HUB, "tests/hub.yaml": HEAD + written})

    assert [
        Expected(silent=True, actions=()),
        Expected(equals=("好",), by="a"),
        Expected(equals=("好", "行"), contains=("好",), excludes=("x",), image=False),
        Expected(by="welcome"),
    ] == [step.expected for step in loaded.scenarios[0].steps]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (HEAD.replace("hub", "hbu") + "  - say: a\n", "QG337 tests/hub.yaml:2:8"),
        (HEAD + "  - {say: a, join: bob}\n", "QG338 tests/hub.yaml:6:6"),
        (HEAD + "  - {from: bob}\n", "QG338 tests/hub.yaml:6:6"),
        (HEAD + "  - {say: a, expect: {by: b}}\n", "QG339 tests/hub.yaml:6:27"),
        (HEAD + "  - {say: a, from: nobody}\n", "QG306 tests/hub.yaml:6:20"),
        (HEAD.replace("name: 一", "name: 一\n  at: 2026-02-30T10:00") + "  - say: a\n", "QG319 tests/hub.yaml:5:7"),
        (HEAD + "  - {says: a}\n", "QG203 tests/hub.yaml:6:6"),
        ("kind: Tests\ngroup: hub\nscenarios: []\n", "QG208 tests/hub.yaml:3:12"),
    ],
)
def test_a_fault_is_told_where_it_is(tmp_path: Path, written: str, fault: str) -> None:
    assert [fault] == faults(load(tmp_path, {"hub.yaml": HUB, "tests/hub.yaml": written}))
