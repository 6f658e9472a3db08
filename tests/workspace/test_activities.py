"""`activities` and `may:` in YAML: what they come to, what is wrong with them and where, and their way to a bot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.behavior.activities.model import CheckIn, Lottery, Vote
from qqgroup_provision.behavior.configuration import Configuration, Right
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from qqgroup_provision.workspace.load import load_workspace
from tests.workspace.folder import GROUP, faults, groups, load

TIMES = "opens: 2026-12-01T09:00, closes: 2026-12-07T22:00"
VOTE = f"{{key: star, kind: vote, title: 之星, options: [甲, 乙], {TIMES}}}"
CHECK_IN = '{key: morning, kind: check_in, window: {from: "05:00", to: "09:00"}}'
DRAW = f"{{key: draw, kind: lottery, title: 抽奖, prizes: [{{name: 书, count: 3}}], {TIMES}}}"
QUIZ = f"{{key: quiz, kind: quiz, title: 竞赛, questions: [{{ask: 一加一, answer: {{equals: 二}}}}], {TIMES}}}"


def wrong(root: Path, *items: str, more: str = "") -> list[str]:
    written = GROUP + "activities:\n" + "".join(f"- {item}\n" for item in items) + more
    return [fault.replace("hub.yaml:", "") for fault in faults(load(root, {"hub.yaml": written}))]


def behavior(root: Path, written: str) -> Configuration:
    found = groups(root, {"hub.yaml": GROUP + written})["hub"].behavior
    assert found is not None
    return found


def test_times_without_an_offset_are_those_of_the_workspace(tmp_path: Path) -> None:
    one = VOTE.replace("2026-12-01T09:00", "2026-12-01T01:00Z")
    vote, draw = behavior(tmp_path, f"activities:\n- {one}\n- {DRAW}\n").activities
    assert isinstance(vote, Vote)
    assert isinstance(draw, Lottery)
    assert vote.opens == draw.opens
    assert vote.closes.isoformat() == "2026-12-07T22:00:00+08:00"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (VOTE.replace("2026-12-07T22:00", "2026-12-01T09:00"), ["QG381"]),
        (VOTE.replace("2026-12-07", "2026-12-37"), ["QG319"]),
        (VOTE.replace("options: [甲, 乙], ", ""), ["QG204"]),
        (VOTE.replace("[甲, 乙]", "[甲]"), ["QG208"]),
        (VOTE.replace("{key", "{prizes: [{name: 书, count: 1}], key"), ["QG382"]),
        (VOTE.replace("{key", '{word: "\\u200b", key'), ["QG333"]),
        (DRAW.replace(", count: 3", ""), ["QG204"]),
        (DRAW.replace("count: 3", "count: 0"), ["QG208"]),
        (DRAW.replace("{key", "{exempt: {roles: [nobody]}, key"), ["QG336"]),
        (QUIZ.replace("equals: 二", 'equals: "\\u200b"'), ["QG333"]),
        (QUIZ.replace("equals: 二", "regex: '(?=x)'"), ["QG331"]),
        (QUIZ.replace("equals: 二", "flood: {messages: 2, within: 1m}"), ["QG203"]),
        (CHECK_IN.replace("09:00", "05:00"), ["QG381"]),
        (CHECK_IN.replace("{key", "{make_up: {per_month: 1, word: 打 卡}, key"), ["QG383"]),
        (CHECK_IN.replace("check_in", "chekin"), ["QG206"]),
    ],
)
def test_what_is_wrong_with_an_activity_is_told(tmp_path: Path, item: str, expected: list[str]) -> None:
    assert expected == [fault.split()[0] for fault in wrong(tmp_path, item)]


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (VOTE, VOTE.replace("star", "other"), True),
        (VOTE, VOTE.replace("star", "other").replace("12-01", "12-08").replace("12-07", "12-09"), False),
        (VOTE, VOTE.replace("star", "other").replace("{key", "{word: 选, key"), False),
        (VOTE, DRAW.replace("{key", "{enter: 投1, key"), True),
        (QUIZ, QUIZ.replace("quiz,", "two,", 1), True),
        (CHECK_IN, DRAW.replace("{key", "{enter: 打卡, key"), True),
        (VOTE, DRAW, False),
    ],
)
def test_what_people_say_is_for_one_activity(tmp_path: Path, first: str, second: str, clash: bool) -> None:
    assert (["QG383"] if clash else []) == [fault.split()[0] for fault in wrong(tmp_path, first, second)]


def test_two_activities_of_one_key_are_told_at_the_second(tmp_path: Path) -> None:
    assert "QG308 6:9" in wrong(tmp_path, VOTE, DRAW.replace("draw", "star"))


RULE = "rules: {items: [{key: ads, text: 不许, detect: {contains: 投}, penalties: [warn]}]}\n"
REPLY = "replies: [{key: dice, when: {equals: 打卡}, reply: 好, cooldown: 1m}]\n"


def test_a_word_that_breaks_a_rule_or_is_answered_is_noted_and_nothing_is_left_undone(tmp_path: Path) -> None:
    written = f"{GROUP}activities:\n- {VOTE}\n- {CHECK_IN}\n{RULE}{REPLY}"
    loaded = load(tmp_path, {"hub.yaml": written})
    assert ["QG384 hub.yaml:5:9", "QG384 hub.yaml:6:9"] == faults(loaded)
    found = loaded.required().groups["hub"].behavior_document
    assert found is not None
    assert configuration_of(json.loads(canonical(found))).activities


def test_a_reply_with_a_warning_is_handed_over_all_the_same(tmp_path: Path) -> None:
    """A warning once left the whole group without a document, and so without its bot."""
    loaded = load(tmp_path, {"hub.yaml": GROUP + "replies: [{key: echo, when: {contains: 好}, reply: 好}]\n"})
    assert ["QG335"] == [fault.split()[0] for fault in faults(loaded)]
    assert loaded.required().groups["hub"].behavior_document is not None


def test_what_a_role_may_is_of_a_closed_list_and_reaches_the_bot(tmp_path: Path) -> None:
    written = f"{GROUP}roles:\n- {{key: team, members: [alice], may: [mute, recall]}}\n- {{key: rest}}\n"
    group = groups(tmp_path, {"hub.yaml": written})["hub"]
    assert group.behavior is not None
    assert group.behavior_document is not None
    assert {"may": ["mute", "recall"]} == group.behavior_document["items"]["role_permission/team"]
    (permission,) = configuration_of(json.loads(canonical(group.behavior_document))).permissions
    assert ("team", frozenset({Right.MUTE, Right.RECALL})) == (permission.role, permission.may)
    assert [] == faults(load(tmp_path, {"hub.yaml": written.replace("mute", "kick")}))
    assert ["QG206 hub.yaml:5:39"] == faults(load(tmp_path, {"hub.yaml": written.replace("mute", "ban")}))


def test_activities_come_from_templates_and_null_takes_them_back(tmp_path: Path) -> None:
    template = f"kind: Template\nkey: base\nactivities:\n- {VOTE}\n- {CHECK_IN}\n"
    own = f"{GROUP}extends: [base]\nactivities:\n- {VOTE.replace('{key', '{changeable: true, key')}\n"
    vote, check_in = (
        groups(tmp_path, {"base.yaml": template, "hub.yaml": own})["hub"].behavior or Configuration("", 0)
    ).activities
    assert isinstance(vote, Vote)
    assert isinstance(check_in, CheckIn)
    assert vote.changeable
    back = groups(tmp_path, {"hub.yaml": f"{GROUP}extends: [base]\nactivities: null\n"})["hub"]
    assert back.behavior is not None
    assert () == back.behavior.activities
    assert back.behavior_document is not None


def test_the_examples_come_out_of_their_document_as_they_went_in() -> None:
    kinds = set()
    for group in load_workspace(Path("groups")).required().groups.values():
        assert group.behavior_document is not None
        again = configuration_of(json.loads(canonical(group.behavior_document)))
        assert group.behavior is not None
        assert group.behavior.activities == again.activities
        assert group.behavior.permissions == again.permissions
        kinds |= {type(one).__name__ for one in again.activities}
    assert {"Vote", "Quiz", "CheckIn", "Nomination", "Lottery"} == kinds
