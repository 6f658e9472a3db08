"""Plain data as YAML text: block style, short lists in brackets, texts of several lines as they are read.

Whatever a reader of YAML could take for anything but that very text is quoted, and what nobody can see is escaped.
Written by hand: a general writer takes ten times as long for the few forms that are needed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_BARE = re.compile(r"[^\W\d_](?:[\w（）【】《》「」、，。！？；：·…～/+.-]| (?=[^\W_]))*\Z")
_SEEN = frozenset("\u3000\u200d")  # not `printable` for Python, and as harmless as they are common in Chinese
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_IN_A_ROW = 8  # items of a list that still fit in brackets
_11: Any = yaml.SafeLoader("")  # many readers still take `on` and `20:00` for something else


def render(data: Mapping[str, Any], comment: str = "") -> str:
    """A whole file. `comment` is its first line."""
    return (f"# {comment}\n" if comment else "") + _joined(_block(data))


def entry(key: str, value: Any) -> str:
    """`key: value` as lines of a block mapping, each with its line break."""
    return _joined(_entry(key, value))


def item(value: Any) -> str:
    """`- value` as lines of a block sequence, each with its line break."""
    return _joined(_item(value))


def inline(value: Any) -> str:
    """A value as it stands within brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(key)}: {inline(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    return _scalar(value)


def _joined(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _block(value: Any) -> Iterator[str]:
    """The lines of what does not fit on one."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _entry(key, part)
    else:
        for part in value:
            yield from _item(part)


def _entry(key: str, value: Any) -> Iterator[str]:
    name = f"{_quoted(key)}:"
    if value is None:
        yield name
    elif _is_literal(value):
        yield from _literal(f"{name} ", value)
    elif _fits(value):
        yield f"{name} {inline(value)}"
    else:
        yield name
        yield from _indented(_block(value))


def _item(value: Any) -> Iterator[str]:
    if _is_literal(value):
        yield from _literal("- ", value)
    elif _fits(value):
        yield f"- {inline(value)}"
    else:
        first, *rest = _block(value)
        yield f"- {first}"
        yield from _indented(iter(rest))


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" if line else line for line in lines)


def _fits(value: Any) -> bool:
    """Whether it goes on one line: a scalar, a person, a short list of scalars, nothing."""
    if isinstance(value, Mapping):
        return not value or set(value) == {"qq", "name"}
    if isinstance(value, list | tuple):
        return len(value) <= _IN_A_ROW and not any(isinstance(part, Mapping | list | tuple) for part in value)
    return True


def _is_literal(value: Any) -> bool:
    """Whether it is a text of several lines that is read as it stands."""
    return (
        isinstance(value, str)
        and "\n" in value
        and not value.startswith("\n")
        and all(c == "\n" or c in _SEEN or c.isprintable() for c in value)
    )


def _literal(before: str, text: str) -> Iterator[str]:
    """A text as it is. The first line tells how it ends, and where it begins if that cannot be seen."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    yield f"{before}|{'2' if text.startswith(' ') else ''}{('-', '')[ends] if ends < 2 else '+'}"
    yield from _indented(iter(body.split("\n")))
    yield from [""] * (ends - 1)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    if _BARE.match(text) and _11.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str":
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character in _SEEN or character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
