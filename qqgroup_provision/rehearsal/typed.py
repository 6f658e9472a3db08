"""Messages as people type or export them: one text, in which mentions and pictures are written out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from qqgroup_provision.behavior.event import At, Card, File, Image, Other, Segment, Text

_LONGEST_NAME = 60  # bytes that QQ takes for a card, so no name has more characters
_PARTS = re.compile(
    rf"@(?P<name>[^\s@\[]{{1,{_LONGEST_NAME}}})"
    r"|\[(?P<kind>图片|image|表情|face|文件|file|卡片|card)(?:[:：](?P<value>[^\[\]\n]{0,500}))?\]"
)
_EVERYBODY = ("全体成员", "all")
_KINDS = {"图片": "image", "表情": "face", "文件": "file", "卡片": "card"}


def segments_of(text: str, numbers: Mapping[str, int]) -> tuple[Segment, ...]:
    """The parts of a text: `@name` of whoever is in `numbers`, `@all`, `[image]`, `[face]`, `[file:name]` and
    `[card:address]`, and the Chinese words that QQ's own export has for them. Everything else is text."""
    if "@" not in text and "[" not in text:
        return (Text(text),) if text else ()
    return tuple(_segments(text, numbers))


def _segments(text: str, numbers: Mapping[str, int]) -> Iterator[Segment]:
    plain = done = 0
    while (found := _PARTS.search(text, done)) is not None:
        segment, done = _segment(found, numbers)
        if segment is None:
            continue
        if found.start() > plain:
            yield Text(text[plain : found.start()])
        yield segment
        plain = done
    if plain < len(text):
        yield Text(text[plain:])


def _segment(found: re.Match[str], numbers: Mapping[str, int]) -> tuple[Segment | None, int]:
    """What was found, with where it ends: a name may be shorter than what stands after the @."""
    if found["name"] is not None:
        for length in range(len(found["name"]), 0, -1):
            name = found["name"][:length]
            if name in numbers or name in _EVERYBODY:
                return At(numbers.get(name)), found.start() + 1 + length
        return None, found.end()
    value = found["value"] or ""
    kind = _KINDS.get(found["kind"], found["kind"])
    segments: dict[str, Segment] = {
        "image": Image(), "face": Other("face"), "file": File(value), "card": Card(url=value)
    }  # fmt: skip
    return segments[kind], found.end()
