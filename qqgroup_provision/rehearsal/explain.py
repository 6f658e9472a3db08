"""All there is to say of one event: what the bot did, every item it concerned, and why others kept silent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import All, Any, Condition, Leaf, Not, leaves, traced
from qqgroup_provision.behavior.configuration import Configuration, Reply, Rule
from qqgroup_provision.behavior.decision import VERDICTS, Decision, Reason, Verdict
from qqgroup_provision.behavior.event import Message, text_of
from qqgroup_provision.behavior.index import Index, heard
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text, say
from qqgroup_provision.rehearsal.deeds import Deed, deeds
from qqgroup_provision.rehearsal.stage import Stage
from qqgroup_provision.rehearsal.why import Line
from qqgroup_provision.workspace.behavior_document import LISTS

NEAREST = 5  # items that kept silent and are shown with their conditions, unless more are asked for


@dataclass(frozen=True, slots=True)
class Found:
    """A condition that held, and the range of the message in which it was found; an empty one for what is no text."""

    condition: Text
    start: int = 0
    end: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Concerned:
    """An item that had a say, or would have had. Without an item it is about all of them."""

    item: Address | None
    verdict: Verdict
    place: Place | None
    found: tuple[Found, ...]
    note: Text | None = None

    @property
    def sentence(self) -> Text:
        told = VERDICTS[self.verdict]
        return say("{told} ({note})", told=told, note=self.note) if self.note is not None else told


@dataclass(frozen=True, slots=True)
class Silent:
    """An item whose conditions do not hold: all of them, each with whether it does."""

    item: Address
    place: Place
    conditions: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What came of an event. `others` are items that kept silent and are not among `silent`."""

    deeds: tuple[Deed, ...]
    concerned: tuple[Concerned, ...]
    silent: tuple[Silent, ...]
    others: int


def explain(
    decisions: Sequence[Decision],
    message: Message | None,
    prepared: Prepared,
    stage: Stage,
    *,
    asked: Collection[str] = (),
    everything: bool = False,
) -> Explained:
    """Explain the decisions about one event. Of the items that kept silent those are shown of which something was
    found in the message, and those whose key is in `asked`; all with `everything`."""
    places = _places(prepared.configuration)
    reasons = [reason for decision in decisions for reason in decision.reasons]
    concerned = tuple(_concerned(reason, message, places) for reason in reasons)
    silent: tuple[Silent, ...] = ()
    others = 0
    if message is not None:
        spoken_of = {reason.item for reason in reasons}
        quiet = [
            item for item in _judged(prepared.configuration) if prepared.configuration.address(item) not in spoken_of
        ]
        shown = list(_shown(quiet, message, prepared, asked, everything))
        silent = tuple(_silent(item, message, prepared.configuration) for item in shown)
        others = len(quiet) - len(shown)
    done = tuple(deed for decision in decisions for deed in deeds(decision, stage))
    return Explained(done, concerned, silent, others)


def _places(configuration: Configuration) -> dict[Address, Place]:
    """Where in YAML each item stands, as far as it says so."""
    places: dict[Address, Place] = {}
    for name, kind in LISTS.items():
        for item in getattr(configuration, name, ()):
            if isinstance(getattr(item, "place", None), Place):
                places[Address(configuration.group, kind, item.key)] = item.place
    for field in fields(configuration):
        place = getattr(getattr(configuration, field.name), "place", None)
        if isinstance(place, Place):
            places[Address(configuration.group, field.name)] = place
    return places


def _judged(configuration: Configuration) -> tuple[Rule | Reply, ...]:
    return (*configuration.rules, *configuration.replies)


def _concerned(reason: Reason, message: Message | None, places: dict[Address, Place]) -> Concerned:
    text = text_of(message.segments) if message is not None else ""
    found = tuple(Found(because.condition, *because.span, because.quoted(text)) for because in reason.because)
    return Concerned(
        reason.item, reason.verdict, places.get(reason.item) if reason.item else None, found, reason.note
    )


def _shown(
    quiet: Sequence[Rule | Reply], message: Message, prepared: Prepared, asked: Collection[str], everything: bool
) -> Iterator[Rule | Reply]:
    hits = prepared.index.search(heard(message))
    left = NEAREST
    for item in quiet:
        near = left > 0 and any(leaf in hits for leaf in _wanted(_condition(item)))
        left -= near
        if near or everything or item.key in asked:
            yield item


def _wanted(condition: Condition) -> Iterator[Leaf]:
    """The leaves that speak for an item: what must not be there does not."""
    if isinstance(condition, All | Any):
        for part in condition.parts:
            yield from _wanted(part)
    elif not isinstance(condition, Not):
        yield condition


def _silent(item: Rule | Reply, message: Message, configuration: Configuration) -> Silent:
    hits = Index(leaves(_condition(item))).search(heard(message))
    lines = tuple(Line(line.depth, line.text, line.held) for line in traced(_condition(item), hits))
    return Silent(configuration.address(item), item.place, lines)


def _condition(item: Rule | Reply) -> Condition:
    return item.detect if isinstance(item, Rule) else item.when
