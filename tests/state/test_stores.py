"""What every store has to do, whichever it is: keep what was saved, lose no update, let one in at a time, and keep a
dead run's journal for whoever comes next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import InvalidInput, LockHeld
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.state.history import Record, Run, Step
from qqgroup_provision.state.model import Entry, Override, State
from qqgroup_provision.state.store import StateStore

Open = Callable[[], StateStore]
ADDRESS = Address("hub", "profile")
ENTRY = Entry(
    {"qq": "1"}, {"name": "群\u2028名", "list": ("甲", 1, None, True)}, ("name",), "2026-11-23T12:00:00+00:00"
)
FIRST = State().folded([(ADDRESS, ENTRY)], [Override("delete:*", "2026-11-23T12:00:00+00:00")])
RUN = Run("digest", "alice@host", "2026-11-23T12:00:00+00:00", "abc", "https://ci.example/1", ("delete:*",))


def code_of(error: InvalidInput | LockHeld) -> str:
    (found,) = error.diagnostics
    assert bool(found.subject)
    assert bool(str(found.hint))
    return found.code


def seeded(store: StateStore) -> State:
    with store.lock("apply"):
        return store.save(State(), FIRST)


def test_a_state_that_was_never_saved_is_empty(opened: Open) -> None:
    store = opened()

    assert (State(), None, (), None) == (store.load(), store.read_journal(), store.history(), store.holder())


def test_what_was_saved_is_there_for_the_next_one_and_lineage_is_kept(opened: Open) -> None:
    first = seeded(opened())
    other = opened()
    with other.lock("apply"):
        second = other.save(first, first.folded([(ADDRESS, replace(ENTRY, protected=True))]))

    assert replace(FIRST, lineage=first.lineage) == first
    assert second == opened().load()
    assert (first.lineage, 2) == (second.lineage, second.serial)


def test_what_somebody_else_saved_meanwhile_is_not_written_over(opened: Open) -> None:
    first = seeded(opened())
    store = opened()
    with store.lock("apply"):
        second = store.save(first, first.folded([(ADDRESS, None)]))
        for before in (first, State(), replace(second, lineage="other")):
            with pytest.raises(InvalidInput) as caught:
                store.save(before, replace(before, serial=9))
            assert "QG714" == code_of(caught.value)

    assert second == opened().load()


def test_one_at_a_time_and_the_second_is_told_who_the_first_is(opened: Open) -> None:
    with opened().lock("apply"):
        with pytest.raises(LockHeld) as caught, opened().lock("import"):
            pass
        holder = opened().holder()
        assert "QG721" == code_of(caught.value)
        assert holder is not None
        assert "@" in holder.who
        assert holder.id in str(caught.value.diagnostics[0].summary) or holder.id.startswith("pid-")

    assert opened().holder() is None
    with opened().lock("apply"):
        pass


def test_the_lock_is_given_back_when_what_it_guarded_fails(opened: Open) -> None:
    with pytest.raises(RuntimeError, match="midway"), opened().lock("apply"):
        raise RuntimeError("midway")

    assert opened().holder() is None


def die_in_the_middle(store: StateStore, state: State) -> None:
    with store.lock("apply"), store.begin_journal(state, RUN) as journal:
        done = journal.intent(ADDRESS, Rename(731000001, "甲\u2028"))
        journal.outcome(done, "done", {"notice_id": "x"})
        journal.completed(ADDRESS, ENTRY)
        journal.intent(ADDRESS, Rename(731000001, "乙"))
        raise RuntimeError("died")


def test_a_journal_of_a_run_that_died_is_there_for_whoever_comes_next(opened: Open) -> None:
    state = seeded(opened())
    first = opened()
    with pytest.raises(RuntimeError, match="died"):
        die_in_the_middle(first, state)
    second = opened()
    with second.lock("apply"):
        left = second.read_journal()
        assert left is not None
        with pytest.raises(FileExistsError), second.begin_journal(state, RUN):
            pass
        assert (state.lineage, state.serial, RUN) == (left.lineage, left.serial, left.run)
        assert ["乙"] == [intent.fields["new_name"] for intent in left.unsettled.values()]
        assert [(ADDRESS, ENTRY)] == left.completed
        second.end_journal(left.record({2: "not_done"}))
        second.end_journal()

    third = opened()
    assert third.read_journal() is None
    steps = (Step("hub/profile", "rename", "done"), Step("hub/profile", "rename", "not_done"))
    assert [(RUN, steps)] == [(record.run, record.steps) for record in third.history()]
    with third.lock("apply"), third.begin_journal(state, RUN):
        pass
    assert third.read_journal() is not None


def test_every_line_of_a_long_journal_is_kept_in_order(opened: Open) -> None:
    state = seeded(opened())
    store = opened()
    long = "长" * 8000
    with store.lock("apply"), store.begin_journal(state, RUN) as journal:
        for number in range(6):
            journal.outcome(journal.intent(ADDRESS, Rename(number, long)), "done")
        journal.intent(ADDRESS, Rename(6, long))
    left = opened().read_journal()
    assert left is not None

    assert ([*range(1, 7)], [7]) == (list(left.ended), list(left.unsettled))
    with store.lock("apply"):
        store.end_journal(left.record())
    assert store.read_journal() is None


def test_records_can_be_brought_in_from_elsewhere(opened: Open) -> None:
    store = opened()
    records = [Record(replace(RUN, commit=str(number)), (Step("a/b", "rename", "done"),)) for number in range(3)]
    with store.lock("migrate"):
        store.remember(records[:2])
        store.remember(records[2:])

    assert tuple(records) == opened().history()


def test_a_state_that_was_moved_is_no_state_to_work_with(opened: Open) -> None:
    state = seeded(opened())
    store = opened()
    with store.lock("migrate"):
        store.save(state, replace(state, moved_to="elsewhere"))
    with pytest.raises(InvalidInput) as caught:
        opened().load()

    assert "QG724" == code_of(caught.value)
    assert "elsewhere" in str(caught.value.diagnostics[0].summary)
    assert replace(state, moved_to="elsewhere") == opened().peek()
    with store.lock("apply"), pytest.raises(InvalidInput):
        store.save(state, replace(state, serial=state.serial + 1))


def test_only_the_lock_that_is_named_is_freed(shared: Open) -> None:
    with pytest.raises(InvalidInput) as caught:
        shared().unlock("nobody's")
    assert "QG723" == code_of(caught.value)
    with ExitStack() as run:
        run.enter_context(shared().lock("apply"))
        holder = shared().holder()
        assert holder is not None
        with pytest.raises(InvalidInput) as caught:
            shared().unlock("another")
        assert "QG723" == code_of(caught.value)
        shared().unlock(holder.id)
        with shared().lock("apply"):  # it is free
            pass
        run.pop_all()


def test_a_run_whose_lock_was_freed_and_taken_by_another_writes_nothing_more(shared: Open) -> None:
    state = seeded(shared())
    first, second = shared(), shared()
    stopped: list[Exception] = []
    with ExitStack() as run:
        run.enter_context(first.lock("apply"))
        journal = run.enter_context(first.begin_journal(state, RUN))
        journal.intent(ADDRESS, Rename(1, "甲"))
        holder = second.holder()
        assert holder is not None
        second.unlock(holder.id)
        with second.lock("apply"):
            left = second.read_journal()
            assert left is not None
            second.end_journal(left.record({1: "not_done"}))
            after = second.save(state, state.folded([(Address("other", "profile"), ENTRY)]))
            for attempt in (
                lambda: journal.intent(ADDRESS, Rename(1, "乙")),
                lambda: first.save(state, state.folded([(ADDRESS, None)])),
            ):
                with pytest.raises((LockHeld, InvalidInput)) as caught:
                    attempt()
                stopped.append(caught.value)
        run.pop_all()

    assert after == shared().load()
    assert shared().read_journal() is None
    assert 2 == len(stopped)


def one_more(state: State, writer: int) -> State:
    address = Address("hub", "counter", str(writer))
    count = state.entries[address].applied["count"] if address in state.entries else 0
    assert isinstance(count, int)
    return state.folded([(address, Entry({}, {"count": count + 1}))])


def contend(opened: Open, writers: int, each: int) -> None:
    """Each writer counts at an address of its own: under the lock, one after the other, whoever gets it."""

    def write(writer: int) -> None:
        for _ in range(each):
            while True:
                store = opened()
                try:
                    with store.lock("apply"):
                        state = store.load()
                        store.save(state, one_more(state, writer))
                        break
                except LockHeld:
                    time.sleep(0.002)

    _together(writers, write)
    state = opened().load()
    assert [each] * writers == [entry.applied["count"] for entry in state.entries.values()]
    assert writers * each == state.serial


def contend_unlocked(opened: Open, writers: int, each: int) -> None:
    """The same without any lock: who is late is told, and begins again."""

    def write(writer: int) -> None:
        store = opened()
        for _ in range(each):
            while True:
                state = store.load()
                try:
                    store.save(state, one_more(state, writer))
                    break
                except InvalidInput as error:
                    if code_of(error) != "QG714":
                        raise

    _together(writers, write)
    state = opened().load()
    assert [each] * writers == [entry.applied["count"] for entry in state.entries.values()]
    assert writers * each == state.serial


def _together(count: int, work: Callable[[int], None]) -> None:
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failures


def test_two_writers_at_once_lose_no_update(opened: Open) -> None:
    contend(opened, 2, 6)


@pytest.mark.parametrize("shared", ["postgres", "s3"], indirect=True)
def test_two_writers_without_a_lock_lose_no_update_either(shared: Open) -> None:
    contend_unlocked(shared, 2, 50)


@pytest.mark.long
def test_a_thousand_writes_of_two_writers_lose_no_update(opened: Open) -> None:
    contend(opened, 2, 500)


@pytest.mark.long
@pytest.mark.parametrize("shared", ["postgres", "s3"], indirect=True)
def test_a_thousand_writes_without_a_lock_lose_no_update_either(shared: Open) -> None:
    contend_unlocked(shared, 2, 500)
