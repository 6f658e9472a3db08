"""Dataclasses to plain JSON values and back, by their types alone. What does not fit its type is refused."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """JSON values: objects for dataclasses, lists for tuples, the value of an enum, sets in their order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(map(to_plain, value))
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], written: Any) -> T:
    """The opposite. Keys that a later version has written are passed over. Raises TypeError, ValueError, KeyError."""
    found: T = _read(kind, written)
    return found


def _read(kind: Any, written: Any) -> Any:
    if kind is Any:
        return written
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (known,) = (one for one in inner if one is not NoneType)
        return None if written is None else _read(known, written)
    if origin is tuple:
        return tuple(_read(inner[0], item) for item in _is(list, written))
    if origin is frozenset:
        return frozenset(_read(inner[0], item) for item in _is(list, written))
    if origin is not None and issubclass(origin, Mapping):
        return {_key(inner[0], key): _read(inner[1], item) for key, item in _is(dict, written).items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], item) for name, item in _is(dict, written).items() if name in hints})
    if issubclass(kind, Enum):
        return kind(written)
    return _is(kind, written)


def _key(kind: Any, written: str) -> Any:
    return int(written) if kind is int else _read(kind, written)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _is(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r:.40} where {kind.__name__} belongs")
    return value
