"""What keeps a state: the port behind which a file, a web server or a database may stand."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from qqgroup_provision.state.history import Record, Run
from qqgroup_provision.state.journal import Journal, JournalContent
from qqgroup_provision.state.model import State


class StateStore(Protocol):
    """Keeps one workspace's state and journal. Writing methods need the lock; reading ones do not."""

    def load(self) -> State:
        """The state, an empty one if none was saved yet. Raises `InvalidInput` for a file that is no state."""

    def save(self, before: State, after: State) -> State:
        """Save, and give what was saved (a first save gets its lineage). Raises `InvalidInput` (QG714) if
        what is stored is not `before` any more."""

    def lock(self, operation: str) -> AbstractContextManager[None]:
        """Keep others out. Raises `LockHeld` (QG721)."""

    def begin_journal(self, state: State, run: Run) -> AbstractContextManager[Journal]:
        """Open the journal of a run."""

    def read_journal(self) -> JournalContent | None:
        """What an earlier run left behind, if any."""

    def end_journal(self, record: Record | None = None) -> None:
        """Put the journal away once all it says is in the state, and keep a record of its run."""

    def history(self) -> tuple[Record, ...]:
        """The records of earlier runs, oldest first."""
