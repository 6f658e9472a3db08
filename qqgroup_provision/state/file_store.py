"""State in a local file, replaced whole and atomically, with its journal and lock beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.state.format import dump, load
from qqgroup_provision.state.history import Record, Run, dump_record, read_records
from qqgroup_provision.state.journal import Journal, JournalContent, read_journal
from qqgroup_provision.state.journal_file import JournalFile
from qqgroup_provision.state.lock import file_lock, holder_of
from qqgroup_provision.state.lock_note import LockNote, read_note
from qqgroup_provision.state.model import State
from qqgroup_provision.state.paces import FilePaces, Paces
from qqgroup_provision.state.store import not_held, require_here, require_unchanged, with_lineage, worth_keeping


class FileStore:
    """Keeps state at `path`. Its folder is made when first written to, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal = path.with_name("journal.jsonl")
        self._history = path.with_name("history.jsonl")

    @property
    def place(self) -> str:
        return self._path.as_posix()

    @property
    def keeps_backup(self) -> bool:
        return True

    def load(self) -> State:
        return require_here(self.peek(), self.place)

    def peek(self) -> State:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise self._refused(say("The state cannot be read: {reason}.", reason=error.strerror)) from None
        return load(content, self._path.as_posix())

    def save(self, before: State, after: State) -> State:
        require_unchanged(self.peek(), before, self.place)
        if after == before:
            return after
        after = with_lineage(after)
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

    def holder(self) -> LockNote | None:
        note = holder_of(self._path.with_name("state.lock"))
        return None if note is None else read_note({**note, "id": f"pid-{note.get('pid', '?')}"})

    def unlock(self, lock_id: str) -> None:
        note = self.holder()
        if note is None:
            raise not_held(lock_id, None, self.place)
        raise self._fault(
            "QG723",
            say("A process of this machine holds the lock: {pid}.", pid=note.pid),
            say("End that process: its lock is free the moment it ends."),
        )

    @contextmanager
    def begin_journal(self, state: State, run: Run) -> Iterator[Journal]:
        self._make_folder()
        lines = JournalFile(self._journal)
        try:
            yield Journal(lines, state.lineage, state.serial, run)
        finally:
            lines.close()

    def read_journal(self) -> JournalContent | None:
        try:
            content = self._journal.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(say("The state cannot be read: {reason}.", reason=error.strerror)) from None
        return read_journal(content, self._journal.as_posix())

    def end_journal(self, record: Record | None = None) -> None:
        if record is not None and worth_keeping(record, self.history()[-1:]):
            self.remember([record])
        # The last journal is kept to be looked at; the one before it goes.
        with suppress(FileNotFoundError):
            self._journal.replace(self._journal.with_name("journal.last.jsonl"))

    def history(self) -> tuple[Record, ...]:
        try:
            return tuple(read_records(self._history.read_text(encoding="utf-8", errors="replace").splitlines()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._refused(say("The history cannot be read: {reason}.", reason=error.strerror)) from None

    def remember(self, records: Iterable[Record]) -> None:
        # What was applied is in the state: a disk that is full by now does not make a good run a bad one.
        with suppress(OSError), open(self._history, "a", encoding="utf-8", newline="\n", opener=_private) as stream:
            stream.writelines(map(dump_record, records))

    def paces(self) -> Paces:
        return FilePaces(self._path.with_name("pace.json"))

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
