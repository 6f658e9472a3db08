"""Plain data as YAML text: block style, short lists in brackets, texts of several lines as they are read.

Whatever a reader of YAML could take for anything but that very text is quoted, and what nobody can see is escaped.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

_BARE = re.compile(r"[^\W\d_](?:[\w（）【】《》「」、，。！？；：·…～/+.-]| (?=[^\W_]))*\Z")
_SEEN = frozenset("\n\u3000\u200d")  # not `printable` for Python, and as harmless as they are common in Chinese
_IN_A_ROW = 8  # items of a list that still fit in brackets
_WIDE = 1 << 30  # lines are never folded: a fold is where texts get lost
_11: Any = yaml.SafeLoader("")  # many readers still take `on` and `20:00` for something else


def render(data: Mapping[str, Any], comment: str = "") -> str:
    """A whole file. `comment` is its first line."""
    return (f"# {comment}\n" if comment else "") + _dump(_mapping(data))


def entry(key: str, value: Any) -> str:
    """`key: value` as lines of a block mapping, each with its line break."""
    return _dump(CommentedMap({_key(key): _value(value)}))


def item(value: Any) -> str:
    """`- value` as lines of a block sequence, each with its line break."""
    lines = _dump(CommentedMap(x=CommentedSeq([_value(value)]))).split("\n")[1:]
    return "\n".join(line[2:] for line in lines)


def inline(value: Any) -> str:
    """A value as it stands within brackets."""
    row = CommentedSeq([_flat(value)])
    row.fa.set_flow_style()
    return _dump(CommentedMap(x=row)).removeprefix("x: [").removesuffix("]\n")


def _dump(data: Any) -> str:
    writer = YAML()
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = _WIDE
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue()


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        if len(value) <= _IN_A_ROW and not any(isinstance(part, Mapping | list | tuple) for part in value):
            return _flat(value)
        return CommentedSeq([_value(part) for part in value])
    return _text(value) if isinstance(value, str) else value


def _mapping(value: Mapping[str, Any]) -> CommentedMap:
    if set(value) == {"qq", "name"}:  # a person fits on a line
        return _flat(value)  # type: ignore[no-any-return]
    return CommentedMap((_key(key), _value(part)) for key, part in value.items())


def _flat(value: Any) -> Any:
    flat: Any
    if isinstance(value, Mapping):
        flat = CommentedMap((_key(key), _flat(part)) for key, part in value.items())
    elif isinstance(value, list | tuple):
        flat = CommentedSeq([_flat(part) for part in value])
    else:
        return _quoted(value) if isinstance(value, str) else value
    flat.fa.set_flow_style()
    return flat


def _text(text: str) -> str:
    if "\n" in text and not text.startswith("\n") and all(c in _SEEN or c.isprintable() for c in text):
        literal: str = LiteralScalarString(text)
        return literal
    return _quoted(text)


def _quoted(text: str) -> str:
    if _BARE.match(text) and _11.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str":
        return text
    quoted: str = DoubleQuotedScalarString(text)
    return quoted


_key = _quoted
