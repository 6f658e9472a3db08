"""The engine: who is answered with what, when it keeps silent, and that it can always say why."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.conditions import All, Any, Expression, Fuzzy, Has, How, Not, Trait, Words
from qqgroup_provision.behavior.configuration import Cooldown, Greeting, Hours, Mention, Picture, Saying, Spoken, Who
from qqgroup_provision.behavior.decide import STALE, conclude, consider, decide
from qqgroup_provision.behavior.decision import Decision, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Image, Joined, Left, Person, Text, Tick
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.placeholders import Slot
from qqgroup_provision.ports import Rank
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

INSTALL = reply("install", Any((Words(How.EQUALS, "安装"), contains("怎么装 python"))), "看文档")


def test_a_message_that_fits_is_answered_and_another_is_not() -> None:
    talk = Talk(ready(INSTALL))

    assert "看文档" == talk.answer("请问怎么裝Python啊")
    assert "看文档" == talk.answer(" 安裝 ")
    assert talk.answer("安装好了") is None
    assert talk.answer("") is None


def test_the_reason_names_the_item_the_condition_and_what_was_really_written() -> None:
    text = "求助：怎么\u200b裝 ＰＹＴＨＯＮ 啊"
    (reason,) = Talk(ready(INSTALL)).hear(text).reasons
    (because,) = reason.because

    assert ("hub/reply/install", Verdict.DONE) == (str(reason.item), reason.verdict)
    assert "contains: 怎么装 python" == str(because.condition)
    assert "怎么\u200b裝 ＰＹＴＨＯＮ" == text[slice(*because.span)]


def test_the_first_reply_in_order_answers_and_the_others_say_so() -> None:
    decision = Talk(ready(reply("b", "python"), reply("a", "装"))).hear("装 python")

    assert "b" == said(decision)
    assert {"hub/reply/b": Verdict.DONE, "hub/reply/a": Verdict.EARLIER} == verdicts(decision)


@pytest.mark.parametrize(
    ("sender", "verdict"), [(Person(ME), Verdict.OWN), (Person(2854196310), Verdict.BOT), (ANN, Verdict.DONE)]
)
def test_neither_itself_nor_another_bot_is_ever_answered(sender: Person, verdict: Verdict) -> None:
    decision = Talk(ready(INSTALL, bots=frozenset({2854196310}))).hear("安装", sender=sender)

    assert [verdict] == list(verdicts(decision).values())
    assert (said(decision) is None) is (verdict is not Verdict.DONE)


def test_what_was_said_long_ago_is_not_answered() -> None:
    old = message("安装", at=NOON - STALE - timedelta(seconds=1))

    assert {"": Verdict.OLD} == verdicts(decide(old, ready(INSTALL), Notebook(), NOON))
    assert "看文档" == said(decide(message("安装", at=NOON - STALE), ready(INSTALL), Notebook(), NOON))


def test_a_cooldown_of_the_group_holds_for_everybody() -> None:
    talk = Talk(ready(reply("a", "安装", cooldown=Cooldown(group=30)), reply("b", "安装")))

    assert "a" == talk.answer("安装")
    talk.wait(29)
    late = talk.hear("安装", sender=BEN)
    assert said(late) is None, "another reply does not jump in"
    assert {"hub/reply/a": Verdict.COOLDOWN, "hub/reply/b": Verdict.EARLIER} == verdicts(late)
    talk.wait(1)
    assert "a" == talk.answer("安装")


def test_a_cooldown_of_a_person_holds_for_that_person() -> None:
    talk = Talk(ready(reply("a", "安装", cooldown=Cooldown(user=30))))

    assert ["a", "a", None] == [talk.answer("安装", sender=who) for who in (ANN, BEN, ANN)]


def test_a_silence_does_not_begin_the_cooldown_anew() -> None:
    talk = Talk(ready(reply("a", "安装", cooldown=Cooldown(group=30))))
    heard = []
    for _ in range(7):
        heard.append(talk.answer("安装"))
        talk.wait(10)

    assert ["a", None, None, "a", None, None, "a"] == heard


def test_a_clock_that_was_put_back_does_not_silence_a_reply() -> None:
    talk = Talk(ready(reply("a", "安装", cooldown=Cooldown(group=30))))
    talk.answer("安装")
    talk.wait(-3600)

    assert "a" == talk.answer("安装")


@pytest.mark.parametrize(
    ("clock", "open_"), [("22:59", False), ("23:00", True), ("02:00", True), ("05:59", True), ("06:00", False)]
)
def test_hours_reach_over_midnight(clock: str, open_: bool) -> None:
    talk = Talk(ready(reply("night", "安装", hours=(Hours(time(23), time(6)),)), reply("day", "安装")))
    talk.now = NOON.replace(hour=int(clock[:2]), minute=int(clock[3:]))

    assert ("night" if open_ else "day") == talk.answer("安装")


def test_hours_are_those_of_the_workspace_and_not_of_the_machine() -> None:
    talk = Talk(ready(reply("night", "安装", hours=(Hours(time(23), time(6)),))))
    talk.now = NOON.replace(hour=23).astimezone(None)

    assert "night" == talk.answer("安装")


@pytest.mark.parametrize(
    ("who", "person", "answered"),
    [
        (Who(ranks=frozenset({Rank.ADMIN, Rank.OWNER})), Person(5, rank=Rank.ADMIN), True),
        (Who(ranks=frozenset({Rank.ADMIN, Rank.OWNER})), Person(5), False),
        (Who(roles=frozenset({"team"})), ANN, True),
        (Who(roles=frozenset({"team"})), BEN, False),
        (Who(not_roles=frozenset({"team"})), ANN, False),
        (Who(not_roles=frozenset({"team"})), BEN, True),
        (Who(level=10), Person(5, level=10), True),
        (Who(level=10), Person(5, level=9), False),
        (Who(level=10), Person(5, level=None), False),
    ],
)
def test_a_reply_is_for_those_it_names(who: Who, person: Person, answered: bool) -> None:
    talk = Talk(ready(reply("a", "安装", who=who), roles={ANN.qq: frozenset({"team"})}))
    decision = talk.hear("安装", sender=person)

    assert answered is (said(decision) is not None)
    assert {"hub/reply/a": Verdict.DONE if answered else Verdict.WHO} == verdicts(decision)


def test_placeholders_are_filled_in() -> None:
    talk = Talk(ready(reply("a", "安装", "{at} {name} {qq} {group_name} {group_id} {date} {time} {{x}}")))

    assert "@100000001 小艾 100000001 总群 731000001 2026-12-01 12:00 {x}" == talk.answer("安装")


def test_captures_are_given_back_as_they_were_written() -> None:
    talk = Talk(ready(reply("a", Expression(r"我叫(?P<who>\p{Han}+)，(\d+)歲"), "{who}/{1}/{2}/{0}/{nothing}")))

    assert "小艾/小艾/１８/我叫小艾，１８岁/" == talk.answer("我叫小艾，１８岁了")


def test_what_somebody_wrote_stays_text() -> None:
    """It is neither a mention nor a picture, whatever protocol carries it."""
    talk = Talk(ready(reply("a", Expression("说(.*)"), "{at}{1}")))
    (action,) = talk.hear("说[CQ:at,qq=all] {at} {qq}").actions

    assert isinstance(action, Say)
    assert (At(ANN.qq), Text("[CQ:at,qq=all] {at} {qq}")) == action.segments


def test_what_somebody_wrote_is_cut_short() -> None:
    assert 200 == len(Talk(ready(reply("a", Expression("a+"), "{0}"))).answer("a" * 5000) or "")


def test_a_message_can_be_of_several_parts_and_quote_the_question() -> None:
    parts = reply("a", "安装", Mention(), " 看图：", Picture("assets/a.png", "00"), Mention(BEN.qq), quote=True)
    (action,) = Talk(ready(parts)).hear("安装").actions

    assert Say((At(ANN.qq), Text(" 看图："), Image("assets/a.png"), At(BEN.qq)), "1") == action


def test_draws_follow_their_weights_and_repeat_themselves() -> None:
    three = reply("a", "抽", sayings=(saying("一", weight=1), saying("二", weight=2), saying("三", weight=7)))
    first, again = ([talk.answer("抽") for _ in range(1000)] for talk in (Talk(ready(three)), Talk(ready(three))))

    assert first == again
    assert 60 < first.count("一") < 140
    assert 150 < first.count("二") < 250
    assert 640 < first.count("三") < 760


def test_conditions_can_be_joined_and_turned_round() -> None:
    wanted = All((contains("装"), Not(contains("装修")), Any((contains("python"), Has(Trait.AT_ME)))))
    talk = Talk(ready(reply("a", wanted)))

    assert "a" == talk.answer("怎么装python")
    assert "a" == talk.answer(At(ME), "怎么装")
    assert talk.answer("python 装修") is None
    assert talk.answer("怎么装") is None
    assert talk.answer(At(BEN.qq), "怎么装") is None
    assert "n" == Talk(ready(reply("n", Not(contains("x"))))).answer("y")


def test_the_two_steps_come_to_what_one_does() -> None:
    prepared = ready(reply("a", "安装", cooldown=Cooldown(group=30, user=60)))
    considered = consider(message("安装"), prepared, NOON)

    assert {("cooldown", 0), ("cooldown", ANN.qq)} == {(key.what, key.subject) for key in considered.keys}
    assert decide(message("安装"), prepared, Notebook(), NOON) == conclude(considered, {})
    assert () == consider(message("无关"), prepared, NOON).keys


WELCOME = Greeting((saying("欢迎 {at} 加入 {group_name}"),), merge=20)


def joined(person: Person) -> Joined:
    return Joined(GROUP, person, NOON, ME)


def test_a_rush_of_newcomers_is_welcomed_once() -> None:
    talk = Talk(ready(welcome=WELCOME))
    first = talk.event(joined(Person(1001)))
    for number in range(1002, 1021):
        talk.wait(0.5)
        assert said(talk.event(joined(Person(number)))) is None
    talk.wait(11)
    merged = talk.event(Tick(GROUP, NOON, ME))

    assert (Wake(NOON + timedelta(seconds=20)),) == first.actions
    assert f"欢迎 {''.join(f'@{n}' for n in range(1001, 1021))} 加入 总群" == said(merged)
    assert said(talk.event(Tick(GROUP, NOON, ME))) is None


def test_without_a_window_a_newcomer_is_welcomed_at_once() -> None:
    talk = Talk(ready(welcome=Greeting((saying("你好 {name}"),)), farewell=Greeting((saying("{name} 走了"),))))

    assert "你好 小艾" == said(talk.event(joined(ANN)))
    assert "小艾 走了" == said(talk.event(Left(GROUP, ANN, NOON, None, ME)))
    assert said(talk.event(joined(Person(ME)))) is None


def test_a_tick_that_came_too_early_asks_for_another_and_a_missed_one_is_made_up_for() -> None:
    talk = Talk(ready(welcome=WELCOME))
    talk.event(joined(ANN))
    talk.wait(5)
    assert (Wake(NOON + timedelta(seconds=20)),) == talk.event(Tick(GROUP, NOON, ME)).actions
    talk.wait(60)
    assert f"欢迎 @{ANN.qq}@{BEN.qq} 加入 总群" == said(talk.event(joined(BEN)))


def test_who_came_while_nobody_was_there_is_not_welcomed_a_day_later() -> None:
    talk = Talk(ready(welcome=WELCOME))
    talk.event(joined(ANN))
    talk.wait(86400)

    assert () == talk.event(Tick(GROUP, NOON, ME)).actions
    assert () == talk.event(Tick(GROUP, NOON, ME)).changes


def test_a_template_says_where_a_brace_is_wrong() -> None:
    from qqgroup_provision.behavior.placeholders import parse

    assert ("{", Slot("at"), "}") == parse("{{{at}}}")
    with pytest.raises(ValueError, match="2"):
        parse("a {b c}")
    assert Saying((Spoken(("x",)),)) == saying("x")


@pytest.mark.parametrize("text", ["安装\ud83d", "\udc00", "a\x00安装", "\U0010ffff安装", "安装\ufffe"])
def test_half_characters_and_other_odd_ones_harm_nobody(text: str) -> None:
    """QQ cuts names and messages where it likes, an emoji in two as well."""
    some = (reply("x", Expression("安.")), reply("y", contains("安装")), reply("z", Fuzzy("怎么安装", 80)))
    talk = Talk(ready(*some))

    assert ("x" if "安装" in text else None) == talk.answer(text, sender=Person(9, text))


heard_texts = st.lists(st.text(st.sampled_from("怎么装 python安抽vx1，"), max_size=12), max_size=12)


@given(heard_texts, st.integers(0, 40))
def test_a_replay_decides_as_the_first_run_did(texts: list[str], pause: int) -> None:
    prepared = ready(
        INSTALL,
        reply("draw", "抽", sayings=(saying("一"), saying("二 {name}"), saying("三")), cooldown=Cooldown(user=20)),
        reply("vx", Expression(r"v\s*x(\d?)"), "{1}", cooldown=Cooldown(group=30)),
    )

    def run() -> list[Decision]:
        talk, decisions = Talk(prepared), []
        for number, text in enumerate(texts):
            decisions.append(talk.hear(text, sender=(ANN, BEN)[number % 2]))
            talk.wait(pause)
        return decisions

    assert run() == run()
