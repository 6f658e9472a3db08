"""Checked reading of what servers send. Anything of the wrong shape is `WrongShape`, and so nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from qqgroup_provision.plain_text import whole

T = TypeVar("T")
_LONGEST = 20  # digits of a number that comes as a text
_LONGEST_PART = 9  # digits of one number of a version


class WrongShape(Exception):
    """An answer lacks a field, or has one of another type."""


def of(item: Any, key: str) -> Any:
    """A field that has to be there."""
    if not isinstance(item, dict) or key not in item:
        raise WrongShape(key)
    return item[key]


def integer(item: Any, key: str) -> int:
    """A whole number, also where it came as a text."""
    value = of(item, key)
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.removeprefix("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongShape(key)
    return value


def text(item: Any, key: str, default: str | None = None) -> str:
    """A text; `default` where the key is missing or null, if there is one."""
    value = item.get(key) if isinstance(item, dict) else None
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise WrongShape(key)
    return whole(value)


def identifier(item: Any, key: str) -> str:
    """A text by which something is known, so an empty one is none."""
    value = text(item, key)
    if not value:
        raise WrongShape(key)
    return value


def flag(item: Mapping[str, Any], key: str) -> bool | None:
    """True or false as a boolean or as 1 and 0; `None` where it is not said."""
    value = item.get(key)
    if value is None:
        return None
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise WrongShape(key)


def distinct(items: Any, read: Callable[[Any], T], key: Callable[[T], Any]) -> dict[Any, T]:
    """A list read item by item. Two items with one key mean that the list is not what it says it is."""
    if not isinstance(items, list):
        raise WrongShape("list")
    found: dict[Any, T] = {}
    for item in items:
        value = read(item)
        if key(value) in found:
            raise WrongShape(f"two items {key(value)}")
        found[key(value)] = value
    return found


def dicts(items: Iterable[Any], key: str) -> Iterable[dict[str, Any]]:
    """Items that all have to be objects."""
    for item in items:
        if not isinstance(item, dict):
            raise WrongShape(key)
        yield item


def version(written: str, key: str) -> tuple[int, ...]:
    """The numbers of a version such as `4.18.13` or `v8.1.7-beta`."""
    numbers: list[int] = []
    for part in written.removeprefix("v").split("-")[0].split("."):
        if not part.isascii() or not part.isdigit() or len(part) > _LONGEST_PART:
            raise WrongShape(key)
        numbers.append(int(part))
    return tuple(numbers)
