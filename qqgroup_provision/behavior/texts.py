"""The texts a group's bot keeps: those that were tagged, each as one mark, for as long as `keep` says.

Who took a message back, or asks to be forgotten, has no text here any more. There are never more than `MOST`: the
oldest makes room. A mark's pairs are who said it, the account that heard it and the id it has there, the keys of its
tags, and what was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember, Shelf
from qqgroup_provision.behavior.topics import KIND, Topics

MOST = 1000  # texts of a group
LONGEST = 300  # characters of a text that are kept
_PREFIX = "text/"
_LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """A tagged text. `id` is what the account `me` calls the message; `at` is when it was kept."""

    qq: int
    name: str
    me: int
    id: str
    tags: frozenset[str]
    text: str
    at: datetime


def shelf(configuration: Configuration) -> Shelf:
    """All that is kept."""
    return Shelf(_item(configuration), _PREFIX, MOST)


def kept(configuration: Configuration, topics: Topics, found: Mapping[Key, Mark], now: datetime) -> dict[Key, Kept]:
    """What lies there, by its key, oldest first, without what is too old."""
    item, texts = _item(configuration), {}
    for key, mark in found.items():
        if key.item == item and key.what.startswith(_PREFIX) and now - mark.at < timedelta(seconds=topics.keep):
            (qq, name), (me, id_), (_, tags), (_, text) = mark.people
            texts[key] = Kept(qq, name, me, id_, frozenset(tags.split()), text, mark.at)
    return texts


def of_message(texts: Mapping[Key, Kept], me: int, id: str) -> Key | None:  # noqa: A002
    """The key of what a message said."""
    return next((key for key, one in texts.items() if (one.me, one.id) == (me, id[:_LONGEST_ID])), None)


def keeping(
    one: Kept, texts: Mapping[Key, Kept], configuration: Configuration, topics: Topics
) -> Iterator[MemoryChange]:
    """Keep a text. Of a message that is there already only the tags change."""
    at = one.at
    known = of_message(texts, one.me, one.id)
    if known is not None:
        at = texts[known].at
        key = known
    else:
        key = Key(
            _item(configuration),
            f"{_PREFIX}{int(at.timestamp() * 1000):014d}/{one.me}/{one.id[:_LONGEST_ID]}"[:100],
            one.qq,
        )
        yield from (Forget(old) for old in list(texts)[: max(0, len(texts) + 1 - MOST)])
    pairs = (
        (one.qq, one.name[:LONGEST]),
        (one.me, one.id[:_LONGEST_ID]),
        (0, " ".join(sorted(one.tags))),
        (0, one.text[:LONGEST]),
    )
    yield Remember(key, Mark(at, pairs), at + timedelta(seconds=topics.keep))


def one_line(text: str, most: int = LONGEST) -> str:
    """A text as it can stand in a line of a list: strangers wrote it."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text[: 8 * most]).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _item(configuration: Configuration) -> str:
    return str(Address(configuration.group, KIND))
