"""Texts that people wrote elsewhere, made harmless; and how wide they are."""

from __future__ import annotations

import unicodedata

import pytest

from qqgroup_provision.reports.paint import Paint, columns, shorten
from qqgroup_provision.reports.printable import printable
from tests.reports.samples import WEAPONS, steering


@pytest.mark.parametrize("char", sorted(steering(WEAPONS)))
def test_what_steers_a_terminal_is_written_out(char: str) -> None:
    expected = {"\n": "\\n", "\t": "\\t"}.get(char, f"\\u{ord(char):04x}")

    assert f"a{expected}b" == printable(f"a{char}b")


def test_no_character_of_unicode_that_is_invisible_or_turns_writing_around_stays() -> None:
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    hidden = [char for char in map(chr, range(0x110000)) if unicodedata.category(char) in kinds and char != "\u200d"]
    shown = printable("".join(hidden))

    assert len(hidden) > 100_000
    assert shown.isascii()
    assert shown.isprintable()


@pytest.mark.parametrize("text", ["plain", "中文，标点。", "👩‍👩‍👧 ❤️ é", "¥€ ﷽", ""])
def test_what_people_can_see_stays_as_it_is(text: str) -> None:
    assert text == printable(text)


def test_a_character_that_is_to_be_kept_is_kept_and_no_other() -> None:
    assert "a\nb\\tc\\u001b" == printable("a\nb\tc\x1b", keep="\n")


@pytest.mark.parametrize(
    ("text", "wide"),
    [("abc", 3), ("群规", 4), ("（", 2), ("é", 1), ("e\u0301", 1), ("❤\ufe0f", 1), ("👩\u200d", 2), ("", 0)],
)
def test_columns_are_counted_as_a_terminal_does(text: str, wide: int) -> None:
    assert wide == columns(text)


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("群规群规", 8, "群规群规"),
        ("群规群规", 7, "群规群…"),
        ("群规群规", 6, "群规…"),
        ("abcd", 3, "ab…"),
        ("群", 1, "…"),
    ],
)
def test_a_text_too_wide_is_cut_to_the_column(text: str, most: int, short: str) -> None:
    assert short == shorten(text, most)
    assert columns(short) <= most


def test_nothing_is_painted_without_colour_nor_where_there_is_nothing_to_paint() -> None:
    assert "x" == Paint(False)("error", "x")
    assert "" == Paint(True)("error", "")
    assert "\x1b[1;31mx\x1b[0m" == Paint(True)("error", "x")
