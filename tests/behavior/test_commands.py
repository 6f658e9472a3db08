"""Commands: who may give which, what comes of it, and against whom nothing is ever done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.commands import about
from qqgroup_provision.behavior.configuration import Configuration, Penalty, Permission, Right, Rule
from qqgroup_provision.behavior.decision import Announce, Decision, Kick, Mute, Recall, Say, SetEssence, Verdict
from qqgroup_provision.behavior.event import At, Message, Person, Quote, Segment
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.ports import Rank
from tests.behavior.material import ANN, BEN, ME, Talk, contains, message, ready, reply, said, verdicts

CAT = Person(100000003, "小猫")
CHIEF, ADMIN = Person(100000004, "群主", Rank.OWNER), Person(100000005, "管理", Rank.ADMIN)
ROBOT = Person(100000006, "机器人")
ALL = frozenset(Right)
PERMISSIONS = (Permission("helpers", frozenset({Right.MUTE, Right.RECALL})), Permission("keepers", ALL))
ROLES = {ANN.qq: frozenset({"keepers"}), BEN.qq: frozenset({"helpers"})}


def prepared(**more: object) -> Prepared:
    given_ = {"permissions": PERMISSIONS, "roles": ROLES, "bots": frozenset({ROBOT.qq}), **more}
    return ready(reply("help", "禁言", "怎么了"), **given_)


def order(*parts: str | Segment | Person, sender: Person = ANN, **more: object) -> Message:
    """A message with mentions of people, and with what a host finds out about them."""
    people = tuple(part for part in parts if isinstance(part, Person))
    plain = (At(part.qq) if isinstance(part, Person) else part for part in parts)
    return replace(message(*plain, sender=sender), people=people, **more)  # type: ignore[arg-type]


def acts(decision: Decision) -> list[object]:
    return [action for action in decision.actions if not isinstance(action, Say)]


@pytest.mark.parametrize(
    ("parts", "action"),
    [
        (("/禁言 ", CAT, " 10m"), Mute(CAT.qq, 600, by=ANN.qq)),
        (("／禁言", CAT), Mute(CAT.qq, 600, by=ANN.qq)),
        ((At(ME), " 禁言 ", CAT, " 2小时"), Mute(CAT.qq, 7200, by=ANN.qq)),
        (("/禁言 ", CAT, " １ 天"), Mute(CAT.qq, 86400, by=ANN.qq)),
        (("/解禁 ", CAT), Mute(CAT.qq, 0, by=ANN.qq)),
        ((Quote("7", CAT), CAT, " /撤回"), Recall("7", CAT.qq, by=ANN.qq)),
        ((Quote("7", CAT), At(ME), " 撤回"), Recall("7", CAT.qq, by=ANN.qq)),
        ((Quote("7"), "/设精"), SetEssence("7", by=ANN.qq)),
    ],
)
def test_a_command_is_a_mention_of_the_bot_or_a_sign_then_a_word_and_what_it_is_about(
    parts: tuple[str | Segment | Person, ...], action: object
) -> None:
    decision = Talk(prepared()).event(order(*parts))

    assert [action] == list(decision.actions)
    assert {"hub/role_permission/keepers": Verdict.DONE} == {
        item: verdict for item, verdict in verdicts(decision).items() if "role" in item
    }


@pytest.mark.parametrize("whom", [CHIEF, ADMIN, ROBOT, ANN, BEN, replace(CAT, rank=None)])
@pytest.mark.parametrize("word", ["禁言", "踢出"])
def test_nothing_is_done_to_the_owner_admins_bots_those_with_the_same_right_or_somebody_unknown(
    whom: Person, word: str
) -> None:
    roles = {**ROLES, BEN.qq: frozenset({"keepers"})}
    decision = Talk(prepared(roles=roles)).event(order(f"/{word} ", whom))

    assert [] == acts(decision)
    assert verdicts(decision)["hub/role_permission/keepers"] is Verdict.REFUSED


@pytest.mark.parametrize("sender", [CHIEF, ADMIN, BEN, ROBOT, None])
def test_a_message_of_somebody_who_is_spared_is_not_recalled(sender: Person | None) -> None:
    assert [] == acts(Talk(prepared()).event(order(Quote("7", sender), "/撤回")))


def test_whoever_merely_is_an_admin_in_qq_may_command_nothing_and_is_not_answered() -> None:
    for sender in (CHIEF, ADMIN, CAT):
        for words in ("/禁言 ", "/踢出 ", "/解禁 "):
            decision = Talk(ready(permissions=PERMISSIONS, roles=ROLES)).event(order(words, BEN, sender=sender))
            assert ((), Verdict.MAY) == (decision.actions, verdicts(decision)["hub/role_permission"])


def test_one_right_is_not_another() -> None:
    talk = Talk(prepared())

    assert [Mute(CAT.qq, 600, by=BEN.qq)] == acts(talk.event(order("/禁言 ", CAT, sender=BEN)))
    assert () == talk.event(order("/踢出 ", CAT, sender=BEN)).actions
    assert () == talk.event(order("/公告 放假", sender=BEN)).actions


@pytest.mark.parametrize(
    "parts",
    [
        ("/禁言",),
        ("/禁言 ", CAT, BEN),
        ("/禁言 ", CAT, " 59s"),
        ("/禁言 ", CAT, " 30d"),
        ("/禁言 ", CAT, " 10"),
        ("/禁言 ", At(None)),
        ("/解禁 ", CAT, " 10m"),
        ("/撤回",),
        ("/公告",),
        ("/设精",),
    ],
)
def test_a_wrong_command_of_somebody_who_may_give_it_is_explained_in_one_line(
    parts: tuple[str | Segment | Person, ...],
) -> None:
    decision = Talk(prepared()).event(order(*parts))

    assert [] == acts(decision)
    assert (said(decision) or "").startswith(f"@{ANN.qq} 这样说：")
    assert "\n" not in (said(decision) or "")


@pytest.mark.parametrize(
    "written", ["禁言是什么意思", "/禁言是什么", "/天气 北京", "请问怎么禁言 @某人", "确认 1234"]
)
def test_what_is_no_command_is_left_to_replies(written: str) -> None:
    decision = Talk(prepared()).hear(written)

    assert (said(decision) == "怎么了") is ("禁言" in written)


def code_in(decision: Decision) -> str:
    return (said(decision) or "").rsplit(" ", 1)[1]


def test_who_is_to_be_removed_is_removed_once_the_same_person_has_confirmed_it() -> None:
    talk = Talk(prepared())
    code = code_in(talk.event(order("/踢出 ", CAT)))

    assert () == talk.event(order(f"确认 {code}", sender=BEN)).actions
    assert "什么都没有做" in (said(talk.event(order("确认 0000"))) or "")
    assert [Kick(CAT.qq, by=ANN.qq, look=True)] == acts(talk.event(order(f"确认 {code}")))
    assert () == talk.event(order(f"确认 {code}")).actions


def test_a_confirmation_that_comes_too_late_or_after_the_right_is_gone_does_nothing() -> None:
    talk = Talk(prepared())
    code = code_in(talk.event(order("/踢出 ", CAT)))
    talk.wait(61)
    assert () == talk.event(order(f"确认 {code}")).actions

    code = code_in(talk.event(order("/踢出 ", CAT)))
    without = Talk(prepared(roles={}), talk.memory)
    without.now = talk.now + timedelta(seconds=5)
    assert () == without.event(order(f"确认 {code}")).actions


def test_an_announcement_is_confirmed_and_posted_as_it_was_written() -> None:
    talk = Talk(prepared())
    text = "明天 20:00 分享\n地点：群里 {at} [CQ:at,qq=all]"
    code = code_in(talk.event(order(f"/公告 {text}")))

    assert [Announce(text, by=ANN.qq)] == acts(talk.event(order(f"/确认 {code}")))
    assert "最多" in (said(talk.event(order("/公告 " + "长" * 601))) or "")


def test_of_whom_has_to_be_looked_up_only_a_command_of_somebody_who_may_says() -> None:
    configuration = prepared().configuration

    def looked_up(*parts: str | Segment, sender: Person = ANN) -> list[Segment]:
        return list(about(message(*parts, sender=sender), configuration))

    assert [At(CAT.qq)] == looked_up(At(ME), " 禁言 ", At(CAT.qq))
    assert [Quote("7")] == looked_up(Quote("7"), At(CAT.qq), "/撤回")
    assert [] == looked_up("/禁言 ", At(CAT.qq), sender=CAT)
    assert [] == looked_up("早 ", At(CAT.qq))
    assert [] == list(about(message("/禁言 ", At(CAT.qq)), Configuration("hub", 1)))


def test_a_setting_of_a_group_is_never_changed_by_a_command() -> None:
    """QA's command for flood mutes sets the time of banned words: what is in force comes from YAML alone."""
    before = prepared().configuration
    talk = Talk(Prepared(before))
    for words in ("/刷屏禁言 300", "/禁词禁言 300", "/禁言 300"):
        assert [] == acts(talk.event(order(words)))
    assert before == prepared().configuration


