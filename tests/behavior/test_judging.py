"""Rules: who is judged, which step is due, what is forgotten when, and that a rule goes before every reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.conditions import All, Condition, Flood, Longer, Not, Repeat
from qqgroup_provision.behavior.configuration import Penalty, Rule
from qqgroup_provision.behavior.decision import Decision, Kick, Mute, Recall, Say, Verdict
from qqgroup_provision.behavior.event import Image, Person
from qqgroup_provision.behavior.judging import struck
from qqgroup_provision.behavior.memory import Mark
from qqgroup_provision.ports import Rank
from tests.behavior.material import ANN, BEN, ME, NOON, Talk, contains, ready, reply, said, verdicts

DAY = 86400.0
WARN, MUTE, KICK = Penalty(warn=True), Penalty(mute=600), Penalty(kick=True)


def rule(key: str, detect: Condition | str, *penalties: Penalty, **more: object) -> Rule:
    condition = contains(detect) if isinstance(detect, str) else detect
    return replace(Rule(key, f"禁止{key}", condition, penalties or (WARN,), 7 * DAY), **more)  # type: ignore[arg-type]


def talk(*rules: Rule, **more: object) -> Talk:
    return Talk(ready(reply("hi", "好"), rules=rules, **more))


def acts(decision: Decision) -> list[str]:
    return [type(action).__name__ for action in decision.actions]


def test_each_strike_is_one_step_and_the_last_one_stays() -> None:
    heard = talk(rule("ads", "刷单", WARN, MUTE, KICK))

    assert [["Say"], ["Mute"], ["Kick"], ["Kick"]] == [acts(heard.hear("刷单")) for _ in range(4)]
    assert ["Say"] == acts(heard.hear("刷单", sender=BEN)), "everybody has strikes of their own"


def test_a_penalty_says_whom_what_and_why() -> None:
    everything = Penalty(warn=True, recall=True, mute=90.5, kick=True)
    decision = talk(rule("ads", "刷單", everything)).hear("好 来刷\u200b单吧", sender=ANN)
    recall, mute, warning, kick = decision.actions

    assert (Recall("1", ANN.qq), Mute(ANN.qq, 90), Kick(ANN.qq)) == (recall, mute, kick)
    assert isinstance(warning, Say)
    assert f"@{ANN.qq} 请遵守群规：禁止ads" == said(decision)
    assert {"hub/rule/ads": Verdict.DONE, "hub/reply/hi": Verdict.RULE} == verdicts(decision)
    assert "刷\u200b单" == "好 来刷\u200b单吧"[slice(*decision.reasons[0].because[0].span)]


def test_the_first_rule_in_order_acts_alone() -> None:
    heard = talk(rule("b", "刷单", MUTE), rule("a", "单", KICK))

    decision = heard.hear("刷单")
    assert ["Mute"] == acts(decision)
    assert {"hub/rule/b": Verdict.DONE, "hub/rule/a": Verdict.RULE} == verdicts(decision)
    assert ["Kick"] == acts(heard.hear("单")), "what did not act has counted nothing, and is a rule of its own"


@pytest.mark.parametrize(
    ("who", "verdict"),
    [
        (Person(5, rank=Rank.OWNER), Verdict.EXEMPT),
        (Person(5, rank=Rank.ADMIN), Verdict.EXEMPT),
        (Person(5, rank=None), Verdict.EXEMPT),
        (BEN, Verdict.EXEMPT),
        (Person(ME), Verdict.OWN),
        (Person(2854196310), Verdict.BOT),
    ],
)
def test_who_is_exempt_or_may_be_an_admin_is_never_touched(who: Person, verdict: Verdict) -> None:
    rules = (rule("ads", "刷单", KICK, exempt_roles=frozenset({"team"})), rule("flood", Flood(2, 10), KICK))
    heard = talk(rules[0], roles={BEN.qq: frozenset({"team"})}, bots=frozenset({2854196310}))
    counting = talk(rules[1], bots=frozenset({2854196310}))

    assert [] == acts(heard.hear("刷单", sender=who))
    assert verdict in verdicts(heard.hear("刷单", sender=who)).values()
    if who is not BEN:
        assert [[], [], []] == [acts(counting.hear("a", sender=who)) for _ in range(3)]


def test_a_trial_is_told_and_nothing_else_changes() -> None:
    heard = talk(rule("ads", "刷单", KICK, trial=True), rule("all", "全职", WARN))

    decision = heard.hear("好 刷单")
    assert "hi" == said(decision)
    assert {"hub/rule/ads": Verdict.TRIAL, "hub/reply/hi": Verdict.DONE} == verdicts(decision)
    assert () == decision.changes
    assert ["Say"] == acts(heard.hear("刷单 全职")), "the rules after it are not on trial"


def test_one_strike_is_forgotten_every_so_long() -> None:
    heard = talk(rule("ads", "刷单", WARN, MUTE, KICK))
    steps = []
    for days in (0, 1, 5.9, 0.2, 13.8, 8):  # on days 0, 1, 6.9, 7.1, 20.9, 28.9
        heard.wait(days * DAY)
        steps.append(acts(heard.hear("刷单"))[0])

    assert ["Say", "Mute", "Kick", "Kick", "Kick", "Mute"] == steps


@given(st.lists(st.integers(-10 * 86400, 40 * 86400), max_size=30))
def test_however_the_clock_goes_a_strike_is_one_step_up_at_most(waits: list[int]) -> None:
    ladder, now, mark = rule("ads", "a", WARN, MUTE, KICK), NOON, None
    before = 0
    for wait in waits:
        now += timedelta(seconds=wait)
        count, since = struck(mark, ladder, now)
        assert 1 <= count <= min(before + 1, 3)
        assert since <= now
        before, mark = count, Mark(since, ((count, ""),))


def test_a_flood_is_so_many_messages_of_one_person_within_a_time() -> None:
    heard = talk(rule("flood", Flood(3, 10), MUTE))
    pattern = []
    for wait in (0, 6, 6, 2, 0, 0, 0):
        heard.wait(wait)
        pattern.append(acts(heard.hear("a")))
        heard.hear("a", sender=Person(int(heard.now.timestamp())))

    assert [[], [], [], ["Mute"], [], [], ["Mute"]] == pattern, "and it begins anew after each"


def test_what_is_remembered_of_messages_has_a_bound() -> None:
    for counted, bound in ((Flood(5, 60), 5), (Repeat(2, 9e9), 100)):
        heard = talk(rule("never", All((counted, contains("never"))), MUTE))
        for _ in range(120):
            decision = heard.hear("a")
        (change,) = decision.changes
        assert bound == len(change.mark.people)  # type: ignore[union-attr]


def test_repeating_is_the_same_text_as_people_read_it() -> None:
    heard = talk(rule("repeat", Repeat(3, 60), MUTE))

    assert [[], [], [], ["Mute"]] == [acts(heard.hear(text)) for text in ("顶 A", "別的", "顶a", "顶 ａ")]
    assert [[], [], []] == [acts(heard.hear(Image())) for _ in range(3)], "pictures say no text"


def test_counting_is_a_condition_like_any_other() -> None:
    heard = talk(rule("flood", All((Flood(2, 60), Not(contains("求助")))), MUTE))

    assert [[], [], ["Mute"]] == [acts(heard.hear(text)) for text in ("a", "求助", "b")]


def test_a_long_message_is_one_of_more_characters() -> None:
    heard = talk(rule("long", Longer(5), WARN))

    assert [[], ["Say"]] == [acts(heard.hear(text)) for text in ("12345", "123456")]
