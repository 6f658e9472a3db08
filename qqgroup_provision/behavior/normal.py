"""Texts in the one form in which they are matched: what a reader takes for the same is the same.

Character by character: compatibility forms (full-width, circled, styled letters), invisible ones and strikes out,
small letters, traditional to simplified, look-alikes of Latin letters. Then blanks: a run of them is one, and one
beside a Chinese character is none, since whether people write `装 python` or `装python` is a matter of taste.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from qqgroup_provision.behavior.lookalikes import LOOKALIKES
from qqgroup_provision.behavior.traditional import SIMPLIFIED, TRADITIONAL

_LONGEST_FORM = 7  # characters that one becomes at most: a sentence in one sign is only there to take time
_REMEMBERED = 1 << 16  # characters whose form is kept: more are in no honest chat

# Invisible, drawn over the character before, or half a character, which no search takes: (first, last).
_INVISIBLE = (
    (0x00AD, 0x00AD), (0x0300, 0x036F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x20D0, 0x20FF),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB),
    (0xD800, 0xDFFF), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in its normal form, with the way back to what was written."""

    original: str
    text: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that a range of the normal form comes from.

        What is drawn over its last character belongs to it. An empty range is empty in the original as well.
        """
        if self.text == self.original:
            return (start, end)
        origins = _origins(self.original)
        if start >= end:
            return (origins[start], origins[start])
        last = origins[end - 1] + 1
        while last < len(self.original) and not _FORMS[ord(self.original[last])]:
            last += 1
        return (origins[start], last)


def normal(text: str) -> Normal:
    """A text as it is matched."""
    return Normal(text, fold(text))


def fold(text: str) -> str:
    """The normal form alone. Folding it again changes nothing."""
    if text.isascii() and "\n" not in text:
        return " ".join(text.lower().split())
    formed = _plain_characters().sub(_others, text)
    if formed.split(maxsplit=1) == [formed]:
        return formed  # without any blank, which takes a fifth of the time to find out
    return _BLANKS.sub(_blank, formed)


@cache
def _plain_characters() -> re.Pattern[str]:
    """Finds what is not among the characters that most of a chat is made of, and that are their own form.

    Everything else is looked up one by one, which takes ten times as long.
    """
    own = frozenset(map(chr, range(0x4E00, 0xA000))) - frozenset(TRADITIONAL)
    return re.compile(f"[^{''.join(sorted(own))}a-z0-9。、“”]+")


def _others(found: re.Match[str]) -> str:
    return found[0].translate(_FORMS)


def char_form(char: str) -> str:
    """What becomes of a single character; empty for one that is invisible."""
    return _FORMS[ord(char)]


def is_han(char: str) -> bool:
    """Whether a character is a Chinese one."""
    return "\u4e00" <= char <= "\u9fff" or char in "\u3005\u3007" or _wide_han(char)


def _wide_han(char: str) -> bool:
    return "\u3400" <= char <= "\u4dbf" or "\U00020000" <= char <= "\U000323af"


def _blank(found: re.Match[str]) -> str:
    """What stays of a run of blanks."""
    text, (start, end) = found.string, found.span()
    if start == 0 or end == len(text):
        return ""
    if "\n" in found[0]:
        return "\n"
    return "" if is_han(text[start - 1]) or is_han(text[end]) else " "


@lru_cache(maxsize=64)  # of one message several ranges are asked for
def _origins(text: str) -> tuple[int, ...]:
    """For each character of the normal form, and for its end, where in the text it comes from."""
    lengths = [len(_FORMS[ord(char)]) for char in text]
    origins: Sequence[int] = range(len(text))
    if lengths.count(1) != len(lengths):
        origins = [index for index, length in enumerate(lengths) for _ in range(length)]
    kept: list[int] = []
    done = 0
    for found in _BLANKS.finditer(text.translate(_FORMS)):
        kept += origins[done : found.start() + len(_blank(found))]
        done = found.end()
    return (*kept, *origins[done:], len(text))


class _Forms(dict[int, str]):
    """The form of each character by its number, found out when it is first met."""

    def __missing__(self, number: int) -> str:
        form = _form(chr(number))
        if len(self) < _REMEMBERED:
            self[number] = form
        return form


_FORMS = _Forms()


def _form(char: str) -> str:
    """The form of one character, each step taken until none changes anything."""
    before, form = "", char
    while form != before:
        before = form
        form = unicodedata.normalize("NFKC", form).casefold()
        form = "".join(c for c in unicodedata.normalize("NFD", form) if not _is_invisible(c))
        form = unicodedata.normalize("NFC", form).translate(_single())
    return form if len(form) <= _LONGEST_FORM else char


def _is_invisible(char: str) -> bool:
    number = ord(char)
    return any(first <= number <= last for first, last in _INVISIBLE)


@cache
def _single() -> dict[int, str]:
    simplified = zip(TRADITIONAL, SIMPLIFIED, strict=True)
    return {ord(char): form for char, form in (*simplified, *LOOKALIKES.items())}
