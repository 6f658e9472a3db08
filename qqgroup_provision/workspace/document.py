"""YAML text to plain data, with the place of every key and value, under limits that hostile files cannot pass.

PyYAML's C parser gives events; the values are built here. Its own loader would read `20:00` as 1200, let the
last of two equal keys win, expand aliases without end and crash on deep nesting.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.workspace import yaml_faults as faults
from qqgroup_provision.workspace.positions import WIDTH, Positions, place_of
from qqgroup_provision.workspace.scalars import NOT_FIRST, NOT_TEXT, AmbiguousNumber, resolve

MAX_BYTES = 1 << 20  # of one file
MAX_DEPTH = 64  # of nested lists and mappings
MAX_ALIASED = 10_000  # values that all aliases of a file stand for, written out


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file as plain data: dict, list, str, int, float, bool and None, with string keys."""

    file: str
    data: Any
    place: Place  # where the root value begins


class _Stop(Exception):
    """The rest of the file would tell nothing reliable."""


def parse_document(content: bytes, file: str, positions: Positions) -> tuple[Document | None, list[Diagnostic]]:
    """Read one file. Gives every fault it can; the document is `None` if there is any.

    `file` is the name places carry. Places of the document's containers are added to `positions`.
    """
    if len(content) > MAX_BYTES:
        return None, [faults.too_large(file, len(content), MAX_BYTES)]
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return None, [faults.not_utf8(file, content.count(b"\n", 0, error.start) + 1)]
    builder = _Builder(file, positions, _parser(content).get_event)
    try:
        document = builder.build()
    except _Stop:
        document = None
    except yaml.YAMLError as error:
        builder.found.append(faults.syntax(error, file, content))
        document = None
    return (None if builder.found else document), builder.found


def _parser(content: bytes) -> Any:
    """PyYAML's C parser, or its Python twin where it was built without libyaml: slower, the same events."""
    return (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(content)


class _Builder:
    """Builds one document's value from events. It recurses, as deep as `MAX_DEPTH` and no deeper."""

    def __init__(self, file: str, positions: Positions, next_event: Callable[[], Any]) -> None:
        self.file = file
        self.found: list[Diagnostic] = []
        self._next = next_event
        self._tables = positions.parsed
        self._names = positions.names
        self._number = positions.file(file)
        self._anchors: dict[str, tuple[Any, int] | None] = {}  # name -> (value, nodes); None while it is open
        self._nodes = 0  # values so far, each alias counted as all that it stands for
        self._aliased = 0
        self._depth = 0

    def build(self) -> Document | None:
        self._next()  # the stream's start
        if self._next().__class__ is StreamEndEvent:
            self.found.append(faults.empty(self.file))
            return None
        first = self._next()
        data = self._value(first)
        self._next()  # the document's end
        after = self._next()
        if after.__class__ is DocumentStartEvent:
            self.found.append(faults.several_documents(place_of(after, self.file)))
        if data is None and not self.found:
            self.found.append(faults.empty(self.file))
        return Document(self.file, data, place_of(first, self.file))

    def _value(self, event: Any) -> Any:
        """The value that begins with `event`, all that is inside it included."""
        kind = event.__class__
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is AliasEvent:
            return self._alias(event)
        if self._depth == MAX_DEPTH:
            self.found.append(faults.too_deep(place_of(event, self.file), MAX_DEPTH))
            raise _Stop
        if event.tag is not None:
            self._untagged(event)
        anchor, before = event.anchor, self._nodes
        if anchor is not None:
            self._anchors[anchor] = None
        self._depth += 1
        value = self._mapping() if kind is MappingStartEvent else self._sequence()
        self._depth -= 1
        self._nodes += 1
        if anchor is not None:
            self._anchors[anchor] = (value, self._nodes - before)
        return value

    # Most of the time of loading goes by in the two loops below. An ordinary text is dealt with on the spot;
    # what could be anything else goes to the methods further down.

    def _mapping(self) -> dict[str, Any]:
        next_event, names = self._next, self._names
        value: dict[str, Any] = {}
        table = [self._number]
        while (key := next_event()).__class__ is not MappingEndEvent:
            name = names.get(key.value) if key.__class__ is ScalarEvent else None
            if name is None or name in value or key.tag or key.anchor:
                name = self._key(key, value, table)
            event = next_event()
            at, start, end = key.start_mark, event.start_mark, event.end_mark
            table += (at.line, at.column, start.line, start.column, end.line, end.column)
            if event.__class__ is ScalarEvent and not (event.tag or event.anchor):
                text = event.value
                if text[:1] in NOT_FIRST:
                    value[name] = self._scalar(event)
                else:
                    value[name] = NOT_TEXT[text] if text in NOT_TEXT and event.implicit[0] else text
                    self._nodes += 1
            else:
                value[name] = self._value(event)
        self._tables[id(value)] = table
        return value

    def _sequence(self) -> list[Any]:
        next_event = self._next
        value: list[Any] = []
        table = [self._number]
        while (event := next_event()).__class__ is not SequenceEndEvent:
            start, end = event.start_mark, event.end_mark
            table += (start.line, start.column, start.line, start.column, end.line, end.column)
            if event.__class__ is ScalarEvent and not (event.tag or event.anchor):
                text = event.value
                if text[:1] in NOT_FIRST:
                    value.append(self._scalar(event))
                else:
                    value.append(NOT_TEXT[text] if text in NOT_TEXT and event.implicit[0] else text)
                    self._nodes += 1
            else:
                value.append(self._value(event))
        self._tables[id(value)] = table
        return value

    def _key(self, event: Any, before: dict[str, Any], table: list[int]) -> str:
        """A key's text, after what can be wrong with one was looked for."""
        if event.__class__ is not ScalarEvent:
            self.found.append(faults.key_not_text("…", place_of(event, self.file)))
            raise _Stop
        text: str = event.value
        if event.tag is not None:
            self._untagged(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (text, 1)
        if text in before:
            line = table[1 + WIDTH * list(before).index(text)] + 1
            self.found.append(faults.duplicate_key(text, place_of(event, self.file), line))
        elif event.implicit[0]:
            if text == "<<":
                self.found.append(faults.merge_key(place_of(event, self.file)))
            elif text[:1] in NOT_FIRST or text in NOT_TEXT:
                self._plain_key(event)
            else:
                self._names[text] = text
        return text

    def _plain_key(self, event: Any) -> None:
        try:
            is_text = isinstance(resolve(event.value), str)
        except AmbiguousNumber:
            is_text = False
        if not is_text:
            self.found.append(faults.key_not_text(event.value, place_of(event, self.file)))

    def _scalar(self, event: Any) -> Any:
        self._nodes += 1
        if event.tag is not None:
            self._untagged(event)
        value: Any = event.value
        if event.implicit[0]:
            try:
                value = resolve(value)
            except AmbiguousNumber:
                self.found.append(faults.ambiguous_number(value, place_of(event, self.file)))
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        return value

    def _alias(self, event: Any) -> Any:
        known = self._anchors.get(event.anchor)
        if known is None:
            self.found.append(faults.unknown_alias(event.anchor, place_of(event, self.file)))
            raise _Stop
        value, nodes = known
        self._nodes += nodes
        self._aliased += nodes
        if self._aliased > MAX_ALIASED:
            self.found.append(faults.alias_bomb(place_of(event, self.file), MAX_ALIASED))
            raise _Stop
        return value

    def _untagged(self, event: Any) -> None:
        if event.tag is not None:
            self.found.append(faults.tagged(event.tag, place_of(event, self.file)))
