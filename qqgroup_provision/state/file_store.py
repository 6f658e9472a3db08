"""State in a local file, replaced whole and atomically, with its journal and lock beside it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.state.format import dump, load
from qqgroup_provision.state.journal import Journal, JournalContent, read_journal
from qqgroup_provision.state.lock import file_lock
from qqgroup_provision.state.model import State


class FileStore:
    """Keeps state at `path`. Its folder is made when first written to, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal = path.with_name("journal.jsonl")

    def load(self) -> State:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise self._refused(say("The state cannot be read: {reason}.", reason=error.strerror)) from None
        return load(content, self._path.as_posix())

    def save(self, before: State, after: State) -> State:
        stored = self.load()
        if (stored.lineage, stored.serial) != (before.lineage, before.serial):
            hint = say("What was applied is in the journal beside it: run the command again.")
            raise self._fault("QG714", say("The state was saved by somebody else meanwhile."), hint)
        if after == before:
            return after
        if not after.lineage:
            after = replace(after, lineage=str(uuid.uuid4()))
        self._make_folder()
        if self._path.exists():
            with suppress(OSError):  # a backup is a kindness: failing to make one must not stop the save
                _replace(self._path.with_suffix(".backup.json"), self._path.read_bytes())
        try:
            _replace(self._path, dump(after))
        except OSError as error:
            raise self._refused(say("The state cannot be saved: {reason}.", reason=error.strerror)) from None
        return after

    @contextmanager
    def lock(self, operation: str) -> Iterator[None]:
        self._make_folder()
        with file_lock(self._path.with_name("state.lock"), operation):
            yield

    @contextmanager
    def begin_journal(self, state: State, plan_digest: str) -> Iterator[Journal]:
        self._make_folder()
        journal = Journal(self._journal, state.lineage, state.serial, plan_digest)
        try:
            yield journal
        finally:
            journal.close()

    def read_journal(self) -> JournalContent | None:
        try:
            content = self._journal.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(say("The state cannot be read: {reason}.", reason=error.strerror)) from None
        return read_journal(content, self._journal.as_posix())

    def end_journal(self) -> None:
        # The last journal is kept to be looked at; the one before it goes.
        with suppress(FileNotFoundError):
            self._journal.replace(self._journal.with_name("journal.last.jsonl"))

    def _make_folder(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._refused(say("The state cannot be saved: {reason}.", reason=error.strerror)) from None

    def _refused(self, summary: Text) -> InvalidInput:
        return self._fault("QG716", summary, say("Check the rights of the file and of its folder, and the disk."))

    def _fault(self, code: str, summary: Text, hint: Text) -> InvalidInput:
        return InvalidInput(Diagnostic(code, summary, subject=self._path.as_posix(), hint=hint))


def _replace(path: Path, content: bytes) -> None:
    """Put new content in the place of a file so that at every moment one of the two is whole."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb", opener=_private) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name != "nt":
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
