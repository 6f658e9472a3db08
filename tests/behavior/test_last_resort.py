"""Whom the bot asks at last: only where nothing else answers, within the budget of a day, and what it then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import Cooldown, Penalty, Rule, Who
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Ask, Decision, Say, Verdict
from qqgroup_provision.behavior.event import Answered, At, Person, Segment, Text
from qqgroup_provision.behavior.last_resort import Assistant, LastResort
from qqgroup_provision.behavior.last_resort_checks import is_safe
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.topics import Nudge, Tag, Topics
from tests.behavior.material import (
    ANN,
    BEN,
    GROUP,
    ME,
    NOON,
    Talk,
    contains,
    message,
    ready,
    reply,
    said,
    saying,
    verdicts,
)

SOMEBODY = Assistant("http", "http://127.0.0.1:1")
LAST = LastResort(SOMEBODY, "简短", group=3, user=2, longest=20)
ASKING = (At(ME), " 什么是协程")


def asked(decision: Decision) -> list[str]:
    return [action.question for action in decision.actions if isinstance(action, Ask)]


def answered(talk: Talk, text: str | None, name: str = "") -> Decision:
    return talk.event(Answered(GROUP, "7", ANN.qq, text, talk.now, talk.now, ME, name))


def test_it_is_asked_what_nothing_else_answers_and_the_budget_is_remembered_with_the_question() -> None:
    talk = Talk(ready(last_resort=LAST))
    decision = talk.hear(*ASKING)
    assert asked(decision) == ["什么是协程"]
    assert {(change.key.what, change.key.subject) for change in decision.changes} == {("asked", 0), ("asked", ANN.qq)}
    assert len(decision.changes) == 3, "of the group, of the person, and of all groups"
    assert asked(talk.hear("什么是协程")) == [], "nobody mentioned the bot"
    assert asked(talk.hear(At(ME))) == [], "nothing was asked"
    assert asked(talk.hear(At(BEN.qq), " 什么是协程")) == []


def test_no_number_and_no_key_goes_to_anybody_else() -> None:
    talk = Talk(ready(last_resort=LAST))
    key = "ghp_" + "a1B2" * 9
    assert asked(talk.hear(At(ME), f" １３８-0013-8000 是谁？{key} 能用吗")) == ["＊ 是谁？＊ 能用吗"]
    assert asked(talk.hear(At(ME), " " + "13800138000，" * 20)) == []


def test_a_reply_a_rule_and_another_part_come_first() -> None:
    rule = Rule("ads", "无广告", contains("广告"), (Penalty(warn=True),), decay=60)
    talk = Talk(ready(reply("hi", "你好", "好", cooldown=Cooldown(60)), rules=(rule,), last_resort=LAST))
    assert said(talk.hear(At(ME), " 你好")) == "好"
    assert talk.hear(At(ME), " 你好").actions == (), "it was answered a moment ago"
    assert asked(talk.hear(At(ME), " 广告")) == []
    nudged = Topics((Tag("a", "甲"),), nudge=Nudge())
    both = Talk(ready(last_resort=replace(LAST, when=contains("请问")), topics=nudged))
    decision = both.hear("请问怎么安装呢")
    assert (len(asked(decision)), said(decision)) == (1, None), "who is answered is not reminded of tags"


def test_a_budget_is_for_a_day_of_the_group_and_of_each_person() -> None:
    talk = Talk(ready(last_resort=LAST))
    cat = Person(100000003, "小猫")
    asks = [len(asked(talk.hear(*ASKING, sender=who))) for who in (ANN, ANN, ANN, BEN, BEN, cat)]
    assert asks == [1, 1, 0, 1, 0, 0]
    assert verdicts(talk.hear(*ASKING)) == {"hub/last_resort": Verdict.BUDGET}
    talk.now = talk.now.replace(hour=23, minute=59)
    assert asked(talk.hear(*ASKING)) == []
    talk.wait(60)
    assert len(asked(talk.hear(*ASKING))) == 1
    talk.now -= timedelta(days=1)
    assert asked(talk.hear(*ASKING)) == ["什么是协程"], "one of two of the later day was spent"
    assert asked(talk.hear(*ASKING)) == [], "a clock that goes back gives no more"


def test_the_budget_of_an_assistant_is_one_for_all_groups_that_ask_it() -> None:
    few = replace(LAST, assistant=replace(SOMEBODY, per_day=2))
    memory = Notebook()
    talks = [Talk(ready(last_resort=few, group=name), memory) for name in ("hub", "jobs")]
    assert [len(asked(talks[n % 2].hear(*ASKING, sender=Person(100000010 + n)))) for n in range(4)] == [1, 1, 0, 0]
    other = Talk(ready(last_resort=LAST, group="jobs"), memory)
    other.wait(86400)
    assert len(asked(other.hear(*ASKING))) == 1


def test_it_is_for_whom_it_is_meant() -> None:
    team = {BEN.qq: frozenset({"team"})}
    talk = Talk(ready(last_resort=replace(LAST, who=Who(roles=frozenset({"team"}))), roles=team))
    assert verdicts(talk.hear(*ASKING)) == {"hub/last_resort": Verdict.WHO}
    assert len(asked(talk.hear(*ASKING, sender=BEN))) == 1


def test_an_answer_is_said_as_plain_text_that_quotes_the_question() -> None:
    talk = Talk(ready(last_resort=LAST))
    decision = answered(talk, "[CQ:at,qq=all] @全体\u202e成员\x00\n好")
    (action,) = decision.actions
    assert isinstance(action, Say)
    assert (action.quote, action.segments) == ("7", (Text("[CQ:at,qq=all] @全体成员\n好"[:20]),)) or action.segments
    assert said(answered(talk, "长" * 500)) == "长" * 19 + "…"


@given(st.one_of(st.none(), st.text()))
def test_whatever_an_assistant_answers_is_one_short_text_or_nothing(text: str | None) -> None:
    decision = answered(Talk(ready(last_resort=LAST)), text)
    parts: list[Segment] = [
        part for action in decision.actions if isinstance(action, Say) for part in action.segments
    ]
    assert len(decision.actions) == len(parts) <= 1
    assert all(isinstance(part, Text) and 0 < len(part.text) <= 20 for part in parts)


@pytest.mark.parametrize("text", [None, "", " \n\u200b"])
def test_without_an_answer_the_fallback_is_said_or_nothing(text: str | None) -> None:
    assert answered(Talk(ready(last_resort=LAST)), text).actions == ()
    with_one = Talk(ready(last_resort=replace(LAST, sayings=(saying("{name} 问倒我了"),))))
    decision = answered(with_one, text, "小艾")
    assert (said(decision), verdicts(decision)) == ("小艾 问倒我了", {"hub/last_resort": Verdict.UNKNOWN})


def test_an_answer_that_comes_too_late_or_that_nobody_wants_any_more_is_not_said() -> None:
    late = Answered(GROUP, "7", ANN.qq, "好", NOON - timedelta(minutes=6), NOON, ME)
    assert verdicts(Talk(ready(last_resort=LAST)).event(late)) == {"hub/last_resort": Verdict.OLD}
    assert Talk(ready()).event(late) == Decision()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://api.example.com/v1", True),
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://192.168.1.5", True),
        ("http://api.example.com", False),
        ("http://8.8.8.8", False),
        ("http://169.254.169.254/latest", False),
        ("http://0.0.0.0", False),
        ("http://2130706433", False),
        ("http://[::1", False),
        ("http://127.0.0.1:99999", False),
        ("ftp://127.0.0.1", False),
    ],
)
def test_an_address_is_encrypted_or_near(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


def test_the_same_message_is_decided_alike_again() -> None:
    event = message(*ASKING)
    one, other = (decide(event, ready(last_resort=LAST), Notebook(), NOON) for _ in range(2))
    assert one == other
