"""What the bot says, filled in. Values become text of their own, so nothing in them is ever read as a command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from qqgroup_provision.behavior.configuration import Configuration, Mention, Picture, Saying
from qqgroup_provision.behavior.event import At, Image, Segment, Text
from qqgroup_provision.behavior.placeholders import LONGEST_VALUE

_NOTHING: Mapping[str, str] = MappingProxyType({})


def drawn(sayings: Sequence[Saying], seed: str) -> Saying:
    """One of several, by weight. The same seed always draws the same one, so that a replay says what was said."""
    if len(sayings) == 1:
        return sayings[0]
    number = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()[:8])
    point = number % sum(saying.weight for saying in sayings)
    for saying in sayings:
        point -= saying.weight
        if point < 0:
            return saying
    raise AssertionError("a weight is at least one")


def value_of(name: str, people: Sequence[tuple[int, str]], configuration: Configuration, now: datetime) -> str:
    """What a placeholder stands for; `people` are those it is about, by number and name. Unknown ones are empty."""
    match name:
        case "name":
            return "、".join(known or str(qq) for qq, known in people)
        case "qq":
            return "、".join(str(qq) for qq, _ in people)
        case "group_name":
            return configuration.group_name
        case "group_id":
            return str(configuration.group_id)
        case "date":
            return f"{now.astimezone(configuration.zone):%Y-%m-%d}"
        case "time":
            return f"{now.astimezone(configuration.zone):%H:%M}"
    return ""


def rendered(
    saying: Saying,
    people: Sequence[tuple[int, str]],
    configuration: Configuration,
    now: datetime,
    captures: Mapping[str, str] = _NOTHING,
) -> tuple[Segment, ...]:
    """The segments of a message to these people, by number and name, with what an expression took."""

    def value(name: str) -> str:
        return captures[name] if name in captures else value_of(name, people, configuration, now)

    return tuple(_joined(_segments(saying, [qq for qq, _ in people], value)))


def _segments(saying: Saying, people: Sequence[int], value: Callable[[str], str]) -> Iterator[Segment]:
    for piece in saying.pieces:
        if isinstance(piece, Picture):
            yield Image(piece.path)
        elif isinstance(piece, Mention):
            yield from (At(qq) for qq in ([piece.qq] if piece.qq is not None else people))
        else:
            for part in piece.template:
                if isinstance(part, str):
                    yield Text(part)
                elif part.name == "at":
                    yield from (At(qq) for qq in people)
                else:
                    yield Text(value(part.name)[:LONGEST_VALUE])


def _joined(segments: Iterator[Segment]) -> Iterator[Segment]:
    """Neighbouring texts as one, and none that is empty."""
    text = ""
    for segment in segments:
        if isinstance(segment, Text):
            text += segment.text
            continue
        if text:
            yield Text(text)
            text = ""
        yield segment
    if text:
        yield Text(text)
