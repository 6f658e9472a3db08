"""The history of runs: what is kept of a journal, and what is made of a file that something tore."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.addresses import Address
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.history import Record, Run, Step, dump_record, read_records
from qqgroup_provision.state.model import Entry, Override, State

HUB = Address("hub", "profile")
TITLE = Address("hub", "title", "alice")
RUN = Run("digest", "alice@laptop", "2026-11-23T12:00:00+00:00", "abc123+", "", ("delete:hub/title/*",))

texts = st.text(max_size=8)
records = st.builds(
    Record,
    st.builds(Run, texts, texts, texts, texts, texts, st.lists(texts, max_size=2).map(tuple)),
    st.lists(st.builds(Step, texts, texts, texts), max_size=3).map(tuple),
    st.integers(0, 9),
)


@given(st.lists(records, max_size=3), st.data())
def test_a_history_that_was_torn_tells_what_its_whole_lines_say(kept: list[Record], data: st.DataObject) -> None:
    lines = [dump_record(record) for record in kept]
    written = "".join(lines)
    end = data.draw(st.integers(0, len(written)))
    whole = next(n for n in range(len(lines), -1, -1) if len("".join(lines[:n])) <= end)
    found = list(read_records(written[:end].split("\n")))

    # A line that lacks nothing but its end counts as well.
    assert kept[: len(found)] == found
    assert len(found) in (whole, whole + 1)


@pytest.mark.parametrize("line", ["", "{", "[]", "null", '{"steps": 1}', '{"steps": [{}], "taken": 0}', "[" * 5000])
def test_a_line_that_is_no_record_is_passed_over(line: str) -> None:
    good = dump_record(Record(RUN))

    assert [Record(RUN)] == list(read_records([line, good.strip(), line]))


def test_a_record_has_each_step_in_order_and_what_only_the_state_learnt(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.json")
    with store.begin_journal(State("l", 1), RUN) as journal:
        first = journal.intent(HUB, Rename(1, "甲"))
        journal.outcome(first, "done")
        journal.intent(HUB, Rename(1, "乙"))
        journal.completed(HUB, Entry({}, {}))
        journal.completed(TITLE, Entry({}, {}))
    left = store.read_journal()
    assert left is not None
    steps = (Step("hub/profile", "rename", "done"), Step("hub/profile", "rename", "not_done"))

    assert Record(RUN, steps, 1) == left.record({2: "not_done"})
    assert "unclear" == left.record().steps[1].result
    assert (Override("delete:hub/title/*", RUN.at),) == left.overrides


def test_a_run_is_recorded_once_also_when_it_is_cut_off_before_its_journal_is_put_away(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.json")
    record = Record(RUN, (Step("hub/profile", "rename", "done"),))
    for _ in range(2):
        with store.begin_journal(State("l", 1), RUN):
            pass
        store.end_journal(record)

    assert (record,) == store.history()


def test_a_run_that_did_nothing_leaves_no_record(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.json")
    store.end_journal(Record(RUN))

    assert () == store.history()
