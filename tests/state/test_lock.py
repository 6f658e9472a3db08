"""One at a time: across processes, told with who it is, and free again when the holder is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qqgroup_provision.errors import LockHeld
from qqgroup_provision.state.lock import file_lock

HOLD = """\
import sys
from pathlib import Path
from qqgroup_provision.state.lock import file_lock
with file_lock(Path(sys.argv[1]), "apply"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process:
        assert "held\n" == process.stdout.readline()
        try:
            yield process
        finally:
            process.stdin.close()


def taken(path: Path) -> str:
    """What the second is told; empty if it got the lock."""
    try:
        with file_lock(path, "state"):
            return ""
    except LockHeld as error:
        held = error
    (found,) = held.diagnostics
    assert ("QG721", path.as_posix(), 4) == (found.code, found.subject, held.exit_code)
    return str(found.summary)


def test_a_second_process_is_told_who_holds_the_lock_and_what_for(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with holder(path) as process:
        said = taken(path)

        assert f"process {process.pid}" in said
        assert (True, True) == ("apply" in said, "@" in said)
        assert str(process.pid) in path.read_text(encoding="utf-8"), "the note of the holder is left alone"


def test_the_lock_of_a_holder_that_ended_is_free(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with holder(path):
        pass

    assert "" == taken(path)


def test_the_lock_of_a_process_that_was_killed_is_free_whatever_its_note_says(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert str(process.pid) in path.read_text(encoding="utf-8")

        assert "" == taken(path)


def test_a_lock_is_held_against_the_own_process_as_well(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with file_lock(path, "apply"):
        assert f"process {os.getpid()}" in taken(path)

    assert "" == taken(path)


def test_a_lock_is_let_go_when_what_it_guarded_fails(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with pytest.raises(RuntimeError, match="midway"), file_lock(path, "apply"):
        raise RuntimeError("midway")

    assert ("", b"") == (taken(path), path.read_bytes())


def test_the_note_says_who_what_and_until_when(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    with file_lock(path, "apply"):
        note = json.loads(path.read_text(encoding="utf-8"))

    assert {"who", "pid", "operation", "created", "expires"} == note.keys()
    assert (os.getpid(), "apply", True) == (note["pid"], note["operation"], note["created"] < note["expires"])


@pytest.mark.parametrize("note", [b"", b"\xff", b"[1]", b"{", b"7"])
def test_a_note_that_cannot_be_read_hides_nothing_but_who_it_is(tmp_path: Path, note: bytes) -> None:
    path = tmp_path / "state.lock"
    with file_lock(path, "apply"):
        path.write_bytes(note)

        assert "process ?" in taken(path)


def test_a_user_without_a_name_can_hold_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    path = tmp_path / "state.lock"
    with file_lock(path, "apply"):
        assert json.loads(path.read_bytes())["who"].startswith("?@")


def test_the_lock_file_is_for_its_owner_only(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has other rights")
    with file_lock(tmp_path / "state.lock", "apply"):
        assert 0o600 == (tmp_path / "state.lock").stat().st_mode & 0o777
