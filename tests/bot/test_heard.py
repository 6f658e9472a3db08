"""The same thing heard by two accounts, and two things that only look the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qqgroup_provision.behavior.event import Joined, Message, Person, Text
from qqgroup_provision.bot.heard import FRESH, Heard, Seen
from qqgroup_provision.bot.hearing import likeness

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def message(me: int, text: str = "hi", sequence: str = "", *, group: int = 1) -> Heard:
    said = Message(group, f"{me}-{text}", Person(7), (Text(text),), NOW, me)
    return Heard(said, likeness(said), sequence)


@pytest.mark.parametrize(
    ("heard", "new"),
    [
        pytest.param([message(1), message(2)], [True, False], id="no number: alike, by another account"),
        pytest.param([message(1), message(1), message(2)], [True, True, False], id="said twice in one second"),
        pytest.param([message(1, sequence="5"), message(2, sequence="5")], [True, False], id="one number"),
        pytest.param([message(1, sequence="5"), message(2, sequence="6")], [True, True], id="another number"),
        pytest.param([message(1, sequence="5"), message(1, sequence="5")], [True, False], id="told again"),
        pytest.param([message(1, sequence="5"), message(2)], [True, False], id="only one server tells numbers"),
        pytest.param([message(1), message(2, sequence="5")], [True, False], id="only the other one does"),
        pytest.param(
            [message(1, "a", sequence="1"), message(1, "b", sequence="1")], [True, True], id="a number that is none"
        ),
        pytest.param([message(1, sequence="5"), message(2, sequence="5", group=2)], [True, True], id="other groups"),
    ],
)
def test_a_message_is_new_once(heard: list[Heard], new: list[bool]) -> None:
    seen = Seen()
    assert [seen.is_new(one, 0.0) for one in heard] == new


def test_who_comes_back_later_has_come_again() -> None:
    def joined(me: int) -> Heard:
        return Heard(Joined(1, Person(7), NOW, me), "joined/7")

    seen = Seen()
    assert [seen.is_new(joined(me), 0.0) for me in (1, 2)] == [True, False]
    assert seen.is_new(joined(1), 1.0), "the same account hears nothing twice"
    assert seen.is_new(joined(2), 1.0 + FRESH + 1)
