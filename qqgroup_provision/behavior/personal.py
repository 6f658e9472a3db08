"""Phone, identity and card numbers and credentials in what somebody writes.

Numbers are looked for in the normal form, so full-width digits and ① are seen, and so are `138-0013-8000` and
`1 3 8 0 …`. A number within a longer one is none, and neither is one in a link: order numbers, QQ numbers and ids are
of other lengths, or fail the check digit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum
from itertools import islice

from qqgroup_provision.behavior.conditions import Hit
from qqgroup_provision.behavior.credentials import first_credential
from qqgroup_provision.behavior.normal import Normal, normal


class Sort(StrEnum):
    """What is looked for. The words are those of YAML."""

    PHONE = "phone"  # a mobile number of mainland China
    IDENTITY = "identity"  # a number of a resident identity card, with the right check digit
    BANK_CARD = "bank_card"  # by its first digits and length, and right by Luhn
    KEY = "key"  # what `validate` takes for a credential in a file


CHECKED = frozenset({Sort.IDENTITY, Sort.BANK_CARD})  # those with a check digit, for which python-stdnum is needed

_SHORTEST, _LONGEST = 11, 19  # digits of a number
_MOST = 300  # numbers of a text that are looked at: more are a list of something
_PARTS = 5  # in which one is written, unless each digit stands alone
_SEPARATORS = frozenset(" -.·‐‑–—_")
_DIGITS = re.compile(r"[0-9]+")
_LINK = re.compile(r"[a-z][a-z0-9+.-]{1,20}://\S+")
_PHONE = re.compile(r"(?:(?:00)?86)?(1[3-9][0-9]{9})")
_PHONE_PARTS = {(11,), (3, 4, 4), (4, 3, 4), (3, 3, 5), (3, 8), (7, 4)}
_PROVINCES = frozenset(map(str, (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
                                 *range(61, 66), 71, 81, 82, 83)))  # fmt: skip
# First digits of cards and the lengths they have: UnionPay, older ones of 工商银行 and 中国银行, Mastercard, Visa,
# JCB, American Express. Longer cards with 4 or 3 in front would be order numbers of shops.
_CARDS = (
    (re.compile(r"62"), range(16, 20)),
    (re.compile(r"9558|456351|601382|603367"), range(19, 20)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|4|35(?:2[89]|[3-8])"), range(16, 17)),
    (re.compile(r"3[47]"), range(15, 16)),
)


def first(text: Normal, sorts: Collection[str]) -> Hit | None:
    """Where the first of these stands, as a condition tells it."""
    if Sort.KEY in sorts:
        span = first_credential(text.original)
        if span is not None:
            return Hit(Normal(text.original, text.original), *span)
    wanted = [sort for sort in sorts if sort != Sort.KEY]
    if not wanted or not _may_have_one(text.text):
        return None
    plain = _LINK.sub(lambda found: "\n" * len(found[0]), text.text)
    for start, end, parts in islice(_numbers(plain), _MOST):
        digits = "".join(char for char in plain[start:end] if char.isalnum())
        sort = _sort_of(digits, parts)
        if sort in wanted:
            return Hit(text, start, end)
    return None


def hidden(text: str, sorts: Collection[str]) -> str:
    """The text with everything of these sorts masked, and what was said around it."""
    said = ""
    while (hit := first(normal(text), sorts)) is not None and hit.span[1] > hit.span[0]:
        start, end = hit.span
        said += text[:start] + masked(text[start:end])
        text = text[end:]
    return said + text


def masked(text: str) -> str:
    """What was found, so that nobody can use it: the first three characters and the last two stay."""
    if len(text) < 8:
        return "•" * len(text)
    return text[:3] + "•" * (len(text) - 5) + text[-2:]


def _may_have_one(text: str) -> bool:
    return sum(char.isdigit() for char in text) >= 11


def _numbers(text: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Numbers as people write them, with the lengths of their parts: all that one could be, the longest first."""
    groups = [found.span() for found in _DIGITS.finditer(text)]
    for number, (start, _) in enumerate(groups):
        if not _begins(text, start):
            continue
        in_a_row = _linked(text, groups, number)
        for end, parts in reversed(list(_ends(text, groups, number, in_a_row))):
            if len(parts) > _PARTS and _linked(text, groups, number + len(parts)):
                continue  # a row of digits is a number only as a whole
            if _is_free(text, end):
                yield start, end, parts


def _ends(
    text: str, groups: list[tuple[int, int]], first_part: int, in_a_row: bool
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Where a number that begins with this group can end: parts of one are parted by one sign, always the same.

    It has few parts, or each digit is one; then it may not begin within a row of them.
    """
    parts: list[int] = []
    sign, end, size = "", groups[first_part][0], 0
    for start, stop in groups[first_part : first_part + _LONGEST]:
        between = text[end:start]
        if parts and (between not in _SEPARATORS or (sign and between != sign)):
            return
        sign, end = between if parts else "", stop
        parts.append(stop - start)
        size += stop - start
        if size > _LONGEST or (len(parts) > _PARTS and (in_a_row or size > len(parts))):
            return
        if size >= _SHORTEST:
            yield end, tuple(parts)
        if size == 17 and text[end : end + 1] == "x":  # the check digit of an identity number
            yield end + 1, tuple(parts)


def _linked(text: str, groups: list[tuple[int, int]], number: int) -> bool:
    """Whether no more than a sign parts this group of digits from the one before it."""
    return 0 < number < len(groups) and text[groups[number - 1][1] : groups[number][0]] in _SEPARATORS


def _begins(text: str, start: int) -> bool:
    """Whether a number can begin here: a word may stand before it, as in `vx138…`, but no digits in one with it."""
    at = start
    while at > 0 and start - at < 16 and (text[at - 1].isascii() and (text[at - 1].isalpha() or text[at - 1] == "_")):
        at -= 1
    return not (at > 0 and text[at - 1].isdigit()) and start - at < 16


def _is_free(text: str, end: int) -> bool:
    """Whether neither a letter nor a digit goes on."""
    following = text[end : end + 1]
    return not (following.isascii() and (following.isalnum() or following == "_"))


def _sort_of(digits: str, parts: tuple[int, ...]) -> Sort | None:
    phone = _PHONE.fullmatch(digits)
    if phone is not None:
        prefix = len(digits) - 11
        rest = (parts[0] - prefix, *parts[1:]) if parts[0] > prefix else parts[1:]
        return Sort.PHONE if rest in _PHONE_PARTS or set(parts) == {1} else None
    if len(digits) == 18 and _is_identity(digits):
        return Sort.IDENTITY
    if digits.isdigit() and _is_card(digits, parts):
        return Sort.BANK_CARD
    return None


def _is_identity(digits: str) -> bool:
    """By province, day of birth and check digit (GB 11643)."""
    if digits[:2] not in _PROVINCES or not digits[:17].isdigit():
        return False
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    from stdnum.iso7064 import mod_11_2

    return 1900 <= born.year < 2100 and bool(mod_11_2.is_valid(digits.upper()))


def _is_card(digits: str, parts: tuple[int, ...]) -> bool:
    fours = len(parts) == 1 or (set(parts[:-1]) == {4} and parts[-1] <= 4) or parts == (4, 6, 5) or set(parts) == {1}
    if not fours or not any(len(digits) in sizes and begins.match(digits) for begins, sizes in _CARDS):
        return False
    from stdnum import luhn

    return bool(luhn.is_valid(digits))
