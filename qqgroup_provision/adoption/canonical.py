"""A YAML text in its canonical form: keys in the schema's order, two spaces a level, LF, one line break at the end.

Values are moved as they are written, comments above and beside them with them. Whatever that would change of the
data, or lose of the comments, is found before the text is given out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from qqgroup_provision.adoption.key_order import KeyOrder
from qqgroup_provision.adoption.layout import BLOCK_SCALAR, Node, column, comments, layout, line_end
from qqgroup_provision.adoption.rewrite import CannotRewrite, read

_STEP = 2  # spaces a level
_HEADER = re.compile(r"([|>])([-+]?)([1-9]?)([-+]?)")


def canonical(text: str, order: KeyOrder) -> str:
    """The text in its canonical form. Raises `CannotRewrite` for one that is laid out too strangely."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    made = _format(text, order)
    if made != text and (read(made) != read(text) or _lost(text, made) or _format(made, order) != made):
        raise CannotRewrite
    return made


def _lost(before: str, after: str) -> bool:
    return comments(before, layout(before)) != comments(after, layout(after))


def _format(text: str, order: KeyOrder) -> str:
    try:
        root = layout(text)
    except yaml.YAMLError as error:
        raise CannotRewrite from error
    lines = _Formatter(text).document(root, order) if root.block and root.is_map else text.split("\n")
    return "\n".join(lines).strip("\n") + "\n"


@dataclass(slots=True)
class _Chunk:
    """An entry of a block collection: comments above it, then its own lines, then remarks deeper than itself."""

    key: str
    lead: list[str]
    lines: list[str]


