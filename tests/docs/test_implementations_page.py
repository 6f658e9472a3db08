"""The page that compares implementations: every one and every capability, and what the simulator serves."""

from __future__ import annotations

from types import ModuleType

import pytest

from qqgroup_provision.platforms.milky.dialect import DIALECTS as MILKY
from qqgroup_provision.platforms.onebot11.dialect import DIALECTS as ONEBOT11
from qqgroup_provision.platforms.onebot11.dialect import GO_CQHTTP, LAGRANGE, LLBOT, NAPCAT
from qqgroup_provision.ports import Capability
from qqgroup_provision.simulator.seed import IMPLEMENTATIONS
from tests.docs.test_docs import LANGUAGES, generator, in_each_language

FOLDER = "reference/implementations"


@pytest.fixture
def page() -> ModuleType:
    return generator("implementations_page")


def test_every_implementation_has_a_column_and_a_page_in_both_languages(page: ModuleType) -> None:
    known = [dialect.implementation for dialect in ONEBOT11.values()]
    known += [dialect.implementation for dialect in MILKY.values()]
    assert sorted(known) == sorted(dialect.implementation for dialect in page.PAGES.values())
    assert len(page.PAGES) == len(IMPLEMENTATIONS)
    for folder in LANGUAGES.values():
        assert set(page.PAGES) | {"README.md"} == {path.name for path in (folder / FOLDER).glob("*.md")}


def test_every_capability_has_its_words_in_both_languages(page: ModuleType) -> None:
    assert set(Capability) == set(page.WORDS)
    assert all(english and chinese and english != chinese for english, chinese in page.WORDS.values())


@in_each_language
def test_the_table_says_what_the_dialects_say(page: ModuleType, folder: object) -> None:
    wording = next(
        item for item in generator("wording").wordings() if (item.folder == ".") == (folder == LANGUAGES["en"])
    )
    rows = {
        row.split(" | ")[0].removeprefix("| "): row for row in page.page(wording).splitlines() if row.startswith("|")
    }
    chinese = wording.language != "en"

    for capability, words in page.WORDS.items():
        cells = rows[words[chinese]].removesuffix(" |").split(" | ")[1:]
        able = [capability in dialect.capabilities for dialect in page.PAGES.values()]
        assert able == [cell != "–" for cell in cells], capability


def test_what_an_implementation_can_read_of_mutes_and_remarks_is_what_its_table_has() -> None:
    assert [True, True, False, False] == [d.muted is not None for d in (NAPCAT, LLBOT, LAGRANGE, GO_CQHTTP)]
    for dialect in ONEBOT11.values():
        assert (dialect.remark_key is not None) == (Capability.SET_REMARK in dialect.capabilities)
