"""Requests to join: which rule decides, what nobody knows, and that each request is decided once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.conditions import Condition, Not
from qqgroup_provision.behavior.decision import Approve, Decision, Reject, Verdict, Wake
from qqgroup_provision.behavior.event import Left, Person, Requested
from qqgroup_provision.behavior.joining import Course, Demand, Review, ReviewRule, answer_of
from qqgroup_provision.behavior.memory import Notebook
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, Talk, contains, ready, reply, verdicts

CRAWLERS = contains("爬虫")
DAY = 86400.0


def approve(**demand: object) -> ReviewRule:
    return ReviewRule(Course.APPROVE, Demand(**demand))  # type: ignore[arg-type]


def reject(reason: str = "", **demand: object) -> ReviewRule:
    return ReviewRule(Course.REJECT, Demand(**demand), reason)  # type: ignore[arg-type]


def talk(*rules: ReviewRule, blacklist: frozenset[int] = frozenset(), memory: Notebook | None = None) -> Talk:
    return Talk(ready(reply("hi", "好"), review=Review(rules, blacklist)), memory)


class Door:
    """Requests one after the other, each with a number of its own unless it is given one."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self._count = 0

    def ask(
        self, comment: str = "", person: Person = ANN, number: str = "", invited: bool | None = False, **more: object
    ) -> Decision:
        self._count += 1
        number = number or str(self._count)
        request = Requested(GROUP, f"flag-{number}", person, comment, NOON, ME, number, invited, **more)  # type: ignore[arg-type]
        return self.talk.event(request)


def door(*rules: ReviewRule, blacklist: frozenset[int] = frozenset()) -> Door:
    return Door(talk(*rules, blacklist=blacklist))


def course(decision: Decision) -> str:
    (verdict,) = verdicts(decision).values()
    return verdict.value


def test_the_first_rule_that_fits_decides_and_says_which_it_is() -> None:
    asked = door(reject("等级过低", level_below=4), approve(answer=CRAWLERS), reject("别的"))
    low, good, other = (
        asked.ask(person=Person(1, level=3), comment="爬虫"), asked.ask("我做 爬蟲"), asked.ask("看看"),
    )  # fmt: skip

    assert (Reject("flag-1", 1, "等级过低"),) == low.actions
    assert (Approve("flag-2", ANN.qq),) == good.actions
    assert (Reject("flag-3", ANN.qq, "别的"),) == other.actions
    assert ["hub/join_review"] * 3 == [str(reason.item) for one in (low, good, other) for reason in one.reasons]
    assert "rule 2 of 3" == str(good.reasons[0].note)
    assert "contains: 爬虫" == str(good.reasons[0].because[0].condition)


def test_a_request_that_fits_no_rule_is_the_admins() -> None:
    decision = door(approve(answer=CRAWLERS), ReviewRule(Course.ADMINS, Demand(level_known=False))).ask("看看")

    assert ((), "admins") == (decision.actions, course(decision))
    assert decision.reasons[0].note is not None
    assert door(approve(answer=CRAWLERS)).ask("看看").reasons[0].note is None


@pytest.mark.parametrize(
    ("demand", "person", "more", "holds"),
    [
        ({"level_below": 4}, Person(1, level=3), {}, True),
        ({"level_below": 4}, Person(1, level=4), {}, False),
        ({"level_at_least": 4}, Person(1, level=4), {}, True),
        ({"level_at_least": 4}, Person(1, level=3), {}, False),
        ({"level_known": False}, Person(1), {}, True),
        ({"level_known": True}, Person(1), {}, False),
        ({"blacklist": True}, BEN, {}, True),
        ({"blacklist": True}, ANN, {}, False),
        ({"blacklist": False}, ANN, {}, True),
        ({"invited": True}, ANN, {"invited": True}, True),
        ({"invited": False}, ANN, {"invited": False}, True),
        ({"invited": False}, ANN, {"invited": None}, False),
        ({"full": True}, ANN, {"full": True}, True),
        ({"full": True}, ANN, {"full": False}, False),
        ({"full": True}, ANN, {}, False),
        ({"full": False}, ANN, {}, False),
        ({"level_below": 4, "blacklist": True}, Person(1, level=1), {}, False),
    ],
)
def test_all_that_a_rule_demands_has_to_be_so(
    demand: dict[str, object], person: Person, more: dict[str, object], holds: bool
) -> None:
    decision = door(reject(**demand), blacklist=frozenset({BEN.qq})).ask(person=person, **more)  # type: ignore[arg-type]

    assert ("rejected" if holds else "admins") == course(decision)


