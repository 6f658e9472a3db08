"""The pace of accounts, kept beside every kind of state for whoever comes next."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.model import State
from qqgroup_provision.state.paces import UNKNOWN, AccountPace, FilePaces, Paces
from qqgroup_provision.state.store import StateStore
from tests.state.conftest import postgres_store

Open = Callable[[], StateStore]
ACCOUNT = 100000000
RESTING = AccountPace({"write": 1_790_000_002.5, "file": 1_790_000_005.0}, 1_790_001_800.0, "操作过于频繁", 2)


def test_what_one_run_leaves_the_next_begins_with(opened: Open) -> None:
    assert UNKNOWN == opened().paces().of(ACCOUNT)
    store = opened()
    with store.lock("apply"):
        state = store.save(State(), State())
        with store.begin_journal(state, Run(at="2026-11-23T12:00:00+00:00")) as journal:
            number = journal.intent(Address("hub", "profile"), Rename(group_id=1, new_name="新"))
            assert RESTING == store.paces().change(ACCOUNT, lambda _: RESTING)
            journal.outcome(number, "limited")
        store.end_journal()

    found = opened().paces()
    assert (RESTING, UNKNOWN) == (found.of(ACCOUNT), found.of(ACCOUNT + 1))


def count(paces: Paces, times: int) -> None:
    for _ in range(times):
        paces.change(ACCOUNT, lambda pace: replace(pace, rests=pace.rests + 1))


def test_changes_of_many_at_once_are_all_there_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    threads = [threading.Thread(target=count, args=(FilePaces(path), 25)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 100 == FilePaces(path).of(ACCOUNT).rests


def test_changes_of_many_at_once_are_all_there_in_postgresql(postgres: str) -> None:
    opening = postgres_store(postgres, "paces")
    with opening.lock("apply"):
        before = opening.paces().of(ACCOUNT + 7).rests

    def one() -> None:
        for _ in range(5):
            store = postgres_store(postgres, "paces")
            store.paces().change(ACCOUNT + 7, lambda pace: replace(pace, rests=pace.rests + 1))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert before + 15 == postgres_store(postgres, "another").paces().of(ACCOUNT + 7).rests


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        json.dumps({str(ACCOUNT): {}}),
        json.dumps({str(ACCOUNT): {"free_at": {"write": "NaN"}, "rests_until": 0, "why": "", "rests": 0}}),
        '{"100000000": {"free_at": {}, "rests_until": 0, "why": "\\ud800", "rests": 0}}',
        json.dumps({str(ACCOUNT): {"free_at": {}, "rests_until": 1e400, "why": "", "rests": 0}}),
    ],
)
def test_what_cannot_be_read_says_nothing_and_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "pace.json").write_text(content, encoding="utf-8")
    paces = FilePaces(tmp_path / "pace.json")

    assert UNKNOWN == paces.of(ACCOUNT)
    assert RESTING == paces.change(ACCOUNT, lambda _: RESTING)
    assert RESTING == paces.of(ACCOUNT)


def test_where_the_file_cannot_be_written_a_process_keeps_to_its_own_pace(tmp_path: Path) -> None:
    paces = FilePaces(tmp_path / "missing" / "pace.json")
    count(paces, 3)

    assert 3 == paces.of(ACCOUNT).rests


def test_what_a_server_said_is_for_its_owner_alone_to_read(tmp_path: Path) -> None:
    FilePaces(tmp_path / "pace.json").change(ACCOUNT, lambda _: RESTING)

    assert 0o600 == (tmp_path / "pace.json").stat().st_mode & 0o777
