"""`qqgroup fmt`: what it changes, what it names, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.inside import run_inside
from tests.stage import Ran

GOOD = "kind: Workspace\naccounts:\n  main:\n    endpoint: http://127.0.0.1:1\n    protocol: onebot11\n"
MESSY = b"key: hub  # the key\r\nid: 731000001\r\nkind: Group\r\n"
NEAT = b"kind: Group\nkey: hub  # the key\nid: 731000001\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "workspace.yaml").write_text(GOOD)
    (tmp_path / "hub.yaml").write_bytes(MESSY)
    return tmp_path


def fmt(folder: Path, *words: str) -> Ran:
    return run_inside("--dir", str(folder), "--lang", "en", "fmt", *words)


def test_it_changes_what_is_not_canonical_names_it_and_keeps_its_rights(folder: Path) -> None:
    path = folder / "hub.yaml"
    path.chmod(0o640)
    first, second = fmt(folder), fmt(folder)

    assert (0, f"changed: {path.as_posix()}\n") == (first.code, first.out)
    assert (0, "") == (second.code, second.out)
    assert NEAT == path.read_bytes()
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640


def test_check_names_and_changes_nothing(folder: Path) -> None:
    checked = fmt(folder, "--check")

    assert (1, f"would be changed: {(folder / 'hub.yaml').as_posix()}\n") == (checked.code, checked.out)
    assert MESSY == (folder / "hub.yaml").read_bytes()
    fmt(folder)
    assert 0 == fmt(folder, "--check").code


def test_files_may_be_named(folder: Path) -> None:
    assert (0, "") == (fmt(folder, str(folder / "workspace.yaml")).code, "")
    assert MESSY == (folder / "hub.yaml").read_bytes()
    assert 0 == fmt(folder, str(folder / "hub.yaml")).code
    assert NEAT == (folder / "hub.yaml").read_bytes()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("key: a\n---\nkind: Group\n", "QG107"),
        ("key: [a\n", "QG102"),
        ("key: a\nkind: Group\nno_such_key: 1\n", "QG2"),
        ("hello: world\n", "QG201"),
        (
            "id: 731000001\nkey: hub\nkind: Group\nprofile: &p {name: x}\nroles: &r [{key: a}]\nannouncements: *r\n",
            "QG",
        ),
    ],
)
def test_what_is_not_valid_is_reported_and_not_touched_and_the_rest_is_done(
    folder: Path, text: str, code: str
) -> None:
    (folder / "bad.yaml").write_text(text)
    done = fmt(folder)

    assert (1, text) == (done.code, (folder / "bad.yaml").read_text())
    assert code in done.err
    assert "bad.yaml" in done.err
    assert NEAT == (folder / "hub.yaml").read_bytes()


def test_a_folder_without_a_workspace_is_told(tmp_path: Path) -> None:
    assert "QG120" in fmt(tmp_path).err


def test_the_example_is_in_its_canonical_form() -> None:
    example = Path(__file__).parent.parent.parent / "groups"

    assert (0, "") == ((done := fmt(example, "--check")).code, done.out)
