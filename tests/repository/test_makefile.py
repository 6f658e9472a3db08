"""The Makefile: what it lists, what is written about it, what it says to a machine that lacks something."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.repository.scripts import on_posix, run
from tests.repository.tree import ROOT

TEXT = (ROOT / "Makefile").read_text()
TARGETS = re.search(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE).group(1).split()  # type: ignore[union-attr]

pytestmark = [on_posix, pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")]


def interpreter(folder: Path, code: str) -> Path:
    """A program that stands where Python is looked for."""
    program = folder / "python-here"
    program.write_text(f"#!/bin/sh\n{code}\n")
    program.chmod(0o755)
    return program


def project(folder: Path) -> Path:
    """What the Makefile needs to begin creating .venv, away from the one these tests run in."""
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements").mkdir()
    (folder / "requirements" / "dev.txt").touch()
    (folder / "pyproject.toml").touch()
    return folder


def test_make_alone_lists_every_target() -> None:
    listed = run("make", "--no-print-directory", MAKEFLAGS="", MAKELEVEL="")

    assert TARGETS == re.findall(r"^  make ([\w-]+) ", listed.stdout, re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_explained_in_contributing(target: str) -> None:
    assert f"| `make {target}` |" in (ROOT / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_a_readme_names_the_two_commands_to_begin_with(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")

    assert "make demo" in text
    assert "make test" in text


def test_every_target_a_readme_names_exists() -> None:
    named = {
        name
        for path in ROOT.glob("*.md")
        for name in re.findall(r"(?:`|\$ )make ([a-z]+)", path.read_text(encoding="utf-8"))
    }

    assert named <= set(TARGETS)


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = interpreter(tmp_path, "exit 1")

    refused = run("make", "venv", f"PYTHON={old}", cwd=project(tmp_path), MAKEFLAGS="", MAKELEVEL="")

    assert 2 == refused.returncode
    assert f'make: "{old}" is not Python 3.11 or newer' in refused.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_its_venv_package_is_told_what_to_install(tmp_path: Path) -> None:
    partial = interpreter(tmp_path, 'case "$2" in *ensurepip*) exit 1;; esac')

    refused = run("make", "venv", f"PYTHON={partial}", cwd=project(tmp_path), MAKEFLAGS="", MAKELEVEL="")

    assert 2 == refused.returncode
    assert "install its venv package (Debian: apt install python3-venv)" in refused.stderr


def test_an_installation_that_fails_is_not_taken_for_complete(tmp_path: Path) -> None:
    broken = interpreter(tmp_path, 'case "$2" in venv) exit 3;; esac')

    failed = run("make", "venv", f"PYTHON={broken}", cwd=project(tmp_path), MAKEFLAGS="", MAKELEVEL="")

    assert 2 == failed.returncode
    assert not (tmp_path / ".venv" / ".complete").exists()


def test_what_continuous_integration_runs_is_make_test() -> None:
    assert "exec make test\n" in (ROOT / ".ci" / "run").read_text()


def test_make_messages_compiles_the_words_of_click_as_well() -> None:
    (recipe,) = re.findall(r"^messages:.*\n((?:\t.*\n)+)", TEXT, re.MULTILINE)

    assert ".ci/messages.py --update" in recipe
    assert "pybabel -q compile -D click -d qqgroup_provision/locale" in recipe


def test_the_compiled_words_of_click_are_those_of_their_catalogue() -> None:
    folder = ROOT / "qqgroup_provision" / "locale" / "zh_CN" / "LC_MESSAGES"
    with (folder / "click.po").open("rb") as stream:
        catalogue = read_po(stream)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)

    assert compiled.getvalue() == (folder / "click.mo").read_bytes()
