"""Finds what a group knows: answers that have a title, and texts that were tagged. Compared as conditions compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qqgroup_provision.behavior.conditions import Fuzzy, Words, leaves
from qqgroup_provision.behavior.configuration import Configuration, Reply
from qqgroup_provision.behavior.event import Text
from qqgroup_provision.behavior.normal import fold, is_han
from qqgroup_provision.behavior.rendering import rendered
from qqgroup_provision.behavior.report import shown
from qqgroup_provision.behavior.texts import Kept, one_line
from qqgroup_provision.behavior.topics import SIGN, Topics

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

LONGEST_QUERY = 60  # characters of a query that are looked at
_MOST_WORDS = 6
_LONGEST_RESULT = 60  # characters of a text in a list of results
_ENOUGH = 70.0  # of 100: how well each word of a query is found on the average
_LONGEST = 2000  # characters of an answer that are looked through
_ALIKE = 60.0  # of 100: what is less alike is nothing
_SHORTEST_ALIKE = 3  # characters from which on a word may be spelt a little differently


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, and how well: 100 is every word as it was written."""

    score: float
    line: str


def titled(configuration: Configuration) -> tuple[tuple[Reply, str], ...]:
    """The answers that can be found, each with all that it is found by."""
    return tuple((reply, _searched(reply)) for reply in configuration.replies if reply.title)


def results(
    query: str, texts: Iterable[Kept], topics: Topics, prepared: Prepared, now: datetime
) -> tuple[Result, ...]:
    """The best ones first; answers before texts that fit as well, and later texts before earlier ones. `texts` are
    oldest first.

    Words of a query that are a tag, such as `#求助`, say which texts are meant.
    """
    words = list(dict.fromkeys(query[:LONGEST_QUERY].split()))[:_MOST_WORDS]
    tags = {tag.key for word in words if word[:1] in (SIGN, "＃") and (tag := topics.called(word)) is not None}
    needles = [found for word in words if topics.called(word) is None or word[:1] not in (SIGN, "＃")
               if (found := fold(word))]  # fmt: skip
    if not needles and not tags:
        return ()
    configuration, answers = prepared.configuration, () if tags else prepared.titled
    rated = [
        *(Result(score(needles, known), _answer(reply, configuration, now)) for reply, known in answers),
        *(
            Result(score(needles, fold(one.text)), _text(one, topics, configuration))
            for one in reversed(list(texts))
            if tags <= one.tags
        ),
    ]
    fitting = [result for result in rated if result.score >= _ENOUGH]
    return tuple(sorted(fitting, key=lambda result: -result.score))


def score(needles: list[str], text: str) -> float:
    """How well words are found in a text, both in their normal form: 100 is each of them as it is."""
    return sum(_found(needle, text) for needle in needles) / len(needles) if needles else 100.0


def _found(needle: str, text: str) -> float:
    if needle in text:
        return 100.0
    if len(needle) < _SHORTEST_ALIKE or not text:
        return 0.0
    from rapidfuzz import fuzz  # of the extra; loaded where somebody searches

    alike = float(fuzz.partial_ratio(needle, text[:_LONGEST], score_cutoff=_ALIKE))
    # Chinese writes without blanks: a question is found by the words that it has in common with a text.
    return max(alike, _pairs(needle, text)) if any(map(is_han, needle)) else alike


def _pairs(needle: str, text: str) -> float:
    """How many of the pairs of neighbouring characters are in the text."""
    pairs = [needle[n : n + 2] for n in range(len(needle) - 1)]
    return 100.0 * sum(pair in text for pair in pairs) / len(pairs)


def _searched(reply: Reply) -> str:
    """What an answer is found by: its title, what it answers to, and what it says."""
    asked = (leaf.written for leaf in leaves(reply.when) if isinstance(leaf, Words | Fuzzy))
    said = (part for saying in reply.sayings for part in _written(saying.pieces))
    return fold("\n".join((reply.title, *asked, *said))[:_LONGEST])


def _written(pieces: Iterable[object]) -> Iterator[str]:
    for piece in pieces:
        yield from (part for part in getattr(piece, "template", ()) if isinstance(part, str))


def _answer(reply: Reply, configuration: Configuration, now: datetime) -> str:
    segments = rendered(reply.sayings[0], (), configuration, now)
    said = "".join(part.text for part in segments if isinstance(part, Text))
    return f"【常见问题】{one_line(reply.title)}：{one_line(said, 2 * _LONGEST_RESULT)}"


def _text(one: Kept, topics: Topics, configuration: Configuration) -> str:
    names = "、".join(tag.name for tag in topics.tags if tag.key in one.tags) or "话题"
    day = one.at.astimezone(configuration.zone)
    return f"【{names}】{shown(one.name, one.qq)}（{day.month}月{day.day}日）：{one_line(one.text, _LONGEST_RESULT)}"
