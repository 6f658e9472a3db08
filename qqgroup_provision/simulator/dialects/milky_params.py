"""Parameters of Milky's functions, and how one of them may fail (qq_protocol §13, §17.10)."""

from __future__ import annotations

from qqgroup_provision.plain_text import whole
from qqgroup_provision.simulator.dialects.base import Invalid, Params

_LOWEST, _HIGHEST = 10001, 4_294_967_295  # of QQ numbers
_LONGEST = 1 << 53  # of other numbers


class Crashed(Exception):
    """An error nobody in the implementation caught."""


class Told(Exception):
    """A failure with a retcode of its own."""

    def __init__(self, retcode: int, words: str) -> None:
        self.retcode = retcode
        self.words = words
        super().__init__(f"{retcode} {words}")


def number(params: Params, key: str, lowest: int = _LOWEST) -> int:
    """A whole number; texts and anything below `lowest` are refused (qq_protocol §17.10)."""
    value = params.get(key)
    highest = _HIGHEST if lowest == _LOWEST else _LONGEST
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise Invalid(f"{key}: expected number")
    return value


def string(params: Params, key: str) -> str:
    value = params.get(key)
    if not isinstance(value, str):
        raise Invalid(f"{key}: expected string")
    return whole(value)


def boolean(params: Params, key: str, default: bool) -> bool:
    """True or false and nothing like them; null is as good as missing."""
    value = params.get(key)
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"{key}: expected boolean")
    return default if value is None else value
