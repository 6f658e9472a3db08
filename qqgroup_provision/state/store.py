"""What keeps a state: the port behind which a file, a web server, a database or a bucket may stand."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.state.history import Record, Run
from qqgroup_provision.state.journal import Journal, JournalContent
from qqgroup_provision.state.lock_note import LockNote
from qqgroup_provision.state.model import State
from qqgroup_provision.state.paces import Paces


class StateStore(Protocol):
    """Keeps one workspace's state, journal and history. Writing methods need the lock; reading ones do not.

    Of a store that cannot be reached, refuses, or answers what nobody can read, every method raises
    `EndpointError` (QG725 to QG728). Nothing of that is ever taken for an empty state.
    """

    @property
    def place(self) -> str:
        """Where it is, as people are told: without anything secret."""

    @property
    def keeps_backup(self) -> bool:
        """Whether the state before a save stays somewhere in the store."""

    def load(self) -> State:
        """The state, an empty one if none was saved yet. Raises `InvalidInput` for what is no state, and
        (QG724) for one that was moved to another store."""

    def peek(self) -> State:
        """The state, be it moved or not."""

    def save(self, before: State, after: State) -> State:
        """Save, and give what was saved (a first save gets its lineage). Raises `InvalidInput` (QG714) if
        what is stored is not `before` any more."""

    def lock(self, operation: str) -> AbstractContextManager[None]:
        """Keep others out. Raises `LockHeld` (QG721)."""

    def holder(self) -> LockNote | None:
        """Who holds the lock."""

    def unlock(self, lock_id: str) -> None:
        """Free the lock of somebody who is dead. Raises `InvalidInput` (QG723) unless the holder has this id."""

    def begin_journal(self, state: State, run: Run) -> AbstractContextManager[Journal]:
        """Open the journal of a run."""

    def read_journal(self) -> JournalContent | None:
        """What an earlier run left behind, if any."""

    def end_journal(self, record: Record | None = None) -> None:
        """Put the journal away once all it says is in the state, and keep a record of its run."""

    def history(self) -> tuple[Record, ...]:
        """The records of earlier runs, oldest first."""

    def remember(self, records: Iterable[Record]) -> None:
        """Add records to the history."""

    def paces(self) -> Paces:
        """How fast accounts have written. To change it needs the lock, where it is carried (paces.py)."""


def require_unchanged(stored: State, before: State, place: str) -> None:
    """Raise `InvalidInput` (QG714) if somebody saved meanwhile."""
    if (stored.lineage, stored.serial, stored.moved_to) != (before.lineage, before.serial, before.moved_to):
        raise moved_on(place)


def moved_on(place: str) -> InvalidInput:
    hint = say("What was applied is in the journal beside it: run the command again.")
    return InvalidInput(
        Diagnostic("QG714", say("The state was saved by somebody else meanwhile."), subject=place, hint=hint)
    )


def require_here(state: State, place: str) -> State:
    """The state itself. Raises `InvalidInput` (QG724) if it says that it was moved."""
    if state.moved_to:
        summary = say("The state was moved to {place}.", place=state.moved_to)
        hint = say("Name that store under `state:` in workspace.yaml; or bring the state back with state migrate.")
        raise InvalidInput(Diagnostic("QG724", summary, subject=place, hint=hint))
    return state


def with_lineage(state: State) -> State:
    """A state that is about to be saved: the first one gets its lineage."""
    return state if state.lineage else replace(state, lineage=str(uuid.uuid4()))


def worth_keeping(record: Record | None, known: Iterable[Record]) -> bool:
    """Whether a record says something, and is not there already: a run that was cut off while its journal was put
    away is recorded again."""
    if record is None or not (record.steps or record.taken):
        return False
    return record.run not in [one.run for one in known]


def not_held(lock_id: str, note: LockNote | None, place: str) -> InvalidInput:
    """Raised (QG723) for an unlock that names another lock than the one that is held."""
    if note is None:
        summary = say("Nobody holds the lock.")
    else:
        summary = say("The lock that is held is {id}, not {given}.", id=note.id, given=lock_id)
    hint = say("`qqgroup state lock` shows who holds it.")
    return InvalidInput(Diagnostic("QG723", summary, subject=place, hint=hint))
