"""One search of a message for the leaves of every condition of a group.

Texts are found together by Aho-Corasick, expressions by a set of RE2 that says which of them match; only those are
matched alone, for where they match and what their groups take. What resembles is compared in one call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from qqgroup_provision.behavior import dialect, personal, qr
from qqgroup_provision.behavior.conditions import (
    Expression,
    Fuzzy,
    Has,
    Hit,
    How,
    Leaf,
    Link,
    Longer,
    Personal,
    Phishing,
    Qr,
    Trait,
    Words,
)
from qqgroup_provision.behavior.event import (
    At,
    Card,
    File,
    Forwarded,
    Image,
    Message,
    Segment,
    parts_of,
    text_of,
)
from qqgroup_provision.behavior.event import Text as Said
from qqgroup_provision.behavior.hosts import imitates
from qqgroup_provision.behavior.links import MOST, host_form, hosts_in, is_among
from qqgroup_provision.behavior.normal import Normal, fold, is_han, normal

LONGEST = 5000  # characters of a message that are looked at; QQ takes about as many
LONGEST_LINKED = 10_000  # characters that are looked through for links, with what a message forwards
LONGEST_RESEMBLING = 200  # characters of a message that is compared with sentences

# The packages without which nothing can be searched, and the extra they come with.
PACKAGES = ("ahocorasick_rs", "rapidfuzz", "re2")
EXTRA = "bot"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as conditions see it: its own text, and what is in it and in what it forwards."""

    text: Normal
    traits: frozenset[Trait] = frozenset()
    hosts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()  # what the QR codes of its pictures say


def heard(message: Message, *, links: bool = True) -> Heard:
    """What conditions see of a message. Text counts only where the sender wrote it; links are told if asked for."""
    text = normal(text_of(message.segments)[:LONGEST])
    if not links and len(message.segments) == 1 and isinstance(message.segments[0], Said):
        return Heard(text)  # as most messages are
    parts = tuple(parts_of(message.segments))
    hosts = tuple(dict.fromkeys(islice(_hosts(text.original, parts), MOST))) if links else ()
    codes = (code for part in parts if isinstance(part, Image) for code in part.codes or ())
    return Heard(text, frozenset(_traits(parts, message.me)), hosts, tuple(dict.fromkeys(islice(codes, MOST))))


def _traits(parts: Iterable[Segment], me: int) -> Iterator[Trait]:
    kinds = {Image: Trait.IMAGE, File: Trait.FILE, Card: Trait.CARD, Forwarded: Trait.FORWARDED}
    for part in parts:
        if type(part) in kinds:
            yield kinds[type(part)]
        elif isinstance(part, At) and part.qq == me != 0:
            yield Trait.AT_ME


def _hosts(text: str, parts: Sequence[Segment]) -> Iterator[str]:
    left = LONGEST_LINKED
    for written in _written(text, parts):
        yield from hosts_in(written[:left])
        left -= len(written)
        if left <= 0:
            return


def _written(text: str, parts: Sequence[Segment]) -> Iterator[str]:
    """Where links may stand: in the whole text, for one may go on from part to part, and in each part by itself."""
    yield text
    for part in parts:
        written = part.text if isinstance(part, Said) else part.url if isinstance(part, Card) else ""
        if written[:LONGEST] != text:
            yield written[:LONGEST]


