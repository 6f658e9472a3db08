"""State in a file: replaced whole, with a backup, never over somebody else's, and never over what it cannot read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.errors import InvalidInput, LockHeld
from qqgroup_provision.resources.profile import Rename
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.format import dump
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.model import Entry, State

ADDRESS = Address("hub", "profile")
ENTRY = Entry({}, {"name": "群"}, (), "2026-11-23T12:00:00+00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "groups" / ".qqgroup" / "state.json"


def refused(run: object, *arguments: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        run(*arguments)  # type: ignore[operator]
    (found,) = caught.value.diagnostics
    assert (True, True) == (bool(found.subject), bool(str(found.hint)))
    return found.code


def test_a_state_that_was_never_saved_is_empty_and_reading_it_makes_nothing(path: Path) -> None:
    store = FileStore(path)

    assert (State(), None) == (store.load(), store.read_journal())
    assert not path.parent.exists()


def test_the_first_save_gives_a_lineage_and_later_ones_keep_it(path: Path) -> None:
    store = FileStore(path)
    first = store.save(State(), State().folded([(ADDRESS, ENTRY)]))
    second = store.save(first, first.folded([(ADDRESS, None)]))

    assert (True, first.lineage, 1, 2) == (bool(first.lineage), second.lineage, first.serial, second.serial)
    assert second == store.load()
    assert dump(second) == path.read_bytes()
    assert first.lineage != FileStore(path.with_name("other.json")).save(State(), State("", 1, {})).lineage


def test_saving_what_is_saved_writes_nothing(path: Path) -> None:
    store = FileStore(path)
    assert State() == store.save(State(), State())
    assert not path.parent.exists()
    saved = store.save(State(), State().folded([(ADDRESS, ENTRY)]))
    before = path.stat().st_mtime_ns

    assert saved == store.save(saved, saved.folded([(ADDRESS, ENTRY)]))
    assert (before, False) == (path.stat().st_mtime_ns, path.with_suffix(".backup.json").exists())


def test_the_backup_is_the_state_before(path: Path) -> None:
    store = FileStore(path)
    first = store.save(State(), State().folded([(ADDRESS, ENTRY)]))
    store.save(first, first.folded([(ADDRESS, None)]))

    assert dump(first) == path.with_suffix(".backup.json").read_bytes()
    assert {"state.json", "state.backup.json"} == {entry.name for entry in path.parent.iterdir()}


def test_a_backup_that_cannot_be_made_does_not_stop_the_save(path: Path) -> None:
    store = FileStore(path)
    first = store.save(State(), State().folded([(ADDRESS, ENTRY)]))
    path.with_suffix(".backup.json").mkdir()

    assert store.save(first, first.folded([(ADDRESS, None)])) == store.load()


def test_what_somebody_else_saved_meanwhile_is_not_written_over(path: Path) -> None:
    store, other = FileStore(path), FileStore(path)
    first = store.save(State(), State().folded([(ADDRESS, ENTRY)]))
    second = other.save(first, first.folded([(ADDRESS, None)]))

    assert "QG714" == refused(store.save, first, first.folded([(Address("hub", "mute_all"), ENTRY)]))
    assert "QG714" == refused(store.save, State(), State("", 1, {}))
    assert second == store.load()


@pytest.mark.parametrize("content", [b"", b"damaged", b'{"version": 99, "lineage": ""}', b"{}"])
def test_a_file_that_is_no_state_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    store = FileStore(path)

    assert refused(store.load) == refused(store.save, State(), State().folded([(ADDRESS, ENTRY)]))
    assert content == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


def test_a_save_that_fails_leaves_the_old_state_and_no_litter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(path)
    first = store.save(State(), State().folded([(ADDRESS, ENTRY)]))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert "QG716" == refused(store.save, first, first.folded([(ADDRESS, None)]))
    assert first == store.load()
    assert ["state.json"] == [entry.name for entry in path.parent.iterdir()]


@pytest.mark.parametrize("in_the_way", ["folder", "state", "journal"])
def test_something_else_in_the_place_of_a_file_is_told(path: Path, in_the_way: str) -> None:
    store = FileStore(path)
    if in_the_way == "folder":
        path.parent.parent.mkdir(parents=True)
        path.parent.write_text("a file")
        assert ["QG716", "QG716"] == [refused(store.load), refused(store.read_journal)]
        assert "QG716" == refused(lambda: store.lock("apply").__enter__())
        assert "QG716" == refused(lambda: store.begin_journal(State(), Run()).__enter__())
    else:
        path.parent.mkdir(parents=True)
        (path if in_the_way == "state" else path.with_name("journal.jsonl")).mkdir()
        assert "QG716" == refused(store.load if in_the_way == "state" else store.read_journal)


def test_the_folder_and_its_files_are_for_their_owner_only(path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has other rights")
    store = FileStore(path)
    with store.lock("apply"), store.begin_journal(State(), Run()):
        store.save(State(), State().folded([(ADDRESS, ENTRY)]))

    assert 0o700 == path.parent.stat().st_mode & 0o777
    assert {0o600} == {entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}


def test_a_journal_is_there_until_it_is_put_away_and_the_last_one_is_kept(path: Path) -> None:
    store = FileStore(path)
    store.end_journal()
    for name in ("甲", "乙"):
        with store.begin_journal(State("l", 4), Run("digest")) as journal:
            journal.intent(ADDRESS, Rename(731000001, name))
        found = store.read_journal()
        assert found is not None
        assert ("l", 4, [name]) == (
            found.lineage,
            found.serial,
            [i.fields["new_name"] for i in found.unsettled.values()],
        )
        with pytest.raises(FileExistsError), store.begin_journal(State("l", 4), Run("digest")):
            pass
        store.end_journal()
        assert store.read_journal() is None

    assert "乙" in path.with_name("journal.last.jsonl").read_text(encoding="utf-8")


def test_the_lock_lies_beside_the_state_and_keeps_a_second_out(path: Path) -> None:
    with FileStore(path).lock("apply"):
        with pytest.raises(LockHeld), FileStore(path).lock("apply"):
            pass
        assert path.with_name("state.lock").exists()