HOSTILE = ["__import__('os').system('id')", "1+1", "${7*7}", "{at}", "[CQ:at,qq=all]", "$(id)", "global.process"]


@pytest.mark.parametrize("written", HOSTILE)
def test_what_people_write_is_never_evaluated(written: str) -> None:
    """YP gives `eval` the words of a command."""
    talk = Talk(prepared())

    assert [] == acts(talk.event(order("/禁言 ", CAT, f" {written}")))
    code = code_in(talk.event(order(f"/公告 {written}")))
    assert [Announce(written, by=ANN.qq)] == acts(talk.event(order(f"确认 {code}")))


def test_a_right_that_is_taken_away_is_gone() -> None:
    """ZB switches one bit on and another one off, so that what was on stays on."""
    for right in Right:
        left = (Permission("keepers", ALL - {right}),)
        talk = Talk(ready(permissions=left, roles=ROLES))
        orders = {
            Right.MUTE: order("/禁言 ", CAT),
            Right.RECALL: order(Quote("7", CAT), "/撤回"),
            Right.KICK: order("/踢出 ", CAT),
            Right.ANNOUNCE: order("/公告 放假"),
            Right.SET_ESSENCE: order(Quote("7"), "/设精"),
        }
        for one, heard in orders.items():
            assert bool(talk.event(heard).actions) is (one is not right)


def test_a_command_that_breaks_a_rule_is_judged_as_every_message_is() -> None:
    rule = Rule("ads", "禁止广告", contains("刷单"), (Penalty(warn=True),), 86400.0)
    decision = Talk(prepared(rules=(rule,))).event(order("/公告 刷单"))

    assert f"@{ANN.qq} 请遵守群规：禁止广告" == said(decision)
    assert "hub/role_permission/keepers" not in verdicts(decision)


def _texts() -> Iterator[str]:
    yield from ("/禁言", "/踢出", "/撤回", "/公告", "/设精", "确认", "/解禁", " 10m", "@", "\u200b", "／")


@given(st.lists(st.sampled_from([*_texts()]) | st.text(max_size=8), max_size=5).map("".join))
def test_nobody_without_a_right_ever_has_the_bot_do_anything(written: str) -> None:
    heard = order(At(ME), written, CAT, Quote("7", CAT), sender=Person(100000009, "路人"))

    assert [] == acts(Talk(ready(permissions=PERMISSIONS, roles=ROLES)).event(heard))