def test_a_level_that_nobody_tells_is_never_too_low_and_never_high_enough() -> None:
    asked = door(reject(level_below=100), approve(level_at_least=1))

    assert "admins" == course(asked.ask("爬虫"))


# Defects that other bots have.


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("我想学Python", "approved"), ("python", "approved"), ("Pyt", "admins"), ("pto", "admins"), ("爬虫", "admins")],
)
def test_a_term_is_contained_or_not_and_letters_of_it_in_that_order_are_no_match(answer: str, expected: str) -> None:
    """One bot compared answers fuzzily: `Pyt` was let in, and `我想学Python` was not."""
    assert expected == course(door(approve(answer=contains("Python"))).ask(answer))


def test_a_wrong_answer_is_refused_where_the_rules_say_so() -> None:
    """In the same bot a wrong answer was neither right nor wrong, so that nobody was ever refused."""
    assert "rejected" == course(door(approve(answer=contains("Python")), reject("请先看群介绍")).ask("java"))


@pytest.mark.parametrize(
    ("comment", "answer"),
    [
        ("问题：你做爬虫还是 web？\n答案：我做 后端", "我做 后端"),
        ("问题：q\r\n答案： a\nb ", "a\nb"),
        ("问题:q\n答案:a", "a"),
        ("问题：q\n答案：", ""),
        ("问题：写下“答案：42”\n答案：43", "43"),
        ("问题：q\n答案：a\n答案：b", "a\n答案：b"),
        ("问题：你做爬虫还是 web？", ""),
        ("问题：", ""),
        ("答案：a", "答案：a"),
        ("请让我进来", "请让我进来"),
        ("", ""),
    ],
)
def test_of_a_comment_only_the_answer_counts_even_where_it_has_none(comment: str, answer: str) -> None:
    """One bot cut the comment where `答案：` was not, and another matched the words of the question."""
    assert answer == answer_of(comment)


@given(st.text(max_size=80))
def test_whatever_strangers_write_is_read_without_an_error(comment: str) -> None:
    assert answer_of(comment) in comment.replace("\r\n", "\n")
    assert answer_of(f"问题：q\n答案：{comment}") == comment.replace("\r\n", "\n").strip()


def test_words_of_the_question_are_no_answer() -> None:
    asked = door(approve(answer=CRAWLERS))

    assert ["admins", "approved"] == [
        course(asked.ask(f"问题：你做爬虫吗？\n答案：{answer}")) for answer in ("不", "做爬虫")
    ]


@pytest.mark.parametrize("looked_for", [CRAWLERS, Not(CRAWLERS)])
def test_who_was_brought_along_has_answered_nothing_and_is_refused_for_no_answer(looked_for: Condition) -> None:
    """The comment of a request by invitation is empty; a bot refused all of them for it."""
    asked = door(reject("答错了", answer=looked_for), approve(invited=True))

    assert "approved" == course(asked.ask("", invited=True))


def test_a_request_that_is_told_of_again_is_decided_once() -> None:
    """A server tells some requests twice, and every account of the bot hears of them."""
    asked = door(reject("不行"))
    first, again, later = asked.ask("a", number="7"), asked.ask("a", number="7"), asked.ask("a", number="8")

    assert [["Reject"], [], ["Reject"]] == [[type(a).__name__ for a in one.actions] for one in (first, again, later)]
    assert "decided" == course(again)
    assert "rejected" == course(asked.ask("a", number="7", person=BEN)), "somebody else's request"