class _Formatter:
    """Writes one text anew. Every method gives lines without their line breaks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def document(self, root: Node, order: KeyOrder) -> list[str]:
        text = self._text
        first = root.entries[0][0].start
        # What stands directly above the first key goes with it, unless that is all: then it heads the file.
        blank = text.rfind("\n\n", 0, first)
        start = blank + 1 if blank >= 0 else first
        head = [line.rstrip() for line in text[:start].split("\n")[:-1]]
        body, end = self._collection(root, 0, start, order)
        if blank >= 0:
            head.append("")
        return [*_few_blanks(head), *body, *_few_blanks([line.rstrip() for line in text[end:].split("\n")[1:]])]

    def _collection(self, node: Node, indent: int, at: int, order: KeyOrder) -> tuple[list[str], int]:
        """A block collection at a column. `at` is where what stands above its first entry begins; where the
        line of its last one ends is given back."""
        chunks: list[_Chunk] = []
        for number in range(len(node.entries) or len(node.items)):
            start = node.entries[number][0].start if node.is_map else self._dash(at)
            inner, lead = self._between(at, start, chunks[-1] if chunks else None, indent)
            if chunks:
                chunks[-1].lines += inner
            if node.is_map:
                key, value = node.entries[number]
                lines, end = self._entry(key, value, indent, order.below(key.value))
                chunks.append(_Chunk(key.value, lead, lines))
            else:
                above, lines, end = self._item(start, node.items[number], indent, order.items())
                chunks.append(_Chunk("", [*lead, *above], lines))
            at = line_end(self._text, end)
        if node.is_map:
            chunks.sort(key=lambda chunk: order.rank(chunk.key))
        made: list[str] = []
        for chunk in chunks:
            made += (_few_blanks(chunk.lead) if made else [line for line in chunk.lead if line]) + chunk.lines
        return made, at

    def _between(self, at: int, start: int, above: _Chunk | None, indent: int) -> tuple[list[str], list[str]]:
        """What stands between two entries: what belongs to the upper one, then what belongs to the lower."""
        pieces = self._text[at:start].split("\n")[:-1] if "\n" in self._text[at:start] else []
        inner: list[str] = []
        lead: list[str] = []
        for number, piece in enumerate(pieces):
            found = piece.strip()
            if found and not found.startswith("#"):
                raise CannotRewrite
            if not found:
                if number:
                    lead.append("")
                continue
            deeper = len(piece) - len(piece.lstrip()) > column(self._text, start)
            if above is not None and deeper and not any(lead):
                inner += [*lead, " " * (indent + _STEP) + found]
                lead = []
            else:
                lead.append(" " * indent + found)
        return _few_blanks(inner), lead

    def _dash(self, at: int) -> int:
        """The dash of a list's next item."""
        while True:
            at += len(self._text[at:]) - len(self._text[at:].lstrip(" \n"))
            if self._text[at : at + 1] != "#":
                break
            at = line_end(self._text, at)
        if self._text[at : at + 1] != "-":
            raise CannotRewrite
        return at

    def _entry(self, key: Node, value: Node, indent: int, order: KeyOrder) -> tuple[list[str], int]:
        text = self._text
        colon = text.find(":", key.end, max(value.start, key.end + 1) + 1)
        if colon < 0 or text[key.end : colon].strip():
            raise CannotRewrite
        head = " " * indent + text[key.start : key.end] + ":"
        if not value.block:
            lines, end = self._plain(value, indent, column(text, key.start), colon + 1)
            return [head + (" " if lines[0] and not lines[0].startswith(" ") else "") + lines[0], *lines[1:]], end
        rest = text[colon + 1 : line_end(text, colon)].rstrip()
        body, end = self._collection(value, indent + _STEP, line_end(text, colon), order)
        return [head + rest, *body], end

    def _item(self, dash: int, item: Node, indent: int, order: KeyOrder) -> tuple[list[str], list[str], int]:
        """What stands above an item inside of it, its lines, and its end."""
        if not item.block:
            lines, end = self._plain(item, indent, column(self._text, dash), dash + 1)
            first = " " * indent + "-" + (" " if lines[0] and not lines[0].startswith(" ") else "") + lines[0]
            return [], [first, *lines[1:]], end
        lines, end = self._collection(item, indent + _STEP, dash + 1, order)
        number = next(number for number, line in enumerate(lines) if line and not line.lstrip().startswith("#"))
        above = [" " * indent + line.lstrip() for line in lines[:number]]
        return above, [" " * indent + "- " + lines[number][indent + _STEP :], *lines[number + 1 :]], end

    def _plain(self, node: Node, indent: int, parent: int, at: int) -> tuple[list[str], int]:
        """A scalar or a collection in brackets, with the remark at the end of its line. `at` is behind the
        colon or dash, `parent` the column of the key or dash."""
        text = self._text
        if text[at : node.start].strip(" "):
            raise CannotRewrite  # it begins on a later line, or after a comment
        end = max(node.end, at)
        if node.style in BLOCK_SCALAR:
            return self._block_scalar(node, indent, parent), end
        remark = text[end : line_end(text, end)].rstrip()
        lines = self._spaced(node).split("\n")
        margin = " " * (indent + _STEP)
        lines = [lines[0], *(margin + part if (part := line.lstrip(" \t")) else "" for line in lines[1:])]
        lines[-1] += remark
        return lines, end

    def _spaced(self, node: Node) -> str:
        """The text of a value, in brackets on one line with one space after each comma and colon and none else.

        Over several lines somebody has laid it out, comments included, and it stays as it is.
        """
        written = self._text[node.start : node.end]
        parts = [part for entry in node.entries for part in entry] or node.items
        if "\n" in written or written[:1] not in ("[", "{") or any(part.start == part.end for part in parts):
            return written
        if node.is_list:
            return "[" + ", ".join(map(self._spaced, node.items)) + "]"
        return "{" + ", ".join(f"{self._spaced(key)}: {self._spaced(value)}" for key, value in node.entries) + "}"

    def _block_scalar(self, node: Node, indent: int, parent: int) -> list[str]:
        header, *content = self._text[node.start : node.end].split("\n")
        found = _HEADER.match(header)
        if found is None:
            raise CannotRewrite  # an anchor stands before it
        style, before, digit, after = found.groups()
        first = next((line for line in content if line.strip(" ")), "")
        base = parent + int(digit) if digit else len(first) - len(first.lstrip(" "))
        remark = header[found.end() :].rstrip()
        mark = style + before + (str(_STEP) if digit else "") + after + remark
        moved = [" " * (indent + _STEP) + line[base:] if line[base:] else "" for line in content]
        return [mark, *moved]


def _few_blanks(lines: list[str]) -> list[str]:
    """The lines with one blank line where there were several."""
    return [line for number, line in enumerate(lines) if line or (number and lines[number - 1]) or not number]
