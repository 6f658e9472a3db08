"""Words of a group: which are counted, exactly how often, and what is told of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior import words
from qqgroup_provision.behavior.decision import Decision, Say
from qqgroup_provision.behavior.event import Census, Cloud, Member, Text, Tick
from qqgroup_provision.behavior.memory import Add
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.behavior.observing import DAY, Report, Statistics, Vocabulary
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.behavior.words import MOST, words_of
from tests.behavior.material import ANN, BEN, GROUP, ME, Talk, ready

DAILY = Report("0 22 * * *", ("words",), days=1)
COUNTING = Statistics(report=DAILY, words=Vocabulary(ignored=("禁词", "Java")))


def group(settings: Statistics = COUNTING) -> Prepared:
    return ready(statistics=settings)


def found(text: str) -> list[str]:
    return sorted(words_of(fold(text), 2, frozenset()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("怎么取消 asyncio 任务？", ["asyncio", "任务", "取消"]),
        ("学習 ＰＹＴＨＯＮ，学习python", ["python", "学习"]),
        ("我的电话13812345678，QQ 100000001", ["qq", "电话"]),
        ("密码 abc123def sk-9f8e7d", ["密码"]),
        ("看https://example.org/secret?token=abc文档", ["文档"]),
        ("写信到 someone@example.org", ["写信"]),
        ("这个那个就是可以", []),
        ("c++ 和 C#", ["c#", "c++"]),
        ("", []),
    ],
)
def test_words_are_counted_and_no_numbers_addresses_or_what_is_in_every_talk(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@given(st.text(max_size=300))
def test_whatever_is_said_has_few_words_and_each_once(text: str) -> None:
    some = list(words_of(fold(text), 2, frozenset()))
    assert len(some) == len(set(some)) <= MOST
    assert all(2 <= len(word) <= 17 and not any(char.isdigit() for char in word) for word in some)


class Evening(Talk):
    """The same with a report in the evening."""

    def report(self) -> tuple[Cloud | Text, ...]:
        self.now = self.now.replace(hour=22)
        self.event(Tick(GROUP, self.now, ME))
        decision = self.event(Census(GROUP, (Member(ANN),), 1, self.now, ME))
        return tuple(part for action in decision.actions if isinstance(action, Say) for part in action.segments
                     if isinstance(part, Cloud | Text))  # fmt: skip


def test_a_report_has_the_words_of_its_days_and_none_that_only_one_message_had() -> None:
    talk = Evening(group())
    talk.event(Tick(GROUP, talk.now, ME))
    for text in ("协程 协程 协程很好", "协程与爬虫", "禁词 java", "禁词 JAVA", "爬虫", "秘密"):
        talk.hear(text)
    (cloud,) = talk.report()
    assert isinstance(cloud, Cloud)
    assert cloud == Cloud((("协程", 2), ("爬虫", 2)), "【词云】12月1日\n协程 2、爬虫 2")
    talk.now += timedelta(hours=3)
    talk.hear("今天天气")
    assert talk.report() == (Text("【词云】12月2日\n说过的词还不够多"),)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["协程很好用", "爬虫和协程", "asyncio 协程", "学习 python", "PYTHON 爬虫"]), max_size=30)
)
def test_counts_are_those_of_a_plain_recount(texts: list[str]) -> None:
    talk = Evening(group(replace(COUNTING, words=Vocabulary(most=200))))
    talk.event(Tick(GROUP, talk.now, ME))
    for number, text in enumerate(texts):
        talk.hear(text, sender=(ANN, BEN)[number % 2])
    plain = Counter(
        word for text in texts for word in ("协程", "爬虫", "asyncio", "学习", "python") if word in text.lower()
    )
    (told,) = talk.report()
    counts = dict(told.words) if isinstance(told, Cloud) else {}
    assert {word: counts.get(word) for word in plain} == {word: n if n > 1 else None for word, n in plain.items()}


def test_what_is_kept_is_a_word_a_day_and_a_number_and_for_as_long_as_said() -> None:
    decision: Decision = Talk(group()).hear("协程")
    adds = [change for change in decision.changes if isinstance(change, Add) and change.key.item.endswith("/words")]
    (add,) = adds
    assert (add.key.what, add.key.subject, add.amount) == ("2026-12-01/协程", 0, 1), "not who said it"
    assert add.until - add.at == timedelta(days=31)
    assert (add.at.hour, add.at.minute) == (0, 0)
    assert add.until == add.at + timedelta(seconds=31 * DAY)


def test_without_the_package_no_word_is_counted_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "is_there", lambda: False)
    talk = Evening(group())
    talk.event(Tick(GROUP, talk.now, ME))
    talk.hear("协程")
    talk.hear("协程")
    assert talk.report() == (Text("【词云】12月1日\n说过的词还不够多"),)
