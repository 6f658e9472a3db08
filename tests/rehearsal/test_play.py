"""Scenarios played: what is met passes, and what is not says what came and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.play import Played, play
from tests.workspace.folder import GROUP, faults, load

HUB = (
    GROUP
    + """\
replies:
- key: install
  when: {any: [{equals: 安装}, {all: [{contains: 怎么装}, {contains: python}]}]}
  reply: "{at} 看 https://docs.python.org/"
  cooldown: {group: 30s}
- {key: hello, when: {prefix: 你好}, reply: {random: [在的, 你好呀]}, cooldown: 1s}
- {key: night, when: {contains: 有人}, reply: 夜深了, hours: [{from: "23:00", to: "07:00"}], cooldown: 1s}
welcome: {text: "欢迎 {at}", merge_within: 20s}
"""
)


def played(root: Path, written: str, head: str = "name: 一") -> Played:
    tests = f"kind: Tests\ngroup: hub\nscenarios:\n- {head}\n  steps:\n{written}"
    loaded = load(root, {"hub.yaml": HUB, "tests/hub.yaml": tests})
    assert [] == faults(loaded)
    behavior = loaded.required().groups["hub"].behavior
    assert behavior is not None
    return play(loaded.scenarios[0], Prepared(behavior))


@pytest.mark.parametrize(
    "step",
    [
        "{say: 怎么装 python, expect: {reply: {contains: docs.python.org}}}",
        "{say: 怎么装 python, expect: {reply: '@member 看 https://docs.python.org/', by: install, actions: [say]}}",
        "{from: alice, say: 安装, expect: {reply: {contains: ['@alice', docs], excludes: 'http://', image: false}}}",
        "{say: 你好, expect: {reply: {equals: [在的, 你好呀]}}}",
        "{say: 别的, expect: {reply: none, actions: []}}",
        "{from: bot, say: 安装, expect: {reply: none}}",
        "{from: 2854196310, say: 安装, expect: {reply: none}}",
        "{say: 有人吗, expect: {reply: none}}",
        "{after: 13h, say: 有人吗, expect: {by: night}}",
        "{leave: bob, expect: {actions: []}}",
        "{after: 20s, expect: {reply: none}}",
    ],
)
def test_what_is_met_passes(tmp_path: Path, step: str) -> None:
    assert played(tmp_path, f"  - {step}\n").passed


@pytest.mark.parametrize(
    ("step", "expected", "came", "why"),
    [
        (
            "{say: 怎么装 pyton, expect: {by: install}}",
            "something said by `install`",
            "nothing was said",
            [
                "hub/reply/install: its conditions do not hold",
                "  ✗ any of these",
                "    ✗ equals: 安装",
                "    ✗ all of these",
                "      ✓ contains: 怎么装",
                "      ✗ contains: python",
            ],
        ),
        (
            "{say: 今天装, expect: {reply: {contains: docs.python}}}",
            "something with “docs.python” in it",
            "nothing was said",
            ["hub/reply/install: its conditions do not hold", "  ✗ any of these"],
        ),
        (
            "{say: 请问怎么裝 Python, expect: {reply: none}}",
            "nothing is said",
            "“@member 看 https://docs.python.org/” by hub/reply/install",
            [
                "hub/reply/install: it was carried out",
                "  ✓ contains: 怎么装 in “怎么裝”",
                "  ✓ contains: python in “Python”",
            ],
        ),
        (
            "{say: 安装, expect: {reply: {equals: [好, 行], excludes: docs}}}",
            "“好” or “行”",
            "“@member 看 https://docs.python.org/” by hub/reply/install",
            ["hub/reply/install: it was carried out"],
        ),
        (
            "{say: 有人吗, expect: {reply: 夜深了}}",
            "“夜深了”",
            "nothing was said",
            ["hub/reply/night: it is not the time for it: `hours`", "  ✓ contains: 有人 in “有人”"],
        ),
        ("{from: bot, say: 安装, expect: {by: install}}", "something said by `install`", "nothing was said",
         ["the bot never answers itself"]),
        ("{say: 别的, expect: {actions: [say]}}", "actions: say", "nothing was said",
         ["The conditions of none of 3 replies hold."]),
        ("{say: 安装, expect: {actions: []}}", "actions: none",
         "“@member 看 https://docs.python.org/” by hub/reply/install", ["hub/reply/install: it was carried out"]),
        ("{say: 安装, expect: {reply: {image: true}}}", "a picture: true",
         "“@member 看 https://docs.python.org/” by hub/reply/install", ["hub/reply/install: it was carried out"]),
        ("{join: bob, expect: {reply: 欢迎 @bob}}", "“欢迎 @bob”", "nothing was said",
         ["hub/welcome: it waits for others to be greeted as well"]),
    ],
)  # fmt: skip
def test_what_is_not_met_says_what_came_and_why(
    tmp_path: Path, step: str, expected: str, came: str, why: list[str]
) -> None:
    (failure,) = played(tmp_path, f"  - {step}\n").failures
    marks = {True: "✓ ", False: "✗ ", None: ""}
    told = [f"{'  ' * line.depth}{marks[line.held]}{line.text}" for line in failure.why]

    assert (expected, came) == (str(failure.expected[0]), str(failure.came))
    assert why == told[: len(why)]
    assert ("tests/hub.yaml", 6) == (failure.place.file, failure.place.line)


def test_the_clock_stands_still_but_for_what_the_steps_say(tmp_path: Path) -> None:
    written = (
        "  - {say: 安装, expect: {by: install}}\n  - {say: 安装, expect: {reply: none}}\n"
        "  - {after: 29s, say: 安装, expect: {reply: none}}\n  - {after: 1s, say: 安装, expect: {by: install}}\n"
    )

    assert played(tmp_path, written).passed


RULES = """\
rules:
  items:
  - {key: ads, text: 禁止广告, detect: {contains: 刷单}, penalties: [warn, {recall: true, mute: 10m}, kick]}
  - {key: flood, text: 禁止刷屏, detect: {flood: {messages: 3, within: 10s}}, penalties: [{mute: 5m}]}
