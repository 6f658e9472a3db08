"""A chat log replayed: what the bot would have done about it, and what it would have done before a change.

People in a log go on talking whatever a bot would have done to them: it shows what would be hit, not what would have
come of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decision import Decision, Verdict
from qqgroup_provision.behavior.event import At, Event, Joined, Left, Message, Text, text_of
from qqgroup_provision.behavior.personal import hidden
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.deeds import brief
from qqgroup_provision.rehearsal.fading import FadingNotebook
from qqgroup_provision.rehearsal.logs import Kind, Logged
from qqgroup_provision.rehearsal.stage import ME, Stage

# With a longer pause in a log nothing that was put off is waited for: times in it may be anything.
_LONGEST_PAUSE = timedelta(hours=1)
_NOT_ME = 10**12 + ME  # whoever has the bot's number on stage, in a log whose numbers were made up
_LONGEST_EXAMPLE = 200  # characters of a message that is kept as an example


@dataclass(frozen=True, slots=True)
class Example:
    """A message of the log, cut, and what was done about it, in words of YAML."""

    at: datetime
    qq: int
    text: str
    now: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What an item would have done: messages it would have acted on (or, on trial, counted), what was done, and why
    it was held back."""

    hits: int = 0
    trial: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    held: Counter[Verdict] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


class Difference(Enum):
    """How two behaviours differ about one message."""

    NEW = "new"  # only the new one does anything
    GONE = "gone"  # only the old one did
    OTHER = "other"  # another item, or other actions
    WORDS = "words"  # the same, in other words


@dataclass(slots=True)
class Differing:
    """The messages about which two behaviours differ in one way."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Backtest:
    """What came of a whole log. `before` is there when there was something to compare with."""

    messages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    now: dict[Address, Tally] = field(default_factory=dict)
    before: dict[Address, Tally] | None = None
    differences: dict[Difference, Differing] = field(default_factory=dict)

    def share(self, tally: Tally) -> float:
        """The share of all messages that an item hit, in percent."""
        return 100.0 * (tally.hits + tally.trial) / self.messages if self.messages else 0.0

    def broad(self, percent: float) -> Iterator[Address]:
        """The rules that hit more than so many percent of all messages."""
        for address, tally in self.now.items():
            if address.kind == "rule" and self.share(tally) > percent:
                yield address


def backtest(
    log: Iterable[Logged], now: Prepared, before: Prepared | None = None, *, me: int = 0, examples: int = 3
) -> Backtest:
    """Replay a log to one behaviour, or to two side by side. `me` is the number of the bot's own account in the log.
    Of everything that is found so many examples are kept."""
    found = Backtest(before=None if before is None else {})
    sides = [_Side(now, found.now, examples)]
    if before is not None and found.before is not None:
        sides.append(_Side(before, found.before, examples))
    clock: datetime | None = None
    for number, logged in enumerate(log):
        clock = logged.at if clock is None else max(clock, logged.at)
        event = _event(logged, f"log/{number}", now.configuration.group_id, me, clock)
        found.first = found.first or clock
        found.last = clock
        done = [side.happen(event) for side in sides]
        if isinstance(event, Message):
            found.messages += 1
            if len(done) == 2 and done[0] != done[1]:
                hides = now.index.personal | (before.index.personal if before is not None else frozenset())
                _differ(_hidden(event, hides), done[0], done[1], found.differences, examples)
    return found


def _event(logged: Logged, id: str, group: int, me: int, at: datetime) -> Joined | Left | Message:  # noqa: A002
    """What the engine is told. A log that goes back in time does so at once, as if it had been written late."""
    qq = logged.person.qq
    person = replace(logged.person, qq=ME if me and qq == me else _NOT_ME if qq == ME else qq)
    if logged.kind is Kind.JOIN:
        return Joined(group, person, at, ME)
    if logged.kind is Kind.LEAVE:
        return Left(group, person, at, None, ME)
    heard = tuple(At(ME) if me and part == At(me) else part for part in logged.segments)
    return Message(group, id, person, heard, at, ME)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done about a message: the actions with their items, and the words that were said."""

    actions: tuple[tuple[str, Address | None], ...]
    words: tuple[str, ...]


_NOTHING = _Done((), ())


class _Side:
    """One behaviour, and what it would have done."""

    def __init__(self, prepared: Prepared, tallies: dict[Address, Tally], examples: int) -> None:
        self._prepared = prepared
        self._tallies = tallies
        self._examples = examples
        self._memory = FadingNotebook()
        self._stage: Stage | None = None
        for address in prepared.configuration.items():
            tallies[address] = Tally()

    def happen(self, event: Joined | Left | Message) -> _Done:
        """Let time go by up to an event, and let it happen."""
        if self._stage is None:
            self._stage = Stage(self._prepared, event.at, {}, self._memory)
        stage = self._stage
        if event.at - stage.now > _LONGEST_PAUSE:
            stage.now = event.at - _LONGEST_PAUSE
        if event.at > stage.now:
            for decision in stage.wait((event.at - stage.now).total_seconds()):
                self._count(decision, None, stage)
        decision = stage.happen(event)
        self._memory.fade(stage.now)
        if not decision.actions and not decision.reasons:
            return _NOTHING
        self._count(decision, event, stage)
        return _Done(tuple(brief(decision, stage)), tuple(said.text for said in stage.said(decision)))

    def _count(self, decision: Decision, event: Event | None, stage: Stage) -> None:
        """Whatever did something, and a rule that would have but for its trial, has hit; others were held back."""
        done: dict[Address, list[str]] = {}
        for word, item in brief(decision, stage):
            if item is not None:
                done.setdefault(item, []).append(word)
        verdicts: dict[Address, Verdict] = {}
        for reason in decision.reasons:
            if reason.item is not None:
                verdicts.setdefault(reason.item, reason.verdict)
        for item in {**verdicts, **done}:
            tally = self._tallies.setdefault(item, Tally())
            verdict = verdicts.get(item, Verdict.DONE)
            tally.actions.update(word.partition(" ")[0] for word in done.get(item, ()))
            if item in done or verdict is Verdict.DONE:
                tally.hits += 1
            elif verdict is Verdict.TRIAL:
                tally.trial += 1
            else:
                tally.held[verdict] += 1
                continue
            if isinstance(event, Message) and len(tally.examples) < self._examples:
                shown = _hidden(event, self._prepared.index.personal)
                tally.examples.append(_example(shown, now=tuple(done.get(item, ()))))


def _differ(
    message: Message, now: _Done, before: _Done, differences: dict[Difference, Differing], examples: int
) -> None:
    if now.actions == before.actions:
        difference = Difference.WORDS
    elif now.actions and before.actions:
        difference = Difference.OTHER
    else:
        difference = Difference.NEW if now.actions else Difference.GONE
    differing = differences.setdefault(difference, Differing())
    differing.count += 1
    if len(differing.examples) < examples:
        differing.examples.append(_example(message, _told(now), _told(before)))


def _told(done: _Done) -> tuple[str, ...]:
    return tuple(f"{word} ({item.kind}/{item.key})" if item is not None else word for word, item in done.actions)


def _hidden(message: Message, sorts: Collection[str]) -> Message:
    """The message without what is personal, where that is looked for: an example shows no more than a hint of it."""
    said = text_of(message.segments)
    shown = hidden(said, sorts) if sorts else said
    return message if shown == said else replace(message, segments=(Text(shown),))


def _example(message: Message, now: tuple[str, ...] = (), before: tuple[str, ...] = ()) -> Example:
    return Example(message.at, message.sender.qq, text_of(message.segments)[:_LONGEST_EXAMPLE], now, before)
