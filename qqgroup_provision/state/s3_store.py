"""State in a bucket: the state, its lock, the journal and the history are objects beside each other.

Every one is replaced as a whole and on condition, so a writer that lost the lock without knowing it is refused by the
journal as well: the next run has changed it. A long journal is put away in parts, so that a line costs the same early
and late in a run.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput, QQGroupError
from qqgroup_provision.messages import say
from qqgroup_provision.own_json import own_json
from qqgroup_provision.state.faults import lock_lost
from qqgroup_provision.state.format import dump, json_object, load
from qqgroup_provision.state.history import Record, Run, dump_record, read_records
from qqgroup_provision.state.journal import Journal, JournalContent, read_journal
from qqgroup_provision.state.lease import Holding, Lease, free_lease, holder_of, leased
from qqgroup_provision.state.lock_note import LockNote
from qqgroup_provision.state.model import State
from qqgroup_provision.state.objects import Conflict, Objects, Stored
from qqgroup_provision.state.paces import AccountPace, CarriedPaces, Paces, dump_paces, read_paces
from qqgroup_provision.state.store import moved_on, require_here, require_unchanged, with_lineage, worth_keeping

_KEPT = 1000  # runs that the history holds
_PART = 32 << 10  # bytes of a journal that are written again with each line


class S3Store:
    """Keeps state at `key`; what belongs to it has names that begin with `key`."""

    def __init__(self, objects: Objects, key: str, lease: float | None = None) -> None:
        self._objects = objects
        self._key = key
        self._lease = Lease(objects, f"{key}.lock", *([lease] if lease is not None else []))
        self._holding: Holding | None = None
        self._paces = CarriedPaces(lambda: _paces(self._objects.get(f"{key}.pace")))

    @property
    def place(self) -> str:
        return f"{self._objects.place}, {self._key}"

    @property
    def keeps_backup(self) -> bool:
        return True

    def load(self) -> State:
        return require_here(self.peek(), self.place)

    def peek(self) -> State:
        stored = self._objects.get(self._key)
        return _state(stored, self.place)

    def save(self, before: State, after: State) -> State:
        stored = self._objects.get(self._key)
        require_unchanged(_state(stored, self.place), before, self.place)
        if after == before:
            return after
        after = with_lineage(after)
        if stored is not None:
            with suppress(QQGroupError):  # a backup is a kindness: failing to make one must not stop the save
                self._objects.overwrite(f"{self._key}.backup", stored.content)
        # The stamp makes the writing this writer's own; who reads a state passes it over.
        document = {**json.loads(dump(after)), "stamp": str(uuid.uuid4())}
        content = (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        try:
            self._put(self._key, content, stored.tag if stored else None)
        except Conflict:
            raise moved_on(self.place) from None
        return after

    @contextmanager
    def lock(self, operation: str) -> Iterator[None]:
        with leased(self._lease, operation) as holding:
            self._holding = holding
            try:
                yield
            finally:
                self._holding = None

    def holder(self) -> LockNote | None:
        return holder_of(self._lease)

    def unlock(self, lock_id: str) -> None:
        free_lease(self._lease, lock_id)

    @contextmanager
    def begin_journal(self, state: State, run: Run) -> Iterator[Journal]:
        stored = self._objects.get(self._journal)
        if stored is not None and _head(stored, self.place).is_open:
            raise FileExistsError(self.place)
        yield Journal(_Lines(self, stored.tag if stored else None), state.lineage, state.serial, run)

    def read_journal(self) -> JournalContent | None:
        stored = self._objects.get(self._journal)
        head = _head(stored, self.place) if stored is not None else _Head("")
        if not head.is_open:
            return None
        parts = [self._objects.get(self._part(head.run, number)) for number in range(head.parts)]
        if None in parts:
            hint = say("Look at the live groups, then move the journal away.")
            said = say("A part of the journal is missing.")
            raise InvalidInput(Diagnostic("QG715", said, subject=self.place, hint=hint))
        content = b"".join(part.content for part in parts if part is not None) + head.lines
        return read_journal(content, self.place)

    def end_journal(self, record: Record | None = None) -> None:
        stored = self._objects.get(self._journal)
        head = _head(stored, self.place) if stored is not None else _Head("")
        if stored is None or not head.is_open:
            return
        if record is not None and worth_keeping(record, self.history()[-1:]):
            self.remember([record])
        if self._paces.known is not None:
            with suppress(QQGroupError):  # nothing of a run depends on it
                self._objects.overwrite(f"{self._key}.pace", json.dumps(dump_paces(self._paces.known)).encode())
        self.put_journal(_Head("").content(), stored.tag)
        for number in range(head.parts):
            with suppress(QQGroupError):  # nothing names them any more
                self._objects.delete(self._part(head.run, number))

    def history(self) -> tuple[Record, ...]:
        return _records(self._objects.get(f"{self._key}.history"))

    def remember(self, records: Iterable[Record]) -> None:
        key = f"{self._key}.history"
        stored = self._objects.get(key)
        kept = (*_records(stored), *records)[-_KEPT:]
        stamp = json.dumps({"stamp": str(uuid.uuid4())})  # a line that is no record
        content = ("".join(map(dump_record, kept)) + stamp + "\n").encode()
        # What was applied is in the state: a history that cannot be written does not make a good run a bad one.
        with suppress(QQGroupError, Conflict):
            self._put(key, content, stored.tag if stored else None)

    def paces(self) -> Paces:
        return self._paces

    def put_journal(self, content: bytes, tag: str | None) -> str:
        """Write the journal on condition. Raises `LockHeld` (QG722): only who holds the lock writes it."""
        try:
            return self._put(self._journal, content, tag)
        except Conflict:
            raise lock_lost(self.place) from None

    def put_part(self, run: str, number: int, content: bytes) -> None:
        """Put a part of a journal away; it counts once the journal says so."""
        self._objects.overwrite(self._part(run, number), content)

    @property
    def _journal(self) -> str:
        return f"{self._key}.journal"

    def _part(self, run: str, number: int) -> str:
        return f"{self._journal}.{run}.{number}"

    def _put(self, key: str, content: bytes, tag: str | None) -> str:
        if self._holding is not None:
            self._holding.require()
        return self._objects.put(key, content, tag)


@dataclass(frozen=True, slots=True)
class _Head:
    """The object that is the journal: how many parts of which run were put away, and the lines after them."""

    run: str
    parts: int = 0
    lines: bytes = b""

    @property
    def is_open(self) -> bool:
        return bool(self.run)

    def content(self) -> bytes:
        said = {"run": self.run, "parts": self.parts, "stamp": str(uuid.uuid4())}
        return json.dumps(said, sort_keys=True).encode() + b"\n" + self.lines


class _Lines:
    """The journal in an object. `JournalLines` (journal.py)."""

    def __init__(self, store: S3Store, tag: str | None) -> None:
        self._store = store
        self._tag = tag
        self._head = _Head(str(uuid.uuid4()))

    def append(self, line: bytes, at_once: bool) -> None:
        head = self._head
        if len(head.lines) > _PART:
            self._store.put_part(head.run, head.parts, head.lines)
            head = _Head(head.run, head.parts + 1)
        self._head = _Head(head.run, head.parts, head.lines + line)
        self._tag = self._store.put_journal(self._head.content(), self._tag)

    def close(self) -> None:
        """Nothing was put off."""


def _state(stored: Stored | None, place: str) -> State:
    return load(stored.content, place) if stored is not None else State()


def _records(stored: Stored | None) -> tuple[Record, ...]:
    lines = stored.content.decode("utf-8", "replace").split("\n") if stored is not None else []
    return tuple(read_records(lines))


def _paces(stored: Stored | None) -> Mapping[int, AccountPace]:
    try:
        return read_paces(own_json(stored.content)) if stored is not None else {}
    except (ValueError, RecursionError):
        return {}


def _head(stored: Stored, place: str) -> _Head:
    first, _, lines = stored.content.partition(b"\n")
    said = json_object(first, place)
    run, parts = said.get("run"), said.get("parts")
    if not isinstance(run, str) or not isinstance(parts, int):
        hint = say("Look at the live groups, then move the journal away.")
        said_so = say("Line {number} of the journal cannot be read.", number=1)
        raise InvalidInput(Diagnostic("QG715", said_so, subject=place, hint=hint))
    return _Head(run, parts, lines)