def test_a_request_is_decided_once_across_a_restart_also_one_that_is_the_admins() -> None:
    memory = Notebook()
    assert "admins" == course(Door(talk(approve(answer=CRAWLERS), memory=memory)).ask("a", number="7"))

    restarted = Door(talk(approve(), memory=memory))
    assert "decided" == course(restarted.ask("爬虫", number="7"))
    assert "approved" == course(restarted.ask("爬虫", number="8"))


def test_attempts_outlast_a_restart() -> None:
    """A bot kept them in its memory alone, so that a restart gave everybody new ones."""
    memory, rules = Notebook(), (reject("明天再来", attempts=2, within=DAY), reject("答错了", answer=contains("x")))
    first = Door(talk(*rules, memory=memory))
    reasons = [first.ask("x", number=str(n)).actions[0].reason for n in (1, 2)]  # type: ignore[union-attr]
    restarted = Door(talk(*rules, memory=memory))
    reasons += [restarted.ask("x", number=str(n)).actions[0].reason for n in (3, 4)]  # type: ignore[union-attr]

    assert ["答错了", "答错了", "明天再来", "明天再来"] == reasons
    assert "admins" == course(restarted.ask("好", person=BEN))
    restarted.talk.wait(DAY)
    assert "答错了" == restarted.ask("x", number="5").actions[0].reason  # type: ignore[union-attr]


def test_being_refused_for_too_many_attempts_makes_it_no_longer() -> None:
    asked = door(reject("明天再来", attempts=1, within=DAY), reject("答错了"))
    for wait, expected in ((0, "答错了"), (DAY / 2, "明天再来"), (DAY / 2, "答错了")):
        asked.talk.wait(wait)
        assert expected == asked.ask("x").actions[0].reason  # type: ignore[union-attr]


def test_who_left_comes_back_after_the_time_and_not_before() -> None:
    asked = door(reject("刚退群", left_within=7 * DAY), approve())
    asked.talk.event(Left(GROUP, ANN, NOON))

    assert ["rejected", "approved"] == [course(asked.ask()), course(asked.ask(person=BEN))]
    asked.talk.wait(7 * DAY - 1)
    assert "rejected" == course(asked.ask())
    asked.talk.wait(1)
    assert "approved" == course(asked.ask())


def test_a_clock_that_was_put_back_lets_nobody_in_who_was_refused_or_left() -> None:
    asked = door(reject("刚退群", left_within=DAY), reject("次数", attempts=1, within=DAY), reject("答错了"))
    asked.ask("x", person=BEN)
    asked.talk.event(Left(GROUP, ANN, NOON))
    asked.talk.now -= timedelta(days=30)

    assert ["刚退群", "次数"] == [asked.ask("x", person=who).actions[0].reason for who in (ANN, BEN)]  # type: ignore[union-attr]


def test_a_review_that_was_switched_off_decides_nothing() -> None:
    """A bot set one bit to switch its review on and cleared another one to switch it off."""
    memory = Notebook()
    assert "approved" == course(Door(talk(approve(), memory=memory)).ask())
    off = Talk(ready(reply("hi", "好")), memory)

    assert Decision() == off.event(Requested(GROUP, "9", ANN, "", NOON, ME, "9"))


def test_a_request_is_no_message_and_nothing_is_said_about_it() -> None:
    decision = door(approve()).ask("好")

    assert not [action for action in decision.actions if not isinstance(action, Approve | Wake)]
    assert Verdict.APPROVED is decision.reasons[0].verdict


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6), st.booleans()), max_size=30))
def test_no_request_is_ever_decided_twice(asks: list[tuple[int, int, bool]]) -> None:
    """Whoever asks, in whatever order, and whenever the bot is restarted."""
    memory, rules = Notebook(), (reject("x", attempts=2, within=DAY), approve(answer=CRAWLERS), reject("答错了"))
    opened, decided = Door(talk(*rules, memory=memory)), set()
    for qq, number, restart in asks:
        if restart:
            opened = Door(talk(*rules, memory=memory))
        acted = bool(opened.ask("x", Person(qq), str(number)).actions)
        assert acted is ((qq, number) not in decided)
        decided.add((qq, number))
