"""What activities say, as plain values that can be remembered: said again, it is said in the very same words.

A message is a row of pieces, each somebody who is mentioned (0: nobody) and the text after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from qqgroup_provision.behavior.event import At, Message, Person, Segment, Text, text_of
from qqgroup_provision.behavior.normal import fold

Piece: TypeAlias = tuple[int, str]
Script: TypeAlias = tuple[Piece, ...]  # one message

_NEXT = -1  # between two messages in a row that is remembered
_LONGEST_NAME = 20


def segments(script: Script) -> tuple[Segment, ...]:
    """A message as it is sent."""
    return tuple(_segments(script))


def _segments(script: Script) -> Iterator[Segment]:
    for qq, text in script:
        if qq:
            yield At(qq)
        if text:
            yield Text(text)


def joined(scripts: Iterable[Script]) -> tuple[Piece, ...]:
    """Several messages in one row."""
    row: list[Piece] = []
    for script in scripts:
        row += [(_NEXT, ""), *script]
    return tuple(row)


def parted(row: Iterable[Piece]) -> tuple[Script, ...]:
    """The messages of a row."""
    scripts: list[list[Piece]] = []
    for piece in row:
        if piece[0] == _NEXT:
            scripts.append([])
        elif scripts:
            scripts[-1].append(piece)
    return tuple(map(tuple, scripts))


def name_of(person: Person) -> str:
    """What somebody is called, on one line and not too long: names are written by strangers."""
    return " ".join(person.name.split())[:_LONGEST_NAME] or str(person.qq)


def after(word: str, message: Message) -> str | None:
    """What a message says after a word it begins with, in the form texts are compared in; `None` if it does not."""
    said, begins = fold(text_of(message.segments)[:500]), fold(word)
    return said[len(begins) :].strip() if said.startswith(begins) else None
