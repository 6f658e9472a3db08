"""The form in which texts are matched: what readers take for the same is the same, and nothing else is."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.normal import char_form, fold, is_han, normal
from qqgroup_provision.behavior.traditional import SIMPLIFIED, TRADITIONAL

# Texts that hold what folding treats: blanks, strikes, full-width, Han, look-alikes, and anything else.
odd = st.sampled_from("a B中国國 　\n\u200b\u0336ａ①❶🇻⼈аχ。，ﷺ한が㈠Ⅻ\u20e3")
texts = st.text(st.one_of(odd, st.characters(exclude_categories=["Cs"])), max_size=40)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＶＸ：１２３", "vx:123"),
        ("①②⑩", "1210"),
        ("❶❷❿", "1210"),
        ("𝐯𝐱𝓿𝔁", "vxvx"),
        ("🅅🅇 🅥🅧 🆅🆇", "vx vx vx"),
        ("🇻🇽", "vx"),
        ("1️⃣2️⃣", "12"),
        ("⼈⼯", "人工"),
        ("加\u200b微\u2060信", "加微信"),
        ("加\u0336微\u0336信\u0336", "加微信"),
        ("p\u00ady\ufe0fthon", "python"),
        ("\u202e开发票\u202c", "开发票"),
        ("аd.сom", "ad.com"),
        ("νχ", "vx"),
        ("ᴠx", "vx"),
        ("Café", "cafe"),
        ("為什麼裝不上", "为什么装不上"),
        ("皇后 乾隆", "皇后干隆"),
        ("Straße", "strasse"),
        ("  怎么 装  Python \n\n 3 ？ ", "怎么装python\n3 ?"),
        ("加 微 信", "加微信"),
        ("pip　install", "pip install"),
    ],
)
def test_what_people_read_as_the_same_is_the_same(written: str, read: str) -> None:
    assert read == fold(written)


@pytest.mark.parametrize("char", "山千乙尺几刀口工力丫卜十土入人〇丨丿丶亅")
def test_a_chinese_character_is_never_taken_for_a_latin_letter(char: str) -> None:
    assert char == fold(char)


def test_every_chinese_character_stays_or_becomes_its_simplified_one() -> None:
    simplified = dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))
    han = [chr(n) for n in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0x20000, 0x2A6E0))]

    assert len(simplified) > 3500
    assert [] == [char for char in han if char_form(char) != simplified.get(char, char)]


def test_no_form_of_a_character_changes_when_it_is_folded_again() -> None:
    every = (
        c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Co", "Cs", "Lo")
    )

    assert [] == [hex(ord(char)) for char in every if "".join(map(char_form, char_form(char))) != char_form(char)]


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(text) == fold(fold(text))


@given(texts)
def test_capitals_do_not_count(text: str) -> None:
    plain = "".join(char for char in text if unicodedata.category(char) in ("Lu", "Ll") and len(char.upper()) == 1)

    assert fold(plain.lower()) == fold(plain.lower().upper().lower())
    assert fold("Привет Ωmega PYTHON") == fold("ПРИВЕТ ωMEGA python")


@given(texts)
def test_every_range_leads_back_into_the_original_and_in_its_order(text: str) -> None:
    form = normal(text)
    spans = [form.span(i, i + 1) for i in range(len(form.text))]

    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert (len(text), len(text)) == form.span(len(form.text), len(form.text))


@given(texts, st.data())
def test_what_a_range_leads_back_to_reads_as_the_range(text: str, data: st.DataObject) -> None:
    form = normal(text)
    start = data.draw(st.integers(0, len(form.text)))
    end = data.draw(st.integers(start, len(form.text)))
    first, last = form.span(start, end)

    assert fold(form.text[start:end]) in fold(text[first:last])


def test_a_strike_belongs_to_the_character_it_strikes() -> None:
    form = normal("请加\u0336微\u0336 信吧")
    at = form.text.index("加微信")

    assert "加\u0336微\u0336 信" == form.original[slice(*form.span(at, at + 3))]


def test_chinese_is_told_from_what_looks_like_it() -> None:
    assert all(is_han(char) for char in "中〇々㐀𠀀")
    assert not any(is_han(char) for char in "aあ한、1⼈")
