"""The one form in which texts are compared: unchanged by what QQ's servers do to a text."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.plain_text import plain, whole

texts = st.text(st.sampled_from(list(" \n\r\t\xa0\u3000<>&\"';#1nbsp中a")) | st.characters(codec="utf-8"))


@given(texts)
def test_making_it_plain_again_changes_nothing(text: str) -> None:
    assert plain(text) == plain(plain(text))


@given(texts)
def test_a_text_that_qq_escaped_and_gave_back_is_the_text_that_was_sent(text: str) -> None:
    sent = plain(text)
    given_back = html.escape(sent).replace("\n", "&#10;").replace(" ", "&nbsp;").replace("&#x27;", "&#39;")

    assert sent == plain(html.unescape(given_back))


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))), st.sampled_from(["\n", "\r\n", "\r"])
)
def test_how_lines_end_does_not_matter(lines: list[str], end: str) -> None:
    assert plain("\n".join(lines)) == plain(end.join(lines)) == plain(end.join(lines) + end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \nb\t\n\n", "a\nb"),
        ("\n\na", "\n\na"),
        ("  a", "  a"),
        ("a\xa0b", "a b"),
        ("a\n\nb", "a\n\nb"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_only_ends_of_lines_and_of_the_text_lose_blanks(text: str, expected: str) -> None:
    assert expected == plain(text)


@given(st.text())
def test_a_whole_text_stays_as_it_is(text: str) -> None:
    assert text == whole(text)


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_a_text_with_half_characters_can_be_written_once_it_is_whole(text: str) -> None:
    assert whole(text) == whole(text).encode().decode()


def test_two_halves_that_belong_together_are_one_character() -> None:
    assert ("😀", "a\ufffd", "\ufffd中") == (whole("\ud83d\ude00"), whole("a\ud83d"), whole("\ude00中"))
