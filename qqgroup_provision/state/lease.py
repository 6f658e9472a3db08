"""A lock in a bucket: one object that says who holds it, renewed by the holder while it lives.

Taking, renewing, giving back and taking over are conditional writes of the same object, so no two can do them at
once. It is never deleted: a lock that was given back says so. A lock may be taken over once it was not renewed for
the whole lease, by the clock of the store alone. Its holder stops trusting it well before, by its own.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import say
from qqgroup_provision.state.faults import lock_lost, unreadable, unsafe
from qqgroup_provision.state.lock_note import LockNote, dump_note, held, new_note, read_note
from qqgroup_provision.state.objects import Conflict, Objects, Stored
from qqgroup_provision.state.store import not_held

LEASE = 120.0  # seconds
_TRUSTED = 0.6  # of a lease: so long a holder goes on without having renewed it
_RENEWED = 0.2  # of a lease: so often it does
_COARSE = timedelta(seconds=2)  # a store tells times to the second


@dataclass(frozen=True, slots=True)
class Lease:
    """Where the lock is and how long it lasts, in seconds."""

    objects: Objects
    key: str
    seconds: float = LEASE

    @property
    def place(self) -> str:
        return f"{self.objects.place}, {self.key}"


class Holding:
    """A lock that is held. `require` is asked before each write."""

    def __init__(self, lease: Lease, note: LockNote, tag: str, since: float) -> None:
        self.note = note
        self._lease = lease
        self._tag = tag
        self._renewed = since
        self._lost = False
        self._ended = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name="qqgroup-lease", daemon=True)
        self._renewer.start()

    def require(self) -> None:
        """Raise `LockHeld` (QG722) unless the lock is certainly ours now."""
        if self._lost or time.monotonic() - self._renewed > self._lease.seconds * _TRUSTED:
            raise lock_lost(self._lease.place)

    def end(self) -> None:
        """Stop renewing, and give the lock back if it is still ours."""
        self._ended.set()
        self._renewer.join()
        if not self._lost:
            with suppress(Conflict, QQGroupError):  # else it is free once its lease is over
                self._lease.objects.put(self._lease.key, _free(), self._tag)

    def _renew(self) -> None:
        while not self._ended.wait(self._lease.seconds * _RENEWED):
            began = time.monotonic()
            try:
                content = _content(self.note, self._lease.seconds)
                self._tag = self._lease.objects.put(self._lease.key, content, self._tag)
            except Conflict:
                self._lost = True
                return
            except QQGroupError:  # it may be back before the lease is over
                continue
            self._renewed = began


@contextmanager
def leased(lease: Lease, operation: str) -> Iterator[Holding]:
    """Hold the lock. Raises `LockHeld` (QG721), and `EndpointError` (QG728) for a store that ignores conditions."""
    note = new_note(operation)
    since = time.monotonic()
    content = _content(note, lease.seconds)
    tag = _take(lease, content)
    # A lock in name only would be found out too late: each time, the store is asked to break both conditions.
    if lease.objects.accepts(lease.key, content, None) or lease.objects.accepts(lease.key, content, _other(tag)):
        lease.objects.overwrite(lease.key, _free())
        raise unsafe(lease.place, say("it writes an object whatever the condition (If-None-Match, If-Match) says"))
    holding = Holding(lease, note, tag, since)
    try:
        yield holding
    finally:
        holding.end()


def holder_of(lease: Lease) -> LockNote | None:
    """Who holds the lock, be it over or not."""
    stored = lease.objects.get(lease.key)
    return _note(stored, lease) if stored is not None else None


def free_lease(lease: Lease, lock_id: str) -> None:
    """Free the lock that has this id. Raises `InvalidInput` (QG723) if it is another."""
    stored = lease.objects.get(lease.key)
    note = _note(stored, lease) if stored is not None else None
    while stored is not None and note is not None and note.id == lock_id:
        try:
            lease.objects.put(lease.key, _free(), stored.tag)
        except Conflict:  # it was renewed just now
            stored = lease.objects.get(lease.key)
            note = _note(stored, lease) if stored is not None else None
        else:
            return
    raise not_held(lock_id, note, lease.place)


def _take(lease: Lease, content: bytes) -> str:
    stored = lease.objects.get(lease.key)
    note = _note(stored, lease) if stored is not None else None
    if stored is not None and note is not None and not _is_over(lease, stored):
        raise held(note, lease.place)
    try:
        return lease.objects.put(lease.key, content, stored.tag if stored is not None else None)
    except Conflict:  # somebody was quicker, or the holder lives after all
        now = lease.objects.get(lease.key)
        raise held((_note(now, lease) if now else None) or LockNote("?"), lease.place) from None


def _is_over(lease: Lease, stored: Stored) -> bool:
    """Whether the holder was silent for its whole lease. What the time is, is asked of the store."""
    seconds = json.loads(stored.content).get("lease", lease.seconds)
    key = f"{lease.key}.clock"
    lease.objects.overwrite(key, str(uuid.uuid4()).encode())
    clock = lease.objects.get(key)
    if clock is None or not isinstance(seconds, (int, float)):
        return False
    return clock.written - stored.written > timedelta(seconds=seconds) + _COARSE


def _note(stored: Stored, lease: Lease) -> LockNote | None:
    """Who holds it; `None` for a lock that was given back. Raises `EndpointError` (QG727) for anything else."""
    try:
        written = json.loads(stored.content)
        if written["held"] is False:
            return None
        alive = stored.written.astimezone(UTC).isoformat(timespec="seconds")
        return replace(read_note(written["note"]), alive=alive)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise unreadable(lease.place, say("that is no lock")) from None


def _content(note: LockNote, seconds: float) -> bytes:
    alive = replace(note, alive=datetime.now(UTC).isoformat(timespec="seconds"))
    return _written({"held": True, "lease": seconds, "note": dump_note(alive)})


def _free() -> bytes:
    return _written({"held": False})


def _written(said: dict[str, object]) -> bytes:
    return (json.dumps({**said, "stamp": str(uuid.uuid4())}, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _other(tag: str) -> str:
    """A tag that is not this one."""
    return '"00000000000000000000000000000000"' if "1" in tag else '"11111111111111111111111111111111"'
