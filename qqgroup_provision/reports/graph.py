"""The groups as a tree of parents and sub-groups: as text, as Mermaid, as SVG. Equal trees give equal bytes."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qqgroup_provision.messages import say
from qqgroup_provision.reports.paint import Paint, columns
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.workspace.model import Group

_ROW, _STEP, _COLUMN, _EDGE = 28, 24, 8.2, 16  # pixels of the picture: a row, a level, a column of text, its edge


@dataclass(frozen=True, slots=True)
class Size:
    """How many people are in a group, and how many it takes; 0 where the implementation does not say."""

    members: int
    capacity: int

    @property
    def full(self) -> bool:
        return 0 < self.capacity <= self.members


@dataclass(frozen=True, slots=True)
class Node:
    """One group in the tree. `depth` counts from 0; `size` is `None` where it was not read."""

    key: str
    name: str
    id: int
    depth: int
    parent: str | None
    size: Size | None = None

    @property
    def label(self) -> str:
        """What every format shows of it, made harmless for a terminal."""
        parts = [self.key, self.name, f"({self.id})"]
        if self.size is not None:
            parts.append(
                f"{self.size.members}/{self.size.capacity}" if self.size.capacity else f"{self.size.members}"
            )
        if self.size is not None and self.size.full:
            parts.append(str(say("FULL")))
        return printable("  ".join(part for part in parts if part))


def tree(groups: Mapping[str, Group], names: Mapping[str, str], sizes: Mapping[str, Size]) -> tuple[Node, ...]:
    """Every group, each after its parent and before its next sibling; siblings by key.

    `names` and `sizes` are by group key and may lack some. Parents are known and go round in no circle.
    """
    below: dict[str | None, list[str]] = {}
    for key in sorted(groups, reverse=True):
        below.setdefault(groups[key].parent, []).append(key)
    found: list[Node] = []
    waiting = [(key, 0) for key in below.get(None, ())]
    while waiting:
        key, depth = waiting.pop()
        group = groups[key]
        name = names.get(key) or group.name or ""
        found.append(Node(key, name, group.id, depth, group.parent, sizes.get(key)))
        waiting.extend((child, depth + 1) for child in below.get(key, ()))
    return tuple(found)


def graph_text(nodes: tuple[Node, ...], *, color: bool = False) -> str:
    """The tree for a terminal."""
    paint = Paint(color)
    return "".join(f"{branch}{_painted(node, paint)}\n" for node, branch in zip(nodes, _branches(nodes), strict=True))


def _painted(node: Node, paint: Paint) -> str:
    return paint("delete", node.label) if node.size is not None and node.size.full else node.label


def _branches(nodes: tuple[Node, ...]) -> Iterator[str]:
    """What is drawn before each node. Whether more siblings follow is known from the end."""
    drawn: list[str] = []
    open_levels: set[int] = set()
    for node in reversed(nodes):
        open_levels = {level for level in open_levels if level <= node.depth}
        lines = "".join("│  " if level in open_levels else "   " for level in range(1, node.depth))
        corner = ("├─ " if node.depth in open_levels else "└─ ") if node.depth else ""
        drawn.append(lines + corner)
        open_levels.add(node.depth)
    return reversed(drawn)


def graph_mermaid(nodes: tuple[Node, ...]) -> str:
    """The tree in Mermaid's language, which GitHub draws. Names are texts there, whatever they are."""
    number = {node.key: count for count, node in enumerate(nodes)}
    lines = ["graph TD"]
    lines += [f'  g{number[node.key]}["{_entities(node.label)}"]' for node in nodes]
    lines += [f"  g{number[node.parent]} --> g{number[node.key]}" for node in nodes if node.parent is not None]
    full = [f"g{number[node.key]}" for node in nodes if node.size is not None and node.size.full]
    if full:
        lines += ["  classDef full stroke:#c00,stroke-width:3px", f"  class {','.join(full)} full"]
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    """Letters and digits as they are, every sign by its number, so that none means anything to Mermaid."""
    return "".join(char if char.isalnum() or char in " -" else f"#{ord(char)};" for char in text)


def graph_svg(nodes: tuple[Node, ...]) -> str:
    """The tree as a picture that needs no font of its own, no script and no browser to make."""
    row = {node.key: count for count, node in enumerate(nodes)}
    wide = max((node.depth * _STEP + columns(node.label) * _COLUMN for node in nodes), default=0)
    width, height = round(wide + 4 * _EDGE), len(nodes) * _ROW + 2 * _EDGE
    size = f'width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="14">',
        f'  <rect {size} fill="#fff"/>',
    ]
    for node in nodes:
        x, y = _corner(node, row)
        if node.parent is not None:
            above = row[node.parent] * _ROW + _EDGE + _ROW - 4
            lines.append(f'  <path d="M{x - 14} {above}V{y - 5}H{x - 4}" fill="none" stroke="#999"/>')
        style = ' fill="#c00" font-weight="bold"' if node.size is not None and node.size.full else ' fill="#222"'
        lines.append(f'  <text x="{x}" y="{y}"{style} xml:space="preserve">{_escaped(node.label)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _corner(node: Node, row: Mapping[str, int]) -> tuple[int, int]:
    return _EDGE + node.depth * _STEP, _EDGE + row[node.key] * _ROW + 18


def _escaped(text: str) -> str:
    """A text in XML, which has no way at all to hold two characters that are nobody's."""
    return html.escape(text.replace("\ufffe", "?").replace("\uffff", "?"))
