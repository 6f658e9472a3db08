"""Changes a YAML text in the places that change, and in no other.

The result is parsed again by the reader that all of the tool uses: unless it says exactly what it should, and
holds every comment that is not inside something removed, it is not given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from qqgroup_provision.adoption import render
from qqgroup_provision.adoption.layout import BLOCK_SCALAR, Node, column, layout, line_end, line_start
from qqgroup_provision.workspace.document import parse_document
from qqgroup_provision.workspace.positions import Positions

Path = tuple[str | int, ...]  # keys and indexes, from the root of the document
_TRAILING = re.compile(r"[ \t]+#[^\n]*")


class CannotRewrite(Exception):
    """The text is laid out in a way in which this change cannot be made safely."""


@dataclass(frozen=True, slots=True)
class Set:
    """Another value for a key that is there."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Put:
    """A key that is not there, in the mapping at `path`, behind the last of `after` that is there."""

    path: Path
    key: str
    value: Any
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """Items that leave the list at `path`, by index, and such as join it at its end. At least one is kept."""

    path: Path
    drop: frozenset[int]
    add: tuple[Any, ...]


Edit = Set | Put | Items


@dataclass(frozen=True, slots=True)
class _Splice:
    start: int
    end: int
    text: str


def rewrite(text: str, edits: Iterable[Edit], expected: Any) -> str:
    """The text with all edits made; `expected` is what it has to say then. Raises `CannotRewrite`."""
    body = text.replace("\r\n", "\n")
    try:
        root = layout(body)
        found = [(splice, -len(edit.path)) for edit in edits for splice in _splices(body, root, edit)]
    except (KeyError, IndexError, yaml.YAMLError) as error:
        raise CannotRewrite from error
    # From the end, so that places in front stay right; of two at one place the inner is to come out first.
    for splice, _ in sorted(found, key=lambda pair: (pair[0].start, pair[0].end, pair[1]))[::-1]:
        body = body[: splice.start] + splice.text + body[splice.end :]
    if read(body) != expected:
        raise CannotRewrite
    return body.replace("\n", "\r\n") if "\r\n" in text else body


def read(text: str) -> Any:
    """What the text says, to the reader that all of the tool uses. Raises `CannotRewrite` for a fault in it."""
    document, _ = parse_document(text.encode("utf-8", "surrogatepass"), "", Positions())
    if document is None:
        raise CannotRewrite
    return document.data


def _splices(text: str, root: Node, edit: Edit) -> Iterator[_Splice]:
    if isinstance(edit, Set):
        yield _set(text, *_entry(root, edit.path), edit.value)
    elif isinstance(edit, Put):
        yield _put(text, _find(root, edit.path), edit)
    elif (node := _find(root, edit.path)).flow:
        yield from _flow_items(node, edit)
    else:
        yield from _block_items(text, node, edit)


def _find(root: Node, path: Path) -> Node:
    node = root
    for step in path:
        node = node.items[step] if isinstance(step, int) else _child(node, step)[1]
    return node


def _child(node: Node, key: str) -> tuple[Node, Node]:
    found = node.entry(key)
    if found is None:
        raise KeyError(key)
    return found


def _entry(root: Node, path: Path) -> tuple[Node, Node, Node]:
    parent = _find(root, path[:-1])
    return (parent, *_child(parent, str(path[-1])))


def _set(text: str, parent: Node, key: Node, value: Node, new: Any) -> _Splice:
    if parent.flow:
        gap = "" if text[value.start - 1 : value.start] in (" ", "\n") else " "
        return _Splice(value.start, value.end, gap + render.inline(new))
    colon = text.index(":", key.end, max(value.start, key.end + 1)) + 1
    # A comment that stands at the end of the key's line stays there, and so does the value before it.
    one_line = "\n" not in text[value.start : value.end]
    remark = _TRAILING.match(text, value.end) if one_line else None
    if remark and isinstance(new, str):
        return _Splice(colon, value.end, " " + render.inline(new))
    written = render.entry("k", new).removeprefix("k:").rstrip("\n")
    first, newline, rest = _indented(written, column(text, key.start)).partition("\n")
    if value.style in BLOCK_SCALAR:
        remark = _TRAILING.search(text, value.start, line_end(text, value.start))
    end = remark.end() if remark and one_line else value.end
    return _Splice(colon, end, first + (remark.group() if remark else "") + newline + rest)


def _put(text: str, node: Node, edit: Put) -> _Splice:
    if node.flow:
        at = node.entries[-1][1].end if node.entries else node.start + 1
        comma = ", " if node.entries else ""
        return _Splice(at, at, f"{comma}{edit.key}: {render.inline(edit.value)}")
    behind = [pair for pair in node.entries if pair[0].value in edit.after] or node.entries[-1:]
    at = line_end(text, max(behind[-1][0].end, behind[-1][1].end))
    return _insertion(text, at, render.entry(edit.key, edit.value), column(text, node.entries[0][0].start))


def _block_items(text: str, node: Node, edit: Items) -> Iterator[_Splice]:
    for index in edit.drop:
        start = line_start(text, node.items[index].start)
        if not text[start:].lstrip(" ").startswith("-"):
            raise CannotRewrite
        yield _Splice(start, line_end(text, node.items[index].end) + 1, "")
    if edit.add:
        last = node.items[-1]
        dash = line_start(text, node.items[0].start)
        indent = len(text[dash:]) - len(text[dash:].lstrip(" "))
        yield _insertion(text, line_end(text, last.end), "".join(map(render.item, edit.add)), indent)


def _insertion(text: str, at: int, lines: str, indent: int) -> _Splice:
    """Whole lines behind the line that ends at `at`."""
    written = " " * indent + _indented(lines.rstrip("\n"), indent)
    if at == len(text):
        return _Splice(at, at, "\n" + written)
    return _Splice(at + 1, at + 1, written + "\n")


def _flow_items(node: Node, edit: Items) -> Iterator[_Splice]:
    items = node.items
    kept = [index for index in range(len(items)) if index not in edit.drop]
    for index in edit.drop:
        if index < kept[-1]:
            yield _Splice(items[index].start, items[index + 1].start, "")
    if kept[-1] + 1 < len(items):
        yield _Splice(items[kept[-1]].end, items[-1].end, "")
    if edit.add:
        yield _Splice(items[-1].end, items[-1].end, "".join(f", {render.inline(value)}" for value in edit.add))


def _indented(lines: str, indent: int) -> str:
    """Every line but the first moved to the right."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * indent, lines)
