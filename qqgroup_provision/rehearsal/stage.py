"""One group's bot on a stage: the engine with a memory and a clock that only moves when it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, Kick, Mute, Recall, Say, Wake
from qqgroup_provision.behavior.event import At, Event, Image, Segment, Text, Tick
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.prepared import Prepared

ME = 4  # the bot's own number on the stage: no account of QQ has one so small
_WORDS = {Recall: "recall", Mute: "mute", Kick: "kick"}


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot said: as people read it, with mentions as `@name`; the pictures in it; which item said it."""

    text: str
    images: tuple[str, ...]
    item: Address | None


class Stage:
    """Events of one group in the order of time."""

    def __init__(self, prepared: Prepared, now: datetime, names: Mapping[int, str]) -> None:
        self.now = now
        self._prepared = prepared
        self._names = names
        self._memory = Notebook()
        self._due: set[datetime] = set()

    def wait(self, seconds: float) -> Iterator[Decision]:
        """Let time go by, and give what the bot does meanwhile of what it had put off."""
        until = self.now + timedelta(seconds=seconds)
        while self._due and (first := min(self._due)) <= until:
            self._due.discard(first)
            self.now = max(self.now, first)
            yield self.happen(Tick(self._prepared.configuration.group_id, self.now, ME))
        self.now = until

    def happen(self, event: Event) -> Decision:
        """Let something happen now."""
        decision = decide(event, self._prepared, self._memory, self.now)
        self._memory.change(decision.changes)
        self._due.update(action.at for action in decision.actions if isinstance(action, Wake))
        return decision

    def said(self, decision: Decision) -> Iterator[Said]:
        """What a decision says, each with the item that says it."""
        for action in decision.actions:
            if isinstance(action, Say):
                yield Said(self.read(action.segments), _images(action.segments), action.item)

    def done(self, decision: Decision) -> Iterator[tuple[str, Address | None]]:
        """What a decision does, in the words of YAML, each with the item that does it."""
        for action in decision.actions:
            if isinstance(action, Say):
                yield "warn" if action.item is not None and action.item.kind == "rule" else "say", action.item
            elif not isinstance(action, Wake):
                yield _WORDS[type(action)], action.item

    def read(self, segments: tuple[Segment, ...]) -> str:
        """A message as people read it."""
        return "".join(
            part.text if isinstance(part, Text) else f"@{self._names.get(part.qq or 0, part.qq)}"
            for part in segments
            if isinstance(part, Text | At)
        )


def _images(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    return tuple(part.source for part in segments if isinstance(part, Image))
