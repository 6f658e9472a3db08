"""Sentences, their values and their languages."""

from __future__ import annotations

import ast
import gettext
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import qqgroup_provision
from qqgroup_provision import messages
from qqgroup_provision.messages import LANGUAGES, Text, language, language_for, say, use_language
from tests.reports.samples import speaking

PACKAGE = Path(qqgroup_provision.__file__).parent


def spoken() -> Iterator[Text]:
    """Every sentence of the package, with its values' names as values."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                template = ast.literal_eval(node.args[0])
                names = placeholders(template) if node.keywords else set()
                yield Text(template, {name: f"<{name}>" for name in names})


def placeholders(template: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


SENTENCES = {text.template: text for text in spoken()}


def catalogue(domain: str = "qqgroup") -> gettext.NullTranslations:
    return gettext.translation(domain, PACKAGE / "locale", ["zh_CN"])


@pytest.mark.parametrize("wished", LANGUAGES)
def test_every_sentence_is_said_with_all_of_its_values(wished: str) -> None:
    assert len(SENTENCES) > 300
    with speaking(wished):
        for text in SENTENCES.values():
            said = str(text)
            assert [] == [value for value in text.values.values() if str(value) not in said], said
            assert said.strip()


def test_english_is_said_as_it_is_written() -> None:
    with speaking("en"):
        assert [] == [text for text in SENTENCES.values() if not text.values and str(text) != text.template]


def test_every_sentence_has_a_translation_with_the_same_placeholders() -> None:
    chinese = catalogue()
    translated = {template: chinese.gettext(template) for template in SENTENCES}
    same = [template for template, said in translated.items() if said == template]

    # Only a word of YAML, a name, or what has no word at all may be the same in both.
    assert [] == [template for template in same if len(re.sub(r"\{.*?\}|\W", " ", template).split()) > 1]
    for template, text in SENTENCES.items():
        if text.values:
            assert placeholders(template) == placeholders(translated[template]), template


def test_a_value_may_be_a_sentence_and_is_said_in_the_same_language() -> None:
    text = say("Errors: {errors}, warnings: {warnings}", errors=say("done"), warnings=2)

    with speaking("en"):
        assert "Errors: done, warnings: 2" == str(text)
    with speaking("zh_CN"):
        assert str(say("done")) in str(text)
        assert "done" not in str(text)


def test_a_sentence_without_values_may_have_braces() -> None:
    assert "Write ${env:NAME}." == str(say("Write ${env:NAME}."))


def test_braces_in_a_value_are_only_characters() -> None:
    assert "There is no code `{0.__class__}`." == str(say("There is no code `{code}`.", code="{0.__class__}"))


def test_what_is_in_no_catalogue_is_said_in_english() -> None:
    with speaking("zh_CN"):
        assert "Nobody says this: 7." == str(say("Nobody says this: {number}.", number=7))


def test_equal_sentences_are_equal_and_can_be_kept_in_a_set() -> None:
    assert 2 == len({say("a {b}", b=1), say("a {b}", b=1), say("a {b}", b=2)})


def test_a_language_that_is_none_of_ours_is_english() -> None:
    with speaking("zh_CN"):
        use_language("fr")
        assert "en" == language()


def test_an_installation_without_its_catalogue_speaks_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(messages, "_LOCALE", tmp_path)
    messages._catalogue.cache_clear()
    try:
        with speaking("zh_CN"):
            assert "done" == str(say("done"))
    finally:
        messages._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "ZH_cn"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "QQGROUP_LANG": "zh_CN"}, "zh_CN"),
        ({"LC_ALL": "zh_CN.UTF-8", "QQGROUP_LANG": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "", "QQGROUP_LANG": ""}, "zh_CN"),
    ],
)
def test_the_language_is_that_of_the_first_variable_that_says_anything(
    environment: dict[str, str], expected: str
) -> None:
    assert expected == language_for(environment)