replies:
- {key: hello, when: {contains: 你好}, reply: 在的}
"""


def test_what_comes_of_a_broken_rule_can_be_expected(tmp_path: Path) -> None:
    written = (
        "  - {say: 你好 刷单, expect: {reply: {contains: [禁止广告, '@member']}, actions: [warn], by: ads}}\n"
        "  - {after: 1m, say: 刷单, expect: {reply: none, actions: [recall, mute], by: ads}}\n"
        "  - {after: 1m, say: 刷单, expect: {actions: [kick]}}\n"
        "  - {from: admin, say: 你好 刷单, expect: {actions: [say], by: hello}}\n"
        "  - {from: bob, say: 一}\n  - {from: bob, say: 二}\n  - {from: bob, say: 三, expect: {by: flood}}\n"
        "  - {say: 刷, expect: {by: ads}}\n"
        "  - {after: 1m, say: 刷单, expect: {actions: [warn]}}\n"
    )
    tests = f"kind: Tests\ngroup: hub\nscenarios:\n- name: 一\n  steps:\n{written}"
    loaded = load(tmp_path, {"hub.yaml": GROUP + RULES, "tests/hub.yaml": tests})
    assert [] == faults(loaded)
    behavior = loaded.required().groups["hub"].behavior
    assert behavior is not None
    missed, other = play(loaded.scenarios[0], Prepared(behavior)).failures

    assert ("nothing was said", "hub/rule/ads: its conditions do not hold") == (
        str(missed.came), str(missed.why[0].text)
    )  # fmt: skip
    assert ("actions: warn", "kick by hub/rule/ads") == (str(other.expected[0]), str(other.came))


def test_a_scenario_begins_when_it_says(tmp_path: Path) -> None:
    step = "  - {say: 有人吗, expect: {by: night}}\n"

    assert played(tmp_path, step, "{name: 一, at: 2026-12-01T23:30}".strip("{}").replace(", ", "\n  ")).passed
    assert not played(tmp_path, step).passed


def test_what_was_put_off_happens_while_time_goes_by(tmp_path: Path) -> None:
    written = (
        "  - {join: alice, expect: {reply: none}}\n  - {after: 19s, join: bob, expect: {reply: none}}\n"
        "  - {after: 1s, expect: {reply: '欢迎 @alice@bob', by: welcome, actions: [say]}}\n"
        "  - {after: 1h, expect: {reply: none}}\n"
    )

    assert [] == [str(failure.came) for failure in played(tmp_path, written).failures]


def test_a_failure_does_not_end_a_scenario(tmp_path: Path) -> None:
    written = "  - {say: 安装, expect: {reply: none}}\n  - {say: 别的, expect: {by: install}}\n"

    assert [6, 7] == [failure.place.line for failure in played(tmp_path, written).failures]


def test_what_is_no_text_is_a_reason_too_and_of_many_items_the_first_are_told(tmp_path: Path) -> None:
    more = "".join(f"- {{key: m{n}, when: {{at_me: true}}, reply: 好}}\n" for n in range(7))
    tests = "kind: Tests\ngroup: hub\nscenarios:\n- name: 一\n  steps:\n"
    step = "  - {say: [{at: bot}, 嗨], expect: {reply: none}}\n"
    loaded = load(tmp_path, {"hub.yaml": GROUP + "replies:\n" + more, "tests/hub.yaml": tests + step})
    behavior = loaded.required().groups["hub"].behavior
    assert behavior is not None
    (failure,) = play(loaded.scenarios[0], Prepared(behavior)).failures
    told = [str(line.text) for line in failure.why]

    assert ["hub/reply/m0: it was carried out", "at_me: true"] == told[:2]
    assert "hub/reply/m1: another reply came first" == told[2]
    assert "and 2 more" == told[-1]
