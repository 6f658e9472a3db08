"""Puts one value into a YAML file, and leaves everything else of it as somebody wrote it, comments included."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any

from qqgroup_provision.adoption.edits import apply_edits
from qqgroup_provision.adoption.rewrite import CannotRewrite, Path, Set, read, rewrite

Scalar = str | int | bool | None


def put_value(content: bytes, way: Sequence[str], value: Scalar) -> bytes | None:
    """The file with `value` at the end of `way`; `None` where the file says nothing there, or takes no such value.

    A step of the way is the key of a mapping, or the `key:` of an item in a list.
    """
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        text = content.removeprefix(mark).decode()
        data = read(text)
        path = _path(data, way)
        if path is None:
            return None
        edits = (Set(path, value),)
        return mark + rewrite(text, edits, apply_edits(data, edits)).encode()
    except (CannotRewrite, UnicodeError):
        return None


def says(content: bytes, way: Sequence[str]) -> bool:
    """Whether a file has a value at the end of the way."""
    try:
        return _path(read(content.removeprefix(codecs.BOM_UTF8).decode()), way) is not None
    except (CannotRewrite, UnicodeError):
        return False


def _path(data: Any, way: Sequence[str]) -> Path | None:
    """The way with the index of each item in the place of its `key:`; `None` where it leads nowhere."""
    here = data
    path: list[str | int] = []
    for step in way:
        if isinstance(here, list):
            keyed = (n for n, item in enumerate(here) if isinstance(item, dict) and item.get("key") == step)
            key: Any = next(keyed, None)
        else:
            key = step if isinstance(here, dict) and step in here else None
        if key is None:
            return None
        path.append(key)
        here = here[key]
    return tuple(path) or None