class Index:
    """What is looked for in every message of a group. Made once; searching changes nothing."""

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        known = tuple(dict.fromkeys(leaves))
        self._texts: dict[str, list[Words]] = defaultdict(list)
        for leaf in known:
            if isinstance(leaf, Words):
                self._texts[fold(leaf.written)].append(leaf)
        self._texts.pop("", None)
        self._needles = [(text, tuple(words)) for text, words in self._texts.items() if _anywhere(words)]
        self._traits = [leaf for leaf in known if isinstance(leaf, Has)]
        self._links = [(leaf, [host_form(host) for host in leaf.hosts]) for leaf in known if isinstance(leaf, Link)]
        self._expressions = [leaf for leaf in known if isinstance(leaf, Expression)]
        self._fuzzy = [leaf for leaf in known if isinstance(leaf, Fuzzy)]
        self._longer = [leaf for leaf in known if isinstance(leaf, Longer)]
        self._personal = [leaf for leaf in known if isinstance(leaf, Personal)]
        self._phishing = [leaf for leaf in known if isinstance(leaf, Phishing)]
        self._codes = [leaf for leaf in known if isinstance(leaf, Qr)]
        self._automaton = _automaton([text for text, _ in self._needles]) if self._needles else None
        self._set = _set([leaf.written for leaf in self._expressions]) if self._expressions else None
        self._sentences = [fold(leaf.written) for leaf in self._fuzzy]
        self._single: dict[int, Any] = {}

    @property
    def links(self) -> bool:
        """Whether anything is to be known of links."""
        return bool(self._links or self._phishing)

    @property
    def personal(self) -> frozenset[str]:
        """The sorts of personal data that are looked for."""
        return frozenset(sort for leaf in self._personal for sort in leaf.sorts)

    @property
    def codes(self) -> bool:
        """Whether anything is to be known of QR codes."""
        return bool(self._codes)

    def search(self, message: Heard) -> dict[Leaf, Hit]:
        """Every leaf that the message has, with where."""
        text = message.text
        hits = self._standing(text)
        for number in self._matching(text.text) if self._expressions else ():
            hit = match_hit(self._one(number), text)
            if hit is not None:
                hits[self._expressions[number]] = hit
        if self._fuzzy and len(text.text) <= LONGEST_RESEMBLING:
            hits.update(self._resembling(text))
        if message.traits:
            hits.update((has, Hit()) for has in self._traits if has.trait in message.traits)
        if message.hosts:
            hits.update((link, Hit()) for link, hosts in self._links if leads(link, hosts, message.hosts))
            hits.update((leaf, Hit()) for leaf in self._phishing if deceives(leaf, message.hosts))
        if message.codes:
            hits.update((leaf, Hit()) for leaf in self._codes if qr.found(leaf, message.codes))
        for leaf in self._personal:
            hit = personal.first(text, leaf.sorts)
            if hit is not None:
                hits[leaf] = hit
        if self._longer:
            hits.update((longer, Hit()) for longer in self._longer if len(text.original) > longer.characters)
        return hits

    def _standing(self, text: Normal) -> dict[Leaf, Hit]:
        """The texts that stand in a message as they should, each where it does first."""
        hits: dict[Leaf, Hit] = {}
        for words in self._texts.get(text.text, ()):
            if words.how is How.EQUALS:
                hits[words] = _hit(text, 0, len(text.text))
        if self._automaton is None:
            return hits
        settled: set[int] = set()
        for number, start, end in self._automaton.find_matches_as_indexes(text.text, overlapping=True):
            if number in settled:
                continue  # one letter over and over again has each text that is made of it at every place
            several = self._needles[number][1]
            for words in several:
                if words not in hits and stands(words.how, text.text, start, end):
                    hits[words] = _hit(text, start, end)
            if all(words in hits for words in several):
                settled.add(number)
        return hits

    def _matching(self, text: str) -> Iterable[int]:
        """The numbers of the expressions that match; of all, where the set had no memory to tell."""
        numbers = self._set.Match(text) if self._set is not None else None
        everything = range(len(self._expressions))
        if numbers is None:
            return everything
        return [number for number in numbers if number in everything] if len(numbers) > 1 else ()

    def _one(self, number: int) -> Any:
        """A single expression. Most are never needed, so each is made when it is."""
        if number not in self._single:
            self._single[number] = compiled(self._expressions[number])
        return self._single[number]

    def _resembling(self, text: Normal) -> Iterator[tuple[Leaf, Hit]]:
        from rapidfuzz import fuzz, process

        least = min(leaf.score for leaf in self._fuzzy)
        near = process.extract(text.text, self._sentences, scorer=fuzz.ratio, score_cutoff=least, limit=None)
        for _, score, number in near:
            if score >= self._fuzzy[number].score:
                yield self._fuzzy[number], _hit(text, 0, len(text.text), int(score))


def stands(how: How, text: str, start: int, end: int) -> bool:
    """Whether a text that is at this range stands as it should.

    A word ends where no letter or digit goes on. Chinese has no such borders, so each place of a Chinese
    character is one.
    """
    if how is How.CONTAINS:
        return True
    if how is How.WHOLE_WORD:
        return not (start and _goes_on(text[start - 1], text[start])) and not (
            end < len(text) and _goes_on(text[end - 1], text[end])
        )
    return start == 0 and (how is How.PREFIX or end == len(text))


def _goes_on(first: str, second: str) -> bool:
    return _in_word(first) and _in_word(second)


def _in_word(char: str) -> bool:
    """Whether a character belongs to a word that has borders: Chinese and Japanese set no blanks."""
    return (char.isalnum() or char == "_") and not (is_han(char) or "\u3040" <= char <= "\u30ff")


def compiled(expression: Expression) -> Any:
    """The single expression, for texts in their normal form."""
    import re2  # type: ignore[import-untyped]

    return re2.compile(dialect.folded(expression.written), dialect.options())


def match_hit(single: Any, text: Normal) -> Hit | None:
    """Where an expression matches first, and what its groups take of what was written."""
    match = single.search(text.text)
    if match is None:
        return None
    captures = {str(number): _taken(text, match, number) for number in range(match.re.groups + 1)}
    captures.update((name, captures[str(number)]) for name, number in match.re.groupindex.items())
    start, end = match.span()
    return Hit(text, start, end, captures)


def _taken(text: Normal, match: Any, number: int) -> str:
    start, end = match.span(number)
    return text.original[slice(*text.span(start, end))] if start >= 0 else ""


def leads(link: Link, hosts: Collection[str], found: Iterable[str]) -> bool:
    """Whether one of the hosts found is one the condition is about."""
    return any(is_among(host, hosts) is not link.others for host in found)


def deceives(leaf: Phishing, found: Iterable[str]) -> bool:
    """Whether one of the hosts found is on one of the lists, or passes itself off as another."""
    imitated = [host_form(host) for host in leaf.imitated]
    return any(imitates(host, imitated) or any(one.takes(host) for one in leaf.lists) for host in found)


def _hit(text: Normal, start: int, end: int, score: int = 100) -> Hit:
    return Hit(text, start, end, score=score)


def _anywhere(words: Iterable[Words]) -> bool:
    return any(leaf.how is not How.EQUALS for leaf in words)


def _automaton(texts: list[str]) -> Any:
    import ahocorasick_rs

    return ahocorasick_rs.AhoCorasick(texts)


def _set(expressions: list[str]) -> Any:
    """All expressions as one; `None` for more than fit.

    The last one matches always: RE2 says in the same way that none matches and that it ran out of memory, and so the
    two can be told apart.
    """
    import re2

    made = re2.Set.SearchSet(dialect.options())
    for written in expressions:
        made.Add(dialect.folded(written))
    made.Add("")
    try:
        made.Compile()
    except re2.error:
        return None
    return made
