"""State at a web address, by the protocol of Terraform: GET, POST, LOCK and UNLOCK. GitLab and Gitea keep it so.

There is one document, so the journal and the history are in it. Every write first looks whether the document is as
it was left, and carries the id of the lock: somebody else's writing is found by the one or refused by the other.
An intent makes a write of its own. An outcome goes along with the next one: each is a version that the server keeps.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from qqgroup_provision.errors import EndpointError
from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.document import KEPT, Document, dump_document, load_document
from qqgroup_provision.state.faults import lock_lost, refused, unreachable, unreadable
from qqgroup_provision.state.history import Record, Run
from qqgroup_provision.state.http_lock import LockWords, force, http_lock, look, require_exclusive
from qqgroup_provision.state.journal import Journal, JournalContent, read_journal
from qqgroup_provision.state.lock_note import LockNote
from qqgroup_provision.state.model import State
from qqgroup_provision.state.paces import CarriedPaces, Paces
from qqgroup_provision.state.store import moved_on, require_here, require_unchanged, with_lineage, worth_keeping
from qqgroup_provision.state.web import NoAnswer, Web, WebAnswer

_TRIES = 3


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """Where and how. Times in seconds."""

    address: str
    lock: LockWords
    update_method: str = "POST"
    username: str = ""
    password: Secret | None = None
    timeout: float = 30.0


class HttpStore:
    """Keeps state at an address."""

    def __init__(self, place: HttpPlace) -> None:
        self._at = place
        self._web: Web | None = None  # while the lock is held
        self._held: LockNote | None = None
        self._paces = CarriedPaces(lambda: self._document().paces)

    @property
    def place(self) -> str:
        return self._at.address

    @property
    def keeps_backup(self) -> bool:
        return False  # whether it does is the server's affair

    def load(self) -> State:
        return require_here(self.peek(), self.place)

    def peek(self) -> State:
        return self._document().state

    def save(self, before: State, after: State) -> State:
        document = self._document()
        require_unchanged(document.state, before, self.place)
        if after == before:
            return after
        after = with_lineage(after)
        self._write(document, state=after)
        return after

    @contextmanager
    def lock(self, operation: str) -> Iterator[None]:
        with self._opened() as web, http_lock(web, self._at.lock, operation) as note:
            self._web, self._held = web, note
            try:
                if not self._document().serial:  # the first use: such a server may have a lock in name only
                    require_exclusive(web, self._at.lock)
                yield
            finally:
                self._web = self._held = None

    def holder(self) -> LockNote | None:
        with self._using() as web:
            return look(web, self._at.lock)

    def unlock(self, lock_id: str) -> None:
        with self._using() as web:
            force(web, self._at.lock, lock_id)

    @contextmanager
    def begin_journal(self, state: State, run: Run) -> Iterator[Journal]:
        document = self._document()
        if document.journal:
            raise FileExistsError(self.place)
        require_unchanged(document.state, state, self.place)
        lines = _Lines(self, document)
        yield Journal(lines, state.lineage, state.serial, run)
        lines.close()  # not after a failure: what was not written then is looked at by the next run

    def read_journal(self) -> JournalContent | None:
        journal = self._document().journal
        return read_journal(journal, self.place) if journal else None

    def end_journal(self, record: Record | None = None) -> None:
        document = self._document()
        history = document.history
        if record is not None and worth_keeping(record, history[-1:]):
            history = (*history, record)
        if document.journal or history != document.history:
            self._write(document, journal=b"", history=history)

    def history(self) -> tuple[Record, ...]:
        return self._document().history

    def remember(self, records: Iterable[Record]) -> None:
        document = self._document()
        self._write(document, history=(*document.history, *records)[-KEPT:])

    def paces(self) -> Paces:
        return self._paces

    def _opened(self) -> Web:
        return Web(self._at.username, self._at.password, self._at.timeout)

    @contextmanager
    def _using(self) -> Iterator[Web]:
        """The connection of the lock's holder, or one for a moment."""
        if self._web is not None:
            yield self._web
        else:
            with self._opened() as web:
                yield web

    def _document(self) -> Document:
        """What is there. Only an answer that says so is "nothing yet"."""
        with self._using() as web:
            answer = self._get(web)
        if answer.status == 204 or (answer.status == 404 and not _of_something_else(answer)):
            return Document()
        if answer.status != 200:
            raise self._fault(answer)
        if answer.md5 and answer.md5 != _md5(answer.body):
            raise unreadable(self.place, "Content-MD5")
        return load_document(answer.body, self.place)

    def _get(self, web: Web) -> WebAnswer:
        """Reading may be tried again."""
        for left in reversed(range(_TRIES)):
            try:
                answer = web.send("GET", self._at.address)
            except NoAnswer as error:
                if left == 0 or not error.sent:
                    raise unreachable(self.place, str(error)) from None
                continue
            if answer.status < 500 or left == 0:
                return answer
        raise AssertionError("the last try returns or raises")

    def _write(self, before: Document, **changes: Any) -> Document:
        """Put a document in the place of `before`, if that is what is there. Raises `InvalidInput` (QG714)."""
        if self._paces.known is not None:
            changes["paces"] = self._paces.known
        after = replace(
            before,
            lineage=before.lineage or str(uuid.uuid4()),
            serial=before.serial + 1,
            stamp=str(uuid.uuid4()),
            **changes,
        )
        content = dump_document(after)
        trouble: EndpointError | None = None
        for _ in range(_TRIES):
            now = self._document()
            if now.stamp == after.stamp:  # it was the answer that was lost, not the document
                return after
            if (now.lineage, now.serial, now.stamp) != (before.lineage, before.serial, before.stamp):
                raise moved_on(self.place)
            trouble = self._put(content)
            if trouble is None:
                return after
        if trouble is not None:
            raise trouble
        return after

    def _put(self, content: bytes) -> EndpointError | None:
        """Send a document once. What may be stored in spite of the answer is given back; the rest is raised."""
        url = f"{self._at.address}?ID={self._held.id}" if self._held else self._at.address
        headers = {"Content-Type": "application/json", "Content-MD5": _md5(content)}
        with self._using() as web:
            try:
                answer = web.send(self._at.update_method, url, content, headers)
            except NoAnswer as error:
                return unreachable(self.place, str(error))
        if answer.status in (200, 201, 204):
            return None
        if answer.status in (409, 423):
            raise lock_lost(self.place)
        if answer.status < 500:
            raise self._fault(answer)
        return unreadable(self.place, f"HTTP {answer.status}")

    def _fault(self, answer: WebAnswer) -> EndpointError:
        if answer.status in (401, 403):
            return refused(self.place, f"HTTP {answer.status}")
        return unreadable(self.place, f"HTTP {answer.status}")


class _Lines:
    """The journal within the document. `JournalLines` (journal.py)."""

    def __init__(self, store: HttpStore, document: Document) -> None:
        self._store = store
        self._document = document
        self._later = b""

    def append(self, line: bytes, at_once: bool) -> None:
        self._later += line
        if at_once:
            self._flush()

    def close(self) -> None:
        if self._later:
            self._flush()

    def _flush(self) -> None:
        journal, self._later = self._document.journal + self._later, b""  # what fails is not tried again at the end
        self._document = self._store._write(self._document, journal=journal)  # noqa: SLF001  (a part of the store)


def _of_something_else(answer: WebAnswer) -> bool:
    """A 404 that does not speak of a state: a web page, or GitLab hiding a project from a wrong token."""
    return answer.is_page or b"project not found" in answer.body[:4096].lower()


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode("ascii")
