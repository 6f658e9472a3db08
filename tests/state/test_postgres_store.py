"""State in PostgreSQL: a real server, a holder that is killed, a role that may not, and a password nobody sees."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import LockHeld, QQGroupError
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.state.postgres_store import PostgresPlace, PostgresStore
from tests.state.conftest import postgres_store
from tests.state.postgres_server import PASSWORD

ADDRESS = Address("hub", "profile")
FIRST = State().folded([(ADDRESS, Entry({}, {"name": "群"}))])
HOLD = """\
import sys
from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.postgres_store import PostgresPlace, PostgresStore
with PostgresStore(PostgresPlace(Secret(sys.argv[1]), sys.argv[2])).lock("apply"):
    print("held", flush=True)
    sys.stdin.read()
"""


def fault(run: Callable[[], Any]) -> str:
    with pytest.raises(QQGroupError) as caught:
        run()
    (found,) = caught.value.diagnostics
    said = repr(caught.value.diagnostics) + str(found.summary) + str(found.hint) + str(caught.value)
    assert not any(secret in said for secret in (PASSWORD, "wrong-secret"))
    return found.code


@contextmanager
def holder(url: str, name: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    with process:
        assert "held\n" == process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_the_lock_of_a_process_that_was_killed_is_free_at_once(postgres: str) -> None:
    name = uuid.uuid4().hex
    with holder(postgres, name) as process:
        found = postgres_store(postgres, name).holder()
        assert found is not None
        assert (str(process.pid), "apply") == (found.pid, found.operation)
        with pytest.raises(LockHeld), postgres_store(postgres, name).lock("apply"):
            pass
        process.kill()
        process.wait()
        while postgres_store(postgres, name).holder() is not None:  # until the server has noticed
            time.sleep(0.01)

        with postgres_store(postgres, name).lock("apply"):
            pass


def test_a_session_that_ends_ends_the_run_and_nothing_is_written_in_its_place(postgres: str) -> None:
    name = uuid.uuid4().hex
    store = postgres_store(postgres, name)
    with store.lock("apply"):
        state = store.save(State(), FIRST)
        with store.begin_journal(state, Run()) as journal:
            journal.intent(ADDRESS, Rename(1, "甲"))
            with psycopg.connect(postgres, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(backend) FROM qqgroup.locks WHERE name = %s", [name])
            assert "QG722" == fault(lambda: journal.intent(ADDRESS, Rename(1, "乙")))
    left = postgres_store(postgres, name).read_journal()

    assert left is not None
    assert ["甲"] == [intent.fields["new_name"] for intent in left.unsettled.values()]


def test_every_state_that_was_saved_is_kept_as_a_row(postgres: str) -> None:
    name = uuid.uuid4().hex
    store = postgres_store(postgres, name)
    with store.lock("apply"):
        first = store.save(State(), FIRST)
        store.save(first, first.folded([(ADDRESS, None)]))
    with psycopg.connect(postgres) as session:
        rows = session.execute("SELECT serial FROM qqgroup.versions WHERE name = %s ORDER BY id", [name]).fetchall()

    assert [(1,), (2,)] == rows


def test_states_of_different_names_have_nothing_to_do_with_each_other(postgres: str) -> None:
    one, other = (postgres_store(postgres, uuid.uuid4().hex) for _ in range(2))
    with one.lock("apply"), other.lock("apply"):
        one.save(State(), FIRST)

        assert State() == other.load()


def test_many_that_begin_at_once_make_the_tables_once(postgres: str) -> None:
    schema = f"s{uuid.uuid4().hex}"
    failures: list[BaseException] = []

    def begin(number: int) -> None:
        try:
            with postgres_store(postgres, f"n{number}", schema).lock("apply"):
                pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == failures


def test_reading_makes_no_tables(postgres: str) -> None:
    schema = f"s{uuid.uuid4().hex}"
    store = postgres_store(postgres, "qq", schema)

    assert (State(), None, ()) == (store.load(), store.read_journal(), store.history())
    with psycopg.connect(postgres) as session:
        assert (None,) == session.execute("SELECT to_regnamespace(%s)", [schema]).fetchone()


def test_a_role_that_may_not_look_is_told_so_and_not_that_there_is_nothing(postgres: str) -> None:
    name = uuid.uuid4().hex
    with postgres_store(postgres, name).lock("apply"):
        pass
    store = postgres_store(as_keyholder(postgres, PASSWORD), name)

    assert "QG726" == fault(store.load)
    assert "QG726" == fault(lambda: store.lock("apply").__enter__())


def test_a_wrong_password_is_told_and_not_shown(postgres: str) -> None:
    assert "QG726" == fault(postgres_store(as_keyholder(postgres, "wrong-secret"), "qq").load)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://u:wrong-secret@127.0.0.1:1/db", "QG725"),
        ("postgresql://u:wrong-secret@[::bad/db", "QG727"),
        ("wrong-secret and more", "QG727"),
        ("postgresql://u:wrong-secret@/db?host=/nowhere/at/all", "QG725"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(url: str, code: str) -> None:
    store = PostgresStore(PostgresPlace(Secret(url), "qq"))

    assert code == fault(store.load)
    assert "wrong-secret" not in store.place


def test_what_was_changed_by_hand_into_no_state_is_refused(postgres: str) -> None:
    name = uuid.uuid4().hex
    store = postgres_store(postgres, name)
    with store.lock("apply"):
        store.save(State(), FIRST)
    with psycopg.connect(postgres) as session:
        session.execute("UPDATE qqgroup.states SET content = 'damaged' WHERE name = %s", [name])

    assert "QG713" == fault(store.load)


def as_keyholder(url: str, password: str) -> str:
    return url.replace("postgres@", f"keyholder:{password}@")
