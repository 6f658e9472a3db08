"""Logs replayed: what would be hit, in what two behaviours differ, and that memory does not grow with the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from qqgroup_provision.behavior.configuration import CHINA
from qqgroup_provision.behavior.event import Person, Text
from qqgroup_provision.behavior.memory import Key, Mark, Remember
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.backtest import Backtest, Difference, backtest
from qqgroup_provision.rehearsal.fading import FadingNotebook
from qqgroup_provision.rehearsal.logs import Kind, Logged
from tests.workspace.folder import GROUP, groups

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=CHINA)
RULES = """\
rules:
  items:
  - {key: ads, text: 禁止广告, detect: {contains: 刷单}, penalties: [warn, {recall: true, mute: 10m}]}
  - {key: long, text: 太长, detect: {longer_than: 20}, penalties: [warn], trial: true}
"""
REPLIES = "replies:\n- {key: hello, when: {contains: 你好}, reply: 在的, cooldown: 30s}\n"


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    return made(tmp_path, RULES + REPLIES)


def made(root: Path, written: str) -> Prepared:
    behavior = groups(root, {"hub.yaml": GROUP + written})["hub"].behavior
    assert behavior is not None
    return Prepared(behavior)


def said(*texts: str, every: float = 60, qq: int = 100001) -> Iterator[Logged]:
    for number, text in enumerate(texts):
        at = NOON + timedelta(seconds=every * number)
        yield Logged(Kind.MESSAGE, at, Person(qq, "甲"), (Text(text),))


def hits(found: Backtest) -> dict[str, tuple[int, int]]:
    return {address.key: (tally.hits, tally.trial) for address, tally in found.now.items()}


def test_what_each_item_would_hit_is_counted_with_what_it_would_do(prepared: Prepared) -> None:
    found = backtest(said("你好", "刷单", "你好 刷单", "别" * 30, "早"), prepared)
    tallies = {address.key: tally for address, tally in found.now.items()}

    assert {"ads": (2, 0), "long": (0, 1), "hello": (1, 0)} == hits(found)
    assert {"warn": 1, "recall": 1, "mute": 1} == dict(tallies["ads"].actions)
    assert 5 == found.messages
    assert 40.0 == found.share(tallies["ads"])
    assert [("warn",), ("recall", "mute 10m")] == [example.now for example in tallies["ads"].examples]
    assert ["ads"] == [address.key for address in found.broad(20)]
    assert [] == list(found.broad(40))


def test_what_was_held_back_is_counted_apart(prepared: Prepared) -> None:
    found = backtest(said("你好", "你好", "你好", every=10), prepared)
    (hello,) = [tally for address, tally in found.now.items() if address.key == "hello"]

    assert (1, {"cooldown": 2}) == (hello.hits, {verdict.value: count for verdict, count in hello.held.items()})


@pytest.mark.parametrize(
    ("written", "difference", "text"),
    [
        (REPLIES, Difference.NEW, "刷单"),
        (RULES + REPLIES + "- {key: morning, when: {contains: 早}, reply: 好}\n", Difference.GONE, "早"),
        (RULES.replace("[warn, {recall", "[{recall") + REPLIES, Difference.OTHER, "刷单"),
        (RULES + REPLIES.replace("在的", "在呢"), Difference.WORDS, "你好"),
    ],
)
def test_in_what_two_behaviours_differ_is_told_message_by_message(
    tmp_path: Path, prepared: Prepared, written: str, difference: Difference, text: str
) -> None:
    before = made(tmp_path / "before", written)
    found = backtest(said("你好", "刷单", "早"), prepared, before)

    assert [difference] == list(found.differences)
    (example,) = found.differences[difference].examples
    assert (1, text) == (found.differences[difference].count, example.text)


def test_a_mute_of_another_length_is_a_difference(tmp_path: Path, prepared: Prepared) -> None:
    before = made(tmp_path / "before", RULES.replace("10m", "5m") + REPLIES)
    (only,) = backtest(said("刷单", "刷单"), prepared, before).differences.values()

    assert [(("recall (rule/ads)", "mute 5m (rule/ads)"), ("recall (rule/ads)", "mute 10m (rule/ads)"))] == [
        (example.before, example.now) for example in only.examples
    ]


def test_equal_behaviours_never_differ(tmp_path: Path, prepared: Prepared) -> None:
    same = made(tmp_path / "same", RULES + REPLIES)

    assert {} == backtest(said(*["你好", "刷单", "早"] * 20), prepared, same).differences


def test_a_log_that_goes_back_in_time_is_replayed_to_its_end(prepared: Prepared) -> None:
    found = backtest(said("你好", "刷单", "刷单", every=-86_400), prepared)

    assert (3, (2, 0)) == (found.messages, hits(found)["ads"])


def test_what_the_bot_said_itself_is_answered_by_nobody(prepared: Prepared) -> None:
    found = backtest(said("你好", "刷单", qq=42), prepared, me=42)

    assert {(0, 0)} == set(hits(found).values())


def test_made_up_numbers_are_nobody_in_particular(prepared: Prepared) -> None:
    logs = [one for qq in range(1, 7) for one in said("刷单", qq=qq)]

    assert (6, 0) == hits(backtest(logs, prepared))["ads"]


def test_what_happens_when_people_come_is_counted_too(tmp_path: Path) -> None:
    greeting = made(tmp_path, "welcome: {text: '欢迎 {at}', merge_within: 20s}\n")
    came = [Logged(Kind.JOIN, NOON, Person(qq, "甲")) for qq in (100001, 100002)]
    found = backtest([*came, *said("早", "早", every=60)], greeting)
    (welcome,) = found.now.values()

    assert (1, {"say": 1}, True) == (welcome.hits, dict(welcome.actions), sum(welcome.held.values()) >= 2)


def test_only_so_many_examples_are_kept(prepared: Prepared) -> None:
    found = backtest(said(*["刷单"] * 10), prepared, examples=2)

    assert [2] == [len(tally.examples) for address, tally in found.now.items() if address.key == "ads"]


def test_marks_that_count_no_more_do_not_fill_the_memory() -> None:
    memory = FadingNotebook()
    most = 0
    for number in range(40_000):
        at = NOON + timedelta(seconds=number)
        memory.change([Remember(Key("hub/rule/ads", "strikes", number), Mark(at), at + timedelta(seconds=100))])
        memory.fade(at)
        most = max(most, len(memory))
    kept = [Key("hub/rule/ads", "strikes", number) for number in range(40_000)]

    assert most <= 10_000
    assert len(memory) == len(memory.recall(kept))
    assert Key("hub/rule/ads", "strikes", 39_999) in memory.recall(kept)


def test_examples_of_a_rule_about_personal_data_show_no_more_than_a_hint_of_it(tmp_path: Path) -> None:
    rule = "{items: [{key: private, text: 隐私, detect: {personal_data: [phone]}, penalties: [recall]}]}"
    found = backtest(said("电话 13800138000"), made(tmp_path, f"rules: {rule}\n"))

    assert ["电话 138••••••00"] == [one.text for tally in found.now.values() for one in tally.examples]
