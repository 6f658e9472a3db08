"""Where everything of a YAML text stands, so that a change can leave every other character as it is.

A loader that keeps comments ties each to the value before it, and loses or misplaces it when that value goes or
moves. Here nothing is loaded: values are spans of the text, and comments are what lies between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

BLOCK_SCALAR = frozenset("|>")
_COMMENT = re.compile(r"(?:^|(?<=[\s,\[\]{}]))#[^\n]*", re.MULTILINE)


@dataclass(slots=True)
class Node:
    """A value and its span: `text[start:end]`. A key without a value has an empty one.

    A block collection ends where its last value does; what comments and blanks follow are not part of it.
    `style` is that of a scalar: quote, `|`, `>` or empty. `entries` are a mapping's, `items` a sequence's.
    """

    start: int
    end: int
    is_map: bool = False
    is_list: bool = False
    flow: bool = False
    style: str = ""
    value: str = ""
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    @property
    def block(self) -> bool:
        """Whether it is a collection of one entry a line."""
        return (self.is_map or self.is_list) and not self.flow

    def entry(self, key: str) -> tuple[Node, Node] | None:
        return next((entry for entry in self.entries if entry[0].value == key), None)


def layout(text: str) -> Node:
    """The root of the text's only document. Raises `yaml.YAMLError`; depth is what `parse_document` allows."""
    # The pure parser and libyaml's give the same events; the faster is not installed everywhere.
    parser: Any = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
    next_event: Callable[[], Any] = parser.get_event
    next_event()  # the stream's start
    next_event()  # the document's
    return _node(next_event(), next_event, text)


def _node(event: Any, next_event: Callable[[], Any], text: str) -> Node:
    start: int = event.start_mark.index
    end: int = event.end_mark.index
    if isinstance(event, ScalarEvent):
        style = event.style or ""
        if style in BLOCK_SCALAR:
            end = _block_end(text, start, end)
        return Node(start, end, style=style, value=event.value)
    if isinstance(event, AliasEvent):
        return Node(start, end, style="*")
    node = Node(start, start, flow=bool(event.flow_style))
    closed: Any
    if isinstance(event, MappingStartEvent):
        node.is_map = True
        while not isinstance(key := next_event(), MappingEndEvent):
            name = _node(key, next_event, text)
            node.entries.append((name, _node(next_event(), next_event, text)))
        closed, last = key, node.entries[-1][1].end if node.entries else start
    else:
        node.is_list = True
        while not isinstance(item := next_event(), SequenceEndEvent):
            node.items.append(_node(item, next_event, text))
        closed, last = item, node.items[-1].end if node.items else start
    node.end = closed.end_mark.index if node.flow else last
    return node


def _block_end(text: str, start: int, end: int) -> int:
    """Where a block scalar ends: with its last line that is not blank, or with all of them where it keeps them."""
    if "+" in text[start : line_end(text, start)].partition("#")[0]:
        return max(start + 1, end - 1 if text[end - 1 : end] == "\n" else end)
    return max(start + 1, len(text[:end].rstrip("\n ")))


def scalars(node: Node) -> Iterator[Node]:
    """Every key and every value that is no collection, in the order of the text."""
    if node.is_map:
        for key, value in node.entries:
            yield from scalars(key)
            yield from scalars(value)
    elif node.is_list:
        for item in node.items:
            yield from scalars(item)
    else:
        yield node


def comments(text: str, root: Node) -> Counter[str]:
    """Every comment of the text, however often it stands there."""
    left: list[str] = []
    at = 0
    for node in scalars(root):
        start = line_end(text, node.start) if node.style in BLOCK_SCALAR else node.start
        left.append(text[at:start])
        left.append("\n" if node.style in BLOCK_SCALAR else "x")
        at = max(at, node.end)
    left.append(text[at:])
    return Counter(found.rstrip() for found in _COMMENT.findall("".join(left)))


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line ends that `at` is on, its line break not included."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def column(text: str, at: int) -> int:
    return at - line_start(text, at)
