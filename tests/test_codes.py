"""The table of codes, and the package that uses them: neither has one that the other does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import qqgroup_provision
from qqgroup_provision.codes import CODES
from tests.reports.samples import speaking

PACKAGE = Path(qqgroup_provision.__file__).parent
CODE = re.compile(r"QG\d+")


def texts_of(path: Path) -> Iterator[str]:
    """Every text that a module holds, without the ones that only document it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@cache
def used() -> dict[str, set[str]]:
    """Code -> the modules that use it, codes.py and sentences about a code left out."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "codes.py":
            for code in (text for text in texts_of(path) if CODE.fullmatch(text)):
                found.setdefault(code, set()).add(path.name)
    return found


def test_every_code_the_package_uses_is_in_the_table() -> None:
    assert len(used()) > 50
    assert {} == {code: modules for code, modules in used().items() if code not in CODES}


def test_every_code_of_the_table_is_used_by_the_package() -> None:
    assert [] == [code for code in CODES if code not in used()]


def test_codes_are_written_alike_unique_and_in_order() -> None:
    assert [] == [code for code in CODES if not re.fullmatch(r"QG\d{3}", code)]
    assert [(key, key) for key in sorted(CODES)] == [(key, entry.code) for key, entry in CODES.items()]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_title_a_meaning_and_a_remedy_in_each_language(code: str, language: str) -> None:
    entry = CODES[code]
    with speaking(language):
        title, meaning, remedy = str(entry.title), str(entry.meaning), str(entry.remedy)

    assert title.strip()
    assert not title.endswith((".", "。"))
    assert meaning.endswith("." if language == "en" else "。")
    assert remedy.endswith("." if language == "en" else "。")
    if language == "zh_CN":
        assert [] == [text for text in (title, meaning, remedy) if not re.search(r"[\u4e00-\u9fff]", text)]


def test_no_two_codes_have_one_title() -> None:
    titles = [str(entry.title) for entry in CODES.values()]

    assert sorted(set(titles)) == sorted(titles)
