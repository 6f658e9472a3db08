"""The journal: all that was written is read, a torn end is passed over, and anything else is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.resources.announcement import Publish, Withdraw
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.resources.registry import operations, rebuild
from qqgroup_provision.resources.title import SetTitle
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.journal import FORMAT, Journal, JournalContent, read_journal
from qqgroup_provision.state.journal_file import JournalFile
from qqgroup_provision.state.model import Entry
from tests.state.values import addresses, entries, texts

ALICE = Address("hub", "title", "alice")
STEPS = [
    SetTitle(731000001, 100000001, "维护者"),
    Rename(731000001, "新群名\n“一”"),
    Withdraw(731000001, "abc"),
    Publish(731000001, "文", "a.png", "0" * 64, pinned=True, confirm_read=False, known=("x", "y")),
]
BEGIN = {"record": "begin", "format": FORMAT, "lineage": "l", "serial": 7, "plan": "p"}


@contextmanager
def journal(folder: Path) -> Iterator[Journal]:
    path = folder / "journal.jsonl"
    path.unlink(missing_ok=True)
    opened = Journal(JournalFile(path), "l", 7, Run("p"))
    try:
        yield opened
    finally:
        opened.close()


def content(folder: Path) -> bytes:
    return (folder / "journal.jsonl").read_bytes()


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def refused(written: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_journal(written, "journal.jsonl")
    (found,) = caught.value.diagnostics
    assert found.subject == "journal.jsonl"
    return found.code


def test_an_intent_without_an_outcome_is_unsettled_and_can_be_rebuilt(tmp_path: Path) -> None:
    with journal(tmp_path) as opened:
        numbers = [opened.intent(ALICE, step) for step in STEPS]
        opened.outcome(numbers[1], "done", {"notice_id": "x"})
    found = read_journal(content(tmp_path), "journal.jsonl")

    assert ("l", 7) == (found.lineage, found.serial)
    assert [STEPS[0], *STEPS[2:]] == [
        rebuild(operations()[intent.operation], intent.fields) for intent in found.unsettled.values()
    ]
    assert {ALICE} == {intent.address for intent in found.unsettled.values()}


def test_every_record_is_on_disk_when_its_method_returns(tmp_path: Path) -> None:
    with journal(tmp_path) as opened:
        for number, step in enumerate(STEPS, 1):
            assert number == opened.intent(ALICE, step)
            assert number == len(read_journal(content(tmp_path), "j").unsettled)
        opened.completed(ALICE, None)
        assert [(ALICE, None)] == read_journal(content(tmp_path), "j").completed


def test_a_journal_that_is_left_over_is_never_written_over(tmp_path: Path) -> None:
    with journal(tmp_path) as opened:
        opened.intent(ALICE, STEPS[0])
    before = content(tmp_path)
    with pytest.raises(FileExistsError):
        JournalFile(tmp_path / "journal.jsonl")

    assert before == content(tmp_path)


records = st.lists(
    st.tuples(st.just("intent"), addresses, st.sampled_from(STEPS))
    | st.tuples(st.just("outcome"), st.integers(1, 6), st.dictionaries(texts, texts, max_size=1))
    | st.tuples(st.just("completed"), addresses, st.none() | entries),
    max_size=8,
)


def write(opened: Journal, steps: list[Any], expected: JournalContent) -> list[JournalContent]:
    """Write the steps; gives what the journal says after each."""
    said = [snapshot(expected)]
    for kind, what, value in steps:
        if kind == "intent":
            number = opened.intent(what, value)
            expected.unsettled[number] = value
        elif kind == "outcome":
            opened.outcome(what, "done", value)
            expected.unsettled.pop(what, None)
        else:
            opened.completed(what, value)
            expected.completed.append((what, value))
        said.append(snapshot(expected))
    return said


def snapshot(said: JournalContent) -> JournalContent:
    return JournalContent(said.lineage, said.serial, dict(said.unsettled), list(said.completed))


def rebuilt(found: JournalContent) -> JournalContent:
    steps: dict[int, Any] = {
        number: rebuild(operations()[intent.operation], intent.fields) for number, intent in found.unsettled.items()
    }
    return JournalContent(found.lineage, found.serial, steps, found.completed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records, st.data())
def test_cut_off_anywhere_a_journal_says_what_its_whole_lines_say(
    tmp_path: Path, steps: list[Any], data: st.DataObject
) -> None:
    with journal(tmp_path) as opened:
        said = write(opened, steps, JournalContent("l", 7))
    written = content(tmp_path)
    end = data.draw(st.integers(0, len(written)))
    whole = written[:end].count(b"\n")

    expected = said[whole - 1] if whole else JournalContent()
    assert expected == rebuilt(read_journal(written[:end], "journal.jsonl"))


def test_a_torn_last_line_is_ignored() -> None:
    found = read_journal(lines(BEGIN) + b'{"record": "completed", "addr', "journal.jsonl")

    assert ("l", 7, {}, []) == (found.lineage, found.serial, found.unsettled, found.completed)


def test_the_same_line_before_the_last_is_damage() -> None:
    torn = lines(BEGIN) + b'{"record": "completed", "addr\n' + lines({"record": "outcome", "n": 1, "result": ""})

    assert "QG715" == refused(torn)


def test_a_newer_format_is_refused() -> None:
    assert "QG711" == refused(lines({**BEGIN, "format": FORMAT + 1}))


@pytest.mark.parametrize(
    "record",
    [
        7,
        [],
        {},
        {**BEGIN, "format": "1"},
        {**BEGIN, "serial": "many"},
        {"record": "begin"},
        {"record": "intent", "n": 1, "address": "hub", "operation": "rename", "fields": {}},
        {"record": "intent", "n": [], "address": "hub/title", "operation": "rename", "fields": {}},
        {"record": "intent", "n": 1, "address": "hub/title", "operation": "rename", "fields": 7},
        {"record": "outcome"},
        {"record": "outcome", "n": float("inf")},
        {"record": "completed", "address": "hub/title", "entry": {}},
        {"record": "completed", "address": "hub/title", "entry": {"ids": [], "applied": {}, "unverified": []}},
        {"record": "completed", "address": 7, "entry": None},
    ],
    ids=str,
)
def test_a_line_of_the_wrong_shape_is_damage_with_its_number(record: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_journal(lines(BEGIN, record), "journal.jsonl")
    (found,) = caught.value.diagnostics

    assert ("QG715", True) == (found.code, "Line 2 " in str(found.summary))


def test_a_record_of_a_kind_that_is_not_known_is_passed_over() -> None:
    assert "l" == read_journal(lines(BEGIN, {"record": "note", "x": 1}), "journal.jsonl").lineage


def test_an_entry_is_read_as_it_was_written(tmp_path: Path) -> None:
    entry = Entry({"qq": "1"}, {"title": "头衔"}, ("confirm",), "2026-11-23T12:00:00+00:00")
    with journal(tmp_path) as opened:
        opened.completed(ALICE, entry)

    assert [(ALICE, entry)] == read_journal(content(tmp_path), "journal.jsonl").completed


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=3))
def test_no_bytes_are_worse_than_a_diagnostic(found: list[bytes]) -> None:
    with suppress(InvalidInput):
        read_journal(b"\n".join(found), "journal.jsonl")
