"""The script behind `make messages`: what it collects, what it refuses, and that its bytes are stable."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from tests.repository.scripts import run_python

CATALOGUE = Path("qqgroup_provision", "locale", "zh_CN", "LC_MESSAGES", "qqgroup.po")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "qqgroup_provision").mkdir()
    write(tmp_path, 'say("Group {name} is new.", name=key)\nsay("No changes.")\n')
    run_python("messages.py", "--update", "--root", tmp_path)
    translate(tmp_path, "Group {name} is new.", "群 {name} 是新的。")
    translate(tmp_path, "No changes.", "没有变化。")
    assert 0 == run_python("messages.py", "--update", "--root", tmp_path).returncode
    return tmp_path


def write(root: Path, code: str) -> None:
    (root / "qqgroup_provision" / "said.py").write_text(code, encoding="utf-8")


def translate(root: Path, english: str, chinese: str) -> None:
    path = root / CATALOGUE
    text = path.read_text(encoding="utf-8")
    before, after = text.split(f'msgid "{english}"\n', 1)
    rest = after.split("\n", 1)[1]
    path.write_text(f'{before}msgid "{english}"\nmsgstr "{chinese}"\n{rest}', encoding="utf-8")


def faults(root: Path) -> list[str]:
    checked = run_python("messages.py", "--check", "--root", root)
    assert (1 if checked.stderr else 0) == checked.returncode
    return checked.stderr.splitlines()[:-1]


def test_a_complete_catalogue_has_no_fault_and_speaks_chinese(root: Path) -> None:
    assert [] == faults(root)
    with (root / CATALOGUE).with_suffix(".mo").open("rb") as stream:
        assert "没有变化。" == gettext.GNUTranslations(stream).gettext("No changes.")


def test_a_second_update_writes_the_same_bytes(root: Path) -> None:
    before = [path.read_bytes() for path in sorted((root / CATALOGUE).parent.iterdir())]

    run_python("messages.py", "--update", "--root", root)

    assert before == [path.read_bytes() for path in sorted((root / CATALOGUE).parent.iterdir())]


def test_a_sentence_moved_to_another_line_changes_nothing(root: Path) -> None:
    write(root, '\n\nsay("No changes.")\nsay("Group {name} is new.", name=key)\n')

    assert [] == faults(root)


def test_a_new_sentence_has_to_be_collected_and_translated(root: Path) -> None:
    write(root, 'say("Group {name} is new.", name=key)\nsay("No changes.")\nsay("Bye.")\n')

    assert [f"{CATALOGUE.as_posix()}: not in step with the sources"] == faults(root)
    run_python("messages.py", "--update", "--root", root)
    assert ["not translated: 'Bye.'"] == faults(root)


def test_a_changed_sentence_keeps_its_old_translation_as_a_guess(root: Path) -> None:
    write(root, 'say("Group {name} is really new.", name=key)\nsay("No changes.")\n')
    run_python("messages.py", "--update", "--root", root)

    assert ["only guessed (fuzzy): 'Group {name} is really new.'"] == faults(root)


def test_a_translation_with_another_placeholder_is_refused(root: Path) -> None:
    translate(root, "Group {name} is new.", "群 {nam} 是新的。")
    run_python("messages.py", "--update", "--root", root)

    expected = "the translation has other placeholders: 'Group {name} is new.' -> '群 {nam} 是新的。'"
    assert [expected] == faults(root)


def test_a_translation_that_was_not_compiled_is_noticed(root: Path) -> None:
    translate(root, "No changes.", "无变化。")

    assert [f"{CATALOGUE.with_suffix('.mo').as_posix()}: not compiled from the .po file"] == faults(root)


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("say(text)", "say() needs its sentence written out here; a variable cannot be translated"),
        ('say(f"Hi {name}")', "say() needs its sentence written out here; a variable cannot be translated"),
        ('say("No changes.", name=1); say("{a} {b}", a=1)', "say() is given no value for {b}"),
        ('say("Half {a", a=1)', "expected '}' before end of string: 'Half {a'"),
    ],
)
def test_a_call_that_cannot_be_translated_is_named_with_its_line(root: Path, call: str, fault: str) -> None:
    write(root, f"\n{call}\n")

    assert f"qqgroup_provision/said.py:2: {fault}" in faults(root)


def test_braces_without_values_are_plain_characters(root: Path) -> None:
    write(root, 'say("Write ${env:NAME} or {}.")\n')
    run_python("messages.py", "--update", "--root", root)

    assert ["not translated: 'Write ${env:NAME} or {}.'"] == faults(root)
