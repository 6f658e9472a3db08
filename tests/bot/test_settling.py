"""What becomes of what a bot left behind: done, to be done, or given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decision import (
    Action,
    Announce,
    Approve,
    AskMembers,
    Kick,
    Mute,
    MuteAll,
    Note,
    Recall,
    Say,
    SetEssence,
    Wake,
)
from qqgroup_provision.behavior.event import At, Image, Message, Person, Quote, Requested, Segment, Text
from qqgroup_provision.behavior.memory import Key, Mark, Remember
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.hearing import likeness
from qqgroup_provision.bot.outbox import DURABLE, Cause, Deed, Durable, is_durable, read, written
from qqgroup_provision.bot.past import History
from qqgroup_provision.bot.settling import Course, is_late, is_posted, kicked, known_as, muted, said, waits
from qqgroup_provision.messages import say as sentence

GROUP, ME, OTHER, ALICE = 731000001, 100000000, 100000005, 100000001
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPLY, WELCOME = Address("hub", "reply", "x"), Address("hub", "welcome")
CAUSE = Cause(by=ME, message="7", sequence="70", likeness="abc", speaker=ME)


def deed(action: Durable, n: int = 1, cause: Cause = CAUSE) -> Deed:
    return Deed(1, n, GROUP, NOW, action, cause)


def say(text: str, n: int = 1, after: str = "") -> Deed:
    return deed(Say((Text(text),), item=REPLY), n, replace(CAUSE, after=after))


def told(id_: str, *segments: Segment, sender: int = ME, seconds: float = 1, sequence: str = "") -> Heard:
    message = Message(GROUP, id_, Person(sender), segments, NOW + timedelta(seconds=seconds), ME)
    return Heard(message, likeness(message), sequence)


def history(*messages: Heard, is_whole: bool = True) -> History:
    return History(messages, is_whole)


def test_what_is_asked_for_again_on_the_next_tick_is_not_kept() -> None:
    assert set(DURABLE) <= set(get_args(Action))
    again: tuple[Action, ...] = (Wake(NOW), AskMembers(), MuteAll(True), Note(sentence("x")))
    assert not any(map(is_durable, again))


@given(
    st.lists(st.one_of(st.text(max_size=5).map(Text), st.integers(1, 2**32).map(At), st.just(At(None)))).map(tuple),
    st.none() | st.text(max_size=5),
)
def test_a_deed_is_read_as_it_was_written(segments: tuple[Segment, ...], quote: str | None) -> None:
    receipt = Remember(Key("hub/x", "said"), Mark(NOW, ((1, "a"),)), NOW)
    action = Say((*segments, Image("a.png")), quote, WELCOME, receipt)
    found, cause = read(written(action, CAUSE))
    assert (found, cause) == (action, CAUSE)
    assert isinstance(found, Say)
    assert (found.item, found.receipt) == (WELCOME, receipt)


@pytest.mark.parametrize(
    "body", ["", "[]", "[1, []]", '[{"is": "Note"}, []]', '[{"is": "Text", "text": "x"}, []]', '[{"is": "Say"}, [1]]']
)
def test_what_is_no_deed_is_not_carried_out(body: str) -> None:
    with pytest.raises(ValueError, match="no deed"):
        read(body)


def test_a_message_with_a_part_of_another_sort_is_not_kept() -> None:
    assert not is_durable(Say((Quote("1"),)))
    assert is_durable(Say((Text("x"), At(None))))


@pytest.mark.parametrize(
    ("deeds", "found", "courses"),
    [
        pytest.param([say("a")], history(told("9", Text("a"))), ["done"], id="said"),
        pytest.param([say("a")], history(told("9", Text("b"))), ["do"], id="not said"),
        pytest.param([say("a")], history(), ["do"], id="nothing was said at all"),
        pytest.param([say("a")], history(told("9", Text("a"), sender=ALICE)), ["do"], id="by somebody else"),
        pytest.param([say("a")], history(told("9", Text("a"), seconds=-60)), ["do"], id="long before"),
        pytest.param([say(" a  b ")], history(told("9", Text("a b"))), ["done"], id="with other blanks"),
        pytest.param([say("a"), say("a", 2)], history(told("9", Text("a"))), ["done", "do"], id="once of two"),
        pytest.param(
            [say("a", after="8")], history(told("8", Text("a")), told("9", Text("b"))), ["do"], id="equal, but before"
        ),
        pytest.param(
            [say("a", after="8")], history(told("8", Text("a")), told("9", Text("a"))), ["done"], id="and after"
        ),
        pytest.param(
            [say("a")], history(told("9", Text("b"), seconds=1), is_whole=False), ["untold"], id="reaches not so far"
        ),
        pytest.param(
            [say("a")], history(told("9", Text("b"), seconds=-60), is_whole=False), ["do"], id="reaches far enough"
        ),
    ],
)
def test_what_was_said_is_found_in_the_history(deeds: list[Deed], found: History, courses: list[str]) -> None:
    assert [said(deeds, ME, found)[place].value for place in range(len(deeds))] == courses


@given(st.lists(st.sampled_from("ab"), max_size=8), st.integers(0, 8), st.lists(st.sampled_from("ab"), max_size=3))
def test_after_any_death_each_is_said_as_often_as_it_was_to_be(
    texts: list[str], sent: int, before: list[str]
) -> None:
    """Messages are sent in their order: some of the first ones stand there, after what was said before."""
    after = f"old{len(before)}" if before else ""
    deeds = [say(text, n, after) for n, text in enumerate(texts)]
    earlier = [told(f"old{n + 1}", Text(text), seconds=-60 if not after else 0) for n, text in enumerate(before)]
    done = [told(f"new{n}", Text(text)) for n, text in enumerate(texts[:sent])]
    courses = said(deeds, ME, history(*earlier, *done))
    assert [courses[n] is Course.DO for n in range(len(texts))] == [n >= sent for n in range(len(texts))]


@pytest.mark.parametrize(
    ("action", "age", "late"),
    [
        (Say((), item=REPLY), 119, False),
        (Say((), item=REPLY), 121, True),
        (Say((), item=WELCOME), 599, False),
        (Say((), item=WELCOME), 601, True),
        (Mute(ALICE, 600), 599, False),
        (Mute(ALICE, 600), 601, True),
        (Mute(ALICE, 0), 80_000, False),
        (Kick(ALICE), 80_000, False),
        (Kick(ALICE), 90_000, True),
        (Recall("1", ALICE), 80_000, False),
        (Approve("1", ALICE), 80_000, False),
        (Announce("x"), 601, True),
        (SetEssence("1"), 601, True),
    ],
)
def test_what_makes_no_sense_any_more_is_given_up(action: Durable, age: int, late: bool) -> None:
    assert is_late(deed(action), NOW + timedelta(seconds=age)) is late


def test_nobody_is_muted_or_removed_twice() -> None:
    mute, kick = deed(Mute(ALICE, 600)), deed(Kick(ALICE))
    assert isinstance(mute.action, Mute)
    minutes = {n: NOW + timedelta(minutes=n) for n in (1, 10)}
    assert [muted(mute.action, minutes.get(n), mute) for n in (1, 10, 0)] == [Course.DO, Course.DONE, Course.DO]
    assert kicked(NOW - timedelta(days=1), kick, is_there=True) is Course.DO
    assert kicked(NOW + timedelta(minutes=1), kick, is_there=True) is Course.DONE, "removed, and here again"
    assert kicked(None, kick, is_there=False) is Course.DONE


def test_of_equal_answers_each_is_known_by_what_it_quotes() -> None:
    def answering(message: str, n: int) -> Deed:
        return deed(Say((Text("pong"),), message, REPLY), n, replace(CAUSE, message=message))

    deeds = [answering("1", 1), answering("2", 2)]
    found = history(told("8", Quote("0"), Text("pong")), told("9", Quote("2"), Text("pong")))
    assert said(deeds, ME, found) == {0: Course.DO, 1: Course.DONE}
    assert said(deeds, ME, history(told("9", Text("pong")))) == {0: Course.DONE, 1: Course.DO}


def test_a_request_is_known_to_another_account_by_its_number() -> None:
    left = deed(Approve("flag-of-one", ALICE), cause=replace(CAUSE, sequence="asked/70"))
    request = Requested(GROUP, "flag-of-other", Person(ALICE), "", NOW, OTHER, "70")
    assert waits(left, [Heard(request, "", "asked/71")]) is None
    found = waits(left, [Heard(request, "", "asked/70")])
    assert found is not None
    assert getattr(found.event, "id", "") == "flag-of-other"


def test_a_message_is_known_to_another_account_by_its_number_or_its_likeness() -> None:
    left = deed(Recall("7", ALICE))
    assert known_as(left, ME, history()) == "7"
    assert known_as(left, OTHER, history(told("x1", sequence="71"), told("x2", sequence="70"))) == "x2"
    assert known_as(left, OTHER, history(told("x1", sequence="71"))) is None
    alike = told("x3", Text("ad"), sender=ALICE)
    unnumbered = deed(Recall("7", ALICE), cause=replace(CAUSE, sequence="", likeness=alike.likeness))
    assert known_as(unnumbered, OTHER, history(alike)) == "x3"


def test_an_announcement_that_stands_there_is_posted() -> None:
    action = Announce("a  b")
    assert is_posted(action, deed(action), [("a b", NOW)])
    assert not is_posted(action, deed(action), [("a b", NOW - timedelta(days=1)), ("c", NOW)])
