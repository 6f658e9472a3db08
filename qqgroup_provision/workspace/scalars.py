"""Plain YAML scalars under the YAML 1.2 core schema: `on`, `20:00` and `2026-11-23` stay texts."""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

# An unquoted scalar is a text unless it begins or is as these say.
NOT_TEXT: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
NOT_FIRST = frozenset("+-.0123456789")
MAYBE_FIRST = NOT_FIRST | {text[:1] for text in NOT_TEXT}  # what begins otherwise is a text for certain
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_OCTAL = re.compile(r"0o[0-7]{1,20}\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_DIGITS = re.compile(r"[-+]?[0-9]+\Z")


class AmbiguousNumber(ValueError):
    """Digits that readers of YAML disagree about: a leading zero, or more digits than an id or a count has."""


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises `AmbiguousNumber`.

    Infinities and NaN are left as texts: no key of ours takes them, and validators disagree about them.
    """
    if text[:1] not in NOT_FIRST:
        return NOT_TEXT.get(text, text)
    if _INTEGER.match(text):
        return int(text)
    if _DIGITS.match(text):
        raise AmbiguousNumber(text)
    if _OCTAL.match(text):
        return int(text, 8)
    if _HEXADECIMAL.match(text):
        return int(text, 16)
    if _FLOAT.match(text):
        return float(text)
    return NOT_TEXT.get(text, text)
