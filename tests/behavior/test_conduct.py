"""Beside plain rules: several messages recalled at once, the format of cards, appeals, and roles rules pass over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.appeals import Appeal
from qqgroup_provision.behavior.cards import CardFormat
from qqgroup_provision.behavior.conditions import Expression, Flood
from qqgroup_provision.behavior.configuration import Penalty, Permission, Right, Rule
from qqgroup_provision.behavior.decision import Decision, Kick, Mute, Note, Recall, Say, Verdict
from qqgroup_provision.behavior.event import At, CardChanged, Message, Person, Text
from qqgroup_provision.behavior.lately import MOST
from qqgroup_provision.ports import Rank
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, Talk, contains, message, ready, reply, said, verdicts

DAY = 86400.0
WARN, MUTE = Penalty(warn=True), Penalty(mute=600)
SEVERAL = Penalty(recall=True, last=3, within=600)
CAT = Person(100000003, "小猫")
MODS = Permission("mods", frozenset({Right.RECALL, Right.APPEAL}))


def rule(key: str, *penalties: Penalty, **more: object) -> Rule:
    return replace(Rule(key, f"禁止{key}", contains(key), penalties, 7 * DAY), **more)  # type: ignore[arg-type]


def talk(*rules: Rule, **more: object) -> Talk:
    return Talk(ready(reply("hi", "好"), rules=rules, **more))


def guarded(*rules: Rule, **more: object) -> Talk:
    """A group in which Ben may recall, and take strikes back."""
    return talk(*rules, permissions=(MODS,), roles={BEN.qq: frozenset({"mods"})}, **more)


def recalled(decision: Decision) -> list[str]:
    return [action.message for action in decision.actions if isinstance(action, Recall)]


def ordered(heard: Talk, words: str, whom: Person = ANN, after: str = "", by: Person = BEN) -> Decision:
    """A command about somebody of whom the server says what they are."""
    said = replace(message(words, At(whom.qq), after, sender=by, id="c"), people=(whom,))
    return heard.event(said)


# Several messages at once


def test_a_step_recalls_the_last_messages_of_who_broke_the_rule_and_of_nobody_else() -> None:
    heard = talk(rule("广告", SEVERAL))
    for text, who in (("一", ANN), ("二", ANN), ("三", BEN), ("四", ANN)):
        assert () == heard.hear(text, sender=who).actions

    decision = heard.hear("广告")
    assert ["2", "4", "5"] == recalled(decision)
    assert {ANN.qq} == {action.sender for action in decision.actions if isinstance(action, Recall)}


def test_each_message_is_recalled_once_and_only_one_from_within_the_time() -> None:
    heard = talk(rule("广告", SEVERAL))
    heard.hear("一")
    heard.wait(601)
    heard.hear("二")
    assert ["2", "3"] == recalled(heard.hear("广告"))
    assert ["4"] == recalled(heard.hear("广告"))


def test_what_was_said_by_an_admin_is_never_recalled() -> None:
    heard = talk(rule("广告", SEVERAL))
    boss = replace(ANN, rank=Rank.ADMIN)
    assert () == heard.hear("一", sender=boss).actions
    assert () == heard.hear("广告", sender=boss).actions
    assert ["3"] == recalled(heard.hear("广告")), "what they said as an admin is not theirs as a member"


def test_a_message_that_was_recalled_by_itself_is_not_taken_again() -> None:
    heard = talk(rule("广告", Penalty(recall=True), SEVERAL))
    assert [["1"], ["2"]] == [recalled(heard.hear("广告")) for _ in range(2)]


def test_earlier_messages_are_recalled_by_the_account_that_heard_them() -> None:
    heard = talk(rule("广告", SEVERAL))
    heard.hear("一")
    first, this = (action for action in heard.hear("广告").actions if isinstance(action, Recall))
    assert ((ME, "1"), (0, "2")) == ((first.account, first.message), (this.account, this.message))


@given(st.lists(st.sampled_from(["一", "广告"]), max_size=80))
def test_no_more_than_the_most_are_ever_recalled_and_none_twice(texts: list[str]) -> None:
    heard = talk(rule("广告", Penalty(recall=True, last=MOST, within=3600)))
    taken = [recalled(heard.hear(text)) for text in texts]
    assert all(len(one) <= MOST for one in taken)
    ids = [one for some in taken for one in some]
    assert len(ids) == len(set(ids))


def test_flooding_takes_back_the_whole_flood() -> None:
    flood = Rule("flood", "刷屏", Flood(3, 10), (Penalty(recall=True, last=10, within=10),), DAY)
    heard = talk(flood)
    assert [[], [], ["1", "2", "3"]] == [recalled(heard.hear("x")) for _ in range(3)]


# By command


def test_who_may_takes_back_the_last_messages_of_somebody_each_once() -> None:
    heard = guarded(rule("广告", WARN))
    for text in ("一", "二", "三"):
        heard.hear(text)
    decision = ordered(heard, "/撤回 ", after=" 2")
    assert ["3", "2"] == recalled(decision)
    assert [BEN.qq, 0] == [action.by for action in decision.actions if isinstance(action, Recall)]
    assert ["1"] == recalled(ordered(heard, "/撤回 ", after=" 50"))
    assert "没有可以撤回的" in (said(ordered(heard, "/撤回 ", after=" 5")) or "")


@pytest.mark.parametrize("after", [" 0", " 51", " 999", " x", " -1", " 2.5"])
def test_a_number_that_makes_no_sense_takes_nothing_back(after: str) -> None:
    heard = guarded()
    heard.hear("一")
    assert "这样说" in (said(ordered(heard, "/撤回 ", after=after)) or "")


@pytest.mark.parametrize(
    "whom", [replace(ANN, rank=Rank.ADMIN), replace(ANN, rank=None), Person(ME), BEN, Person(2854196310)]
)
def test_nothing_is_taken_back_of_an_admin_a_bot_or_somebody_unknown(whom: Person) -> None:
    heard = guarded(bots=frozenset({2854196310}))
    heard.hear("一", sender=replace(ANN, qq=whom.qq))
    assert [] == recalled(ordered(heard, "/撤回 ", whom, " 5"))


def test_who_may_not_takes_nothing_back() -> None:
    heard = guarded()
    heard.hear("一")
    assert () == ordered(heard, "/撤回 ", after=" 5", by=CAT).actions


# Roles that rules pass over


def test_rules_pass_over_a_role_that_is_exempt_from_all_of_them() -> None:
    trusted = Permission("trusted", frozenset(), exempt=True)
    heard = talk(rule("广告", MUTE), permissions=(trusted,), roles={ANN.qq: frozenset({"trusted"})})
    decision = heard.hear("广告")
    assert () == decision.actions
    assert {"hub/rule/广告": Verdict.EXEMPT} == verdicts(decision)
    assert [Mute(BEN.qq, 600)] == list(heard.hear("广告", sender=BEN).actions)


# Cards

CITY = CardFormat(Expression("(北京|上海)-.+"), "城市-昵称", "北京-小明", penalties=(MUTE, Penalty(kick=True)))


def carded(card: str | None, qq: int = ANN.qq, rank: Rank | None = Rank.MEMBER) -> Person:
    return Person(qq, card or "", rank, card=card)


def test_a_card_is_reminded_of_first_and_at_most_once_in_the_time() -> None:
    heard = talk(card_format=CITY)
    wrong = carded("小明")
    assert f"@{ANN.qq} 请把群名片改成这样：城市-昵称" == heard.answer("早", sender=wrong)
    assert (None, None) == (heard.answer("早", sender=wrong), heard.answer("早", sender=wrong))
    heard.wait(DAY)
    assert Mute(ANN.qq, 600) == heard.hear("早", sender=wrong).actions[0]
    heard.wait(DAY)
    assert (Kick(ANN.qq),) == heard.hear("早", sender=wrong).actions
    heard.wait(31 * DAY)
    assert "请把群名片" in (heard.answer("早", sender=carded("小明", CAT.qq)) or "")


@pytest.mark.parametrize(
    "person",
    [
        carded("北京-小明"),
        carded("北京－小明"),  # full-width, as people type it
        carded(None),
        carded("小明", rank=Rank.ADMIN),
        carded("小明", rank=Rank.OWNER),
        carded("小明", rank=None),
        carded("小明", ME),
        carded("小明", 2854196310),
        carded("小明", BEN.qq),
        carded("小明", CAT.qq),
    ],
)
def test_who_has_a_right_card_or_one_nobody_knows_or_is_exempt_is_left_alone(person: Person) -> None:
    wanted = replace(CITY, exempt_roles=frozenset({"team"}))
    roles = {BEN.qq: frozenset({"team"}), CAT.qq: frozenset({"trusted"})}
    trusted = Permission("trusted", frozenset(), exempt=True)
    heard = talk(card_format=wanted, roles=roles, permissions=(trusted,), bots=frozenset({2854196310}))
    assert () == heard.hear("早", sender=person).actions
    assert () == heard.event(CardChanged(GROUP, person, NOON, ME)).actions


def test_nobody_is_penalised_for_a_card_that_nobody_sees() -> None:
    heard = talk(card_format=CITY)
    for _ in range(4):
        decision = heard.hear("早", sender=carded(""))
        assert [Say] == [type(action) for action in decision.actions]
        heard.wait(DAY)


def test_a_card_is_looked_at_when_it_changes_and_a_right_one_begins_anew() -> None:
    heard = talk(card_format=CITY)
    assert "请把群名片" in (said(heard.event(CardChanged(GROUP, carded("小明"), NOON, ME))) or "")
    heard.wait(DAY)
    mute, _ = heard.event(CardChanged(GROUP, carded("小红"), NOON, ME)).actions
    assert Mute(ANN.qq, 600, look=True) == mute, "the rank was looked at before: it is once more"
    assert () == heard.event(CardChanged(GROUP, carded("上海-小红"), NOON, ME)).actions
    assert "请把群名片" in (heard.answer("早", sender=carded("小明")) or ""), "the first word is a reminder again"


# Appeals


def appealing(*penalties: Penalty, **more: object) -> Talk:
    return guarded(rule("广告", *(penalties or (MUTE, Penalty(kick=True)))), appeal=Appeal(), **more)


def test_an_appeal_is_noted_once_for_each_penalty() -> None:
    heard = appealing(WARN, WARN)
    assert () == heard.hear("申诉").actions, "there is nothing to appeal against"
    heard.hear("广告")
    decision = heard.hear("申诉，我没有发")
    assert f"@{ANN.qq} 已记下你的申诉，请等候处理。" == said(decision)
    assert [Note] == [type(action) for action in decision.actions if not isinstance(action, Say)]
    again = heard.hear("申诉")
    assert ((), {"hub/appeal": Verdict.DECIDED}) == (again.actions, verdicts(again))
    heard.wait(60)
    heard.hear("广告")
    assert "已记下" in (heard.answer("申诉") or "")


@pytest.mark.parametrize("text", ["申诉人是谁", "我要申诉", "申訴人", "关于申诉"])
def test_talking_of_appeals_is_none(text: str) -> None:
    heard = appealing(WARN)
    heard.hear("广告")
    assert () == heard.hear(text).actions


def test_an_appeal_that_comes_too_late_is_none() -> None:
    heard = appealing(WARN)
    heard.hear("广告")
    heard.wait(7 * DAY + 1)
    assert () == heard.hear("申诉").actions


def test_who_may_takes_the_strike_back_and_lets_them_speak_once() -> None:
    heard = appealing(MUTE, Penalty(kick=True))
    assert [Mute(ANN.qq, 600)] == list(heard.hear("广告").actions)
    decision = ordered(heard, "/申诉通过 ")
    assert Mute(ANN.qq, 0, by=BEN.qq) == decision.actions[0]
    assert [Say, Note] == [type(action) for action in decision.actions[1:]]
    again = ordered(heard, "/申诉通过 ")
    assert "没有可以收回的处罚" in (said(again) or "")
    assert [Mute(ANN.qq, 600)] == list(heard.hear("广告").actions), "it is the first strike again"


def test_only_the_last_strike_is_taken_back_and_no_mute_is_lifted_that_was_none() -> None:
    heard = appealing(WARN, MUTE, Penalty(kick=True))
    heard.hear("广告")
    heard.hear("广告")
    assert isinstance(ordered(heard, "/申诉通过 ").actions[0], Mute)
    assert isinstance(heard.hear("广告").actions[0], Mute), "the strike before it still counts"
    heard = appealing(WARN)
    heard.hear("广告")
    assert [Say, Note] == [type(action) for action in ordered(heard, "/申诉通过 ").actions]


@pytest.mark.parametrize("by", [ANN, CAT, replace(CAT, rank=Rank.ADMIN)])
def test_nobody_without_the_right_takes_a_strike_back(by: Person) -> None:
    heard = appealing(MUTE)
    heard.hear("广告")
    assert () == ordered(heard, "/申诉通过 ", by=by).actions


def test_nobody_takes_their_own_strike_back() -> None:
    heard = appealing(MUTE)
    heard.hear("广告", sender=BEN)
    assert [Say] == [type(action) for action in ordered(heard, "/申诉通过 ", BEN).actions]


def test_without_appeals_nothing_more_is_remembered_of_a_penalty() -> None:
    heard = talk(rule("广告", WARN))
    assert 1 == len(heard.hear("广告").changes)
    assert isinstance(message(), Message)
    assert Text("广告") == message("广告").segments[0]
