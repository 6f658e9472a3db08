"""What is counted of a group, day by day: who said how much, who came and went, how often words were said.

Nothing but numbers is kept, under keys that a `Scan` finds by the day: `said/2026-12-01` has a count for each person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import How
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import Joined, Left, Message
from qqgroup_provision.behavior.index import stands
from qqgroup_provision.behavior.memory import Add, Key, Mark, Scan
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.behavior.observing import Statistics, Vocabulary
from qqgroup_provision.behavior.words import words_of

SAID, CAME, WENT = "said", "came", "went"

_fold = lru_cache(maxsize=4096)(fold)


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @classmethod
    def until(cls, last: date, count: int) -> Days:
        return cls(last - timedelta(days=count - 1), last)

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Days:
        """As many days that end where these begin."""
        return Days.until(self.first - timedelta(days=1), self.count)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def item_of(configuration: Configuration) -> str:
    return str(Address(configuration.group, "statistics"))


def counted(
    event: Message | Joined | Left, text: str, configuration: Configuration, settings: Statistics, now: datetime
) -> Iterator[Add]:
    """What an event adds. `text` is what a message says, in its normal form."""
    day = min(event.at, now).astimezone(configuration.zone).date()
    begins = _midnight(day, configuration.zone)
    until = _midnight(day + timedelta(days=1), configuration.zone) + timedelta(seconds=settings.keep)

    def add(what: str, subject: int = 0) -> Add:
        return Add(Key(item_of(configuration), f"{what}/{day}", subject), 1, begins, until)

    if isinstance(event, Message):
        yield add(SAID, event.sender.qq)
        if settings.words is not None:
            yield from _words(settings.words, text, configuration, day)
        words = dict.fromkeys(_word(keyword) for keyword in settings.keywords if is_in(keyword, text))
        yield from map(add, words)  # two that are the same to a reader are one
    else:
        yield add(CAME if isinstance(event, Joined) else WENT, event.person.qq)


def _words(vocabulary: Vocabulary, text: str, configuration: Configuration, day: date) -> Iterator[Add]:
    begins, ends = _midnight(day, configuration.zone), _midnight(day + timedelta(days=1), configuration.zone)
    ignored = frozenset(map(_fold, vocabulary.ignored))
    for word in words_of(text, vocabulary.shortest, ignored):
        key = Key(f"{item_of(configuration)}/words", f"{day}/{word}")
        yield Add(key, 1, begins, ends + timedelta(seconds=vocabulary.keep))


def vocabulary_scan(configuration: Configuration, days: Days) -> Scan:
    """The counts of all words of these days. `0` comes right after `/`."""
    return Scan(f"{item_of(configuration)}/words", f"{days.first}/", f"{days.last}0")


def vocabulary(configuration: Configuration, found: Mapping[Key, Mark], most: int) -> tuple[tuple[str, int], ...]:
    """The words that most messages had, with in how many they were. One that was in a single message may say too
    much of it, and is not told."""
    item = f"{item_of(configuration)}/words"
    counts: Counter[str] = Counter()
    for key, mark in found.items():
        if key.item == item:
            counts[key.what.partition("/")[2]] += mark.count
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple((word, count) for word, count in ordered if count > 1)[:most]


def is_in(keyword: str, text: str) -> bool:
    """Whether a text in its normal form has a word in it: `rust` is not in `trust`."""
    needle, start = _fold(keyword), -1
    while needle and (start := text.find(needle, start + 1)) >= 0:
        if stands(How.WHOLE_WORD, text, start, start + len(needle)):
            return True
    return False


def scan(configuration: Configuration, what: str, days: Days) -> Scan:
    """The counts of these days: `said`, `came` or `went`."""
    return Scan(item_of(configuration), f"{what}/{days.first}", f"{what}/{days.last}")


def word_scan(configuration: Configuration, keyword: str, days: Days) -> Scan:
    """How often a word was said in these days."""
    return scan(configuration, _word(keyword), days)


class Tally:
    """The counts that were found."""

    def __init__(self, configuration: Configuration, found: Mapping[Key, Mark]) -> None:
        item = item_of(configuration)
        self._counts = {
            (what, date.fromisoformat(day), key.subject): mark.count
            for key, mark in found.items()
            if key.item == item
            for what, _, day in (key.what.rpartition("/"),)
            if what
        }

    def of(self, what: str, days: Days) -> Counter[int]:
        """How many there were, by person."""
        found: Counter[int] = Counter()
        for (one, day, subject), count in self._counts.items():
            if one == what and day in days:
                found[subject] += count
        return found

    def said_word(self, keyword: str, days: Days) -> int:
        """The messages that a word was in."""
        return self.of(_word(keyword), days).total()

    def newcomers(self, days: Days) -> dict[int, date]:
        """Who came in these days, and on which of them first."""
        found: dict[int, date] = {}
        for what, day, subject in sorted(self._counts):
            if what == CAME and day in days:
                found.setdefault(subject, day)
        return found

    def speakers_since(self, since: Mapping[int, date], last: date) -> set[int]:
        """Those of these people who have said something on their day or later."""
        return {
            subject
            for what, day, subject in self._counts
            if what == SAID and subject in since and since[subject] <= day <= last
        }


def ranked(counts: Mapping[int, int], top: int) -> Iterator[tuple[int, int, int]]:
    """Rank, person and count of those at the top. Equal counts share a rank; among them the lower number is first."""
    order: Iterable[tuple[int, int]] = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    rank, before = 0, -1
    for position, (person, count) in enumerate(order, 1):
        if position > top:
            return
        rank, before = (rank if count == before else position), count
        yield rank, person, count


def _word(keyword: str) -> str:
    return f"word:{_fold(keyword)}"


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
