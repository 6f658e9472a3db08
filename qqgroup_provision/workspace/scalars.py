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
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
# Those that YAML 1.1 takes for texts, as an exponent without a sign, and leading zeros, which are octal there.
_FLOAT_EVERYWHERE = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?\Z")
_UNCLEAR = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z")


class AmbiguousNumber(ValueError):
    """What readers of YAML disagree about: a leading zero, an exponent such as `1e3`, or very many digits."""


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises `AmbiguousNumber`.

    Infinities and NaN are left as texts: no key of ours takes them, and validators disagree about them.
    """
    if text[:1] not in NOT_FIRST:
        return NOT_TEXT.get(text, text)
    if _INTEGER.match(text):
        return int(text)
    if _UNCLEAR.match(text):
        raise AmbiguousNumber(text)
    if _HEXADECIMAL.match(text):
        return int(text, 16)
    if _FLOAT.match(text):
        if not _FLOAT_EVERYWHERE.match(text):
            raise AmbiguousNumber(text)
        return float(text)
    return NOT_TEXT.get(text, text)
