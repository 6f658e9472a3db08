"""State in a bucket: conditions that a store ignores, leases that end, and answers that are lost."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import EndpointError, InvalidInput, LockHeld, QQGroupError
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.lease import Lease
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.state.objects import Bucket, Objects
from qqgroup_provision.state.s3_store import S3Store
from tests.state.buckets import Buckets

ADDRESS = Address("hub", "profile")
FIRST = State().folded([(ADDRESS, Entry({}, {"name": "群"}))])


def fault(run: Callable[[], Any]) -> str:
    with pytest.raises(QQGroupError) as caught:
        run()
    (found,) = caught.value.diagnostics
    assert found.subject.startswith("s3://states")
    assert "right-secret" not in repr(caught.value.diagnostics) + str(found.summary) + str(found.hint)
    return found.code


def take(store: S3Store) -> None:
    with store.lock("apply"):
        pass


@pytest.fixture
def key() -> str:
    return f"{uuid.uuid4().hex}/state.json"


@pytest.mark.parametrize(
    "blind", [{"HTTP_IF_NONE_MATCH"}, {"HTTP_IF_MATCH"}, {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}]
)
def test_a_store_that_ignores_conditions_is_refused_at_the_first_use(s3: Buckets, key: str, blind: set[str]) -> None:
    s3.blind = frozenset(blind)

    assert "QG728" == fault(lambda: take(S3Store(s3.objects(), key)))
    assert S3Store(s3.objects(), key).holder() is None


def test_a_bucket_that_is_not_there_is_not_an_empty_one(s3: Buckets, key: str) -> None:
    store = S3Store(Objects(s3.bucket("states-elsewhere")), key)

    assert "QG727" == fault(store.load)
    assert "QG727" == fault(lambda: take(store))


@pytest.mark.parametrize(("status", "code"), [(403, "QG726"), (404, "QG727"), (500, "QG725"), (503, "QG725")])
def test_an_answer_that_cannot_be_read_is_never_no_state(s3: Buckets, key: str, status: int, code: str) -> None:
    s3.trouble = lambda *_: status

    assert code == fault(S3Store(s3.objects(), key).load)


def test_a_store_that_is_not_there_is_told(key: str) -> None:
    bucket = Bucket("states", "us-east-1", "http://127.0.0.1:1", Secret("key-id"), Secret("right-secret"))

    assert "QG725" == fault(S3Store(Objects(bucket), key).load)


def test_a_living_holder_keeps_its_lock_beyond_the_lease(s3: Buckets, key: str) -> None:
    with S3Store(s3.objects(), key, lease=0.5).lock("apply"):
        lock = f"/states/{key}.lock"
        until(lambda: sum(request == ("PUT", lock) for request in s3.requests) > 10)  # beyond two leases
        with pytest.raises(LockHeld), S3Store(s3.objects(), key, lease=0.5).lock("apply"):
            pass


def test_the_lock_of_a_dead_holder_is_taken_over_after_its_lease_and_not_before(s3: Buckets, key: str) -> None:
    dead = S3Store(s3.objects(), key, lease=1.0)
    with ExitStack() as run:
        run.enter_context(dead.lock("apply"))
        state = dead.save(State(), FIRST)
        journal = run.enter_context(dead.begin_journal(state, Run()))
        journal.intent(ADDRESS, Rename(1, "甲"))
        holding = dead._holding
        assert holding is not None
        holding._ended.set()  # it gives no sign of life any more
        holding._renewer.join()
        second = S3Store(s3.objects(), key, lease=1.0)
        with pytest.raises(LockHeld), second.lock("apply"):
            pass

        until(lambda: is_free(second))
        with second.lock("apply"):
            left = second.read_journal()
            assert left is not None
            second.end_journal(left.record())
            # The dead one was only asleep, and goes on: nothing of it comes through.
            for attempt in (lambda: journal.intent(ADDRESS, Rename(1, "乙")), lambda: dead.save(state, State())):
                with pytest.raises(LockHeld) as caught:
                    attempt()
                assert "QG722" == caught.value.diagnostics[0].code
            assert second.holder() is not None
        run.pop_all()
    assert second.read_journal() is None


def is_free(store: S3Store) -> bool:
    try:
        take(store)
    except LockHeld:
        return False
    return True


def test_a_holder_that_cannot_renew_stops_before_its_lease_is_over(s3: Buckets, key: str) -> None:
    store = S3Store(s3.objects(), key, lease=0.4)
    with store.lock("apply"), store.begin_journal(State(), Run()) as journal:
        journal.intent(ADDRESS, Rename(1, "甲"))
        s3.trouble = lambda _, path: 503 if path.endswith(".lock") else None
        holding = store._holding
        assert holding is not None
        until(lambda: refuses(holding.require))
        with pytest.raises(LockHeld):
            journal.intent(ADDRESS, Rename(1, "乙"))
        s3.trouble = lambda *_: None


def refuses(require: Callable[[], None]) -> bool:
    try:
        require()
    except LockHeld:
        return True
    return False


@pytest.mark.parametrize("what", [".lock", "", ".journal"])
def test_a_lost_answer_makes_nothing_twice_and_loses_nothing(s3: Buckets, key: str, what: str) -> None:
    lost: list[str] = []

    def once(method: str, path: str) -> str | None:
        if method == "PUT" and path == f"/states/{key}{what}" and not lost:
            lost.append(path)
            return "lost"
        return None

    store = S3Store(s3.objects(), key)
    s3.trouble = once
    with store.lock("apply"):
        saved = store.save(State(), FIRST)
        with store.begin_journal(saved, Run()) as journal:
            journal.intent(ADDRESS, Rename(1, "甲"))
        left = store.read_journal()

    assert 1 == len(lost)
    assert left is not None
    assert [1] == list(left.unsettled)
    assert saved == S3Store(s3.objects(), key).load()


def test_the_state_before_is_kept_beside_it(s3: Buckets, key: str) -> None:
    store = S3Store(s3.objects(), key)
    with store.lock("apply"):
        first = store.save(State(), FIRST)
        store.save(first, first.folded([(ADDRESS, None)]))

    assert first == S3Store(s3.objects(), f"{key}.backup").load()


def test_a_journal_whose_part_is_gone_is_told(s3: Buckets, key: str) -> None:
    store = S3Store(s3.objects(), key)
    with store.lock("apply"), store.begin_journal(State(), Run()) as journal:
        for number in range(3):
            journal.intent(ADDRESS, Rename(number, "长" * 9000))
    part = next(path for method, path in s3.requests if method == "PUT" and ".journal." in path)
    s3.objects().delete(part.removeprefix("/states/"))
    with pytest.raises(InvalidInput) as caught:
        store.read_journal()

    assert "QG715" == caught.value.diagnostics[0].code


@pytest.mark.parametrize("content", [b"", b"[]", b'{"held": 1}', b'{"held": true}', b"damaged"])
def test_something_else_in_the_place_of_the_lock_is_no_free_lock(s3: Buckets, key: str, content: bytes) -> None:
    s3.objects().overwrite(f"{key}.lock", content)
    with pytest.raises(EndpointError) as caught:
        take(S3Store(s3.objects(), key))

    assert "QG727" == caught.value.diagnostics[0].code


def test_the_lease_of_a_store_is_two_minutes(s3: Buckets) -> None:
    assert 120.0 == Lease(s3.objects(), "key").seconds


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
