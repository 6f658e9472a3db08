"""One group's bot on a stage: the engine with a memory and a clock that only moves when it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import (
    Announce,
    Approve,
    Ask,
    AskMembers,
    Decision,
    Kick,
    Mute,
    MuteAll,
    Note,
    Recall,
    Reject,
    Say,
    SetEssence,
    TickOthers,
    Wake,
)
from qqgroup_provision.behavior.event import Answered, At, Cloud, Event, Image, MutedAll, Segment, Text, Tick
from qqgroup_provision.behavior.memory import Memory, Notebook
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.company import Company

ME = 4  # the bot's own number on the stage: no account of QQ has one so small
_WORDS = {
    Recall: "recall",
    Mute: "mute",
    MuteAll: "mute_all",
    Kick: "kick",
    Announce: "announce",
    SetEssence: "set_essence",
    Approve: "approve",
    Reject: "reject",
    Note: "log",
    Ask: "ask",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the bot said: as people read it, with mentions as `@name`; the pictures in it; which item said it."""

    text: str
    images: tuple[str, ...]
    item: Address | None


class Stage:
    """Events of one group in the order of time."""

    def __init__(
        self, prepared: Prepared, now: datetime, names: Mapping[int, str], memory: Memory | None = None
    ) -> None:
        self.now = now
        self._prepared = prepared
        self._names = names
        self._memory = Notebook() if memory is None else memory
        self.company = Company(ME, now)
        self.assistant: str | None = None  # what an assistant answers, whatever it is asked
        self._due = {now}  # the tick with which a bot begins

    def wait(self, seconds: float) -> Iterator[Decision]:
        """Let time go by, and give what the bot does meanwhile of what it had put off."""
        until = self.now + timedelta(seconds=seconds)
        while self._due and (first := min(self._due)) <= until:
            self._due.discard(first)
            self.now = max(self.now, first)
            entropy = sha256(f"{self.now}".encode()).hexdigest()  # the same each time: nothing is at stake here
            yield self.happen(Tick(self._prepared.configuration.group_id, self.now, ME, entropy))
        self.now = until

    def happen(self, event: Event) -> Decision:
        """Let something happen now. Whoever asks for the members has the list at once; muting everybody succeeds."""
        decision = self._decide(event)
        for told in list(map(self._decide, self._told(decision))):
            decision = Decision(
                (*decision.actions, *told.actions),
                (*decision.reasons, *told.reasons),
                (*decision.changes, *told.changes),
            )
        return decision

    def _told(self, decision: Decision) -> Iterator[Event]:
        """What the engine is told because of what it decided."""
        group = self._prepared.configuration.group_id
        if any(isinstance(action, AskMembers) for action in decision.actions):
            yield self.company.census(group, self.now)
        for action in decision.actions:
            if isinstance(action, MuteAll):
                yield MutedAll(group, action.on, True, self.now, ME)
            elif isinstance(action, Ask):
                yield Answered(group, action.message, action.qq, self.assistant, self.now, self.now, ME)

    def _decide(self, event: Event) -> Decision:
        self.company.see(event, self.now)
        decision = decide(event, self._prepared, self._memory, self.now)
        self._memory.change(decision.changes)
        said = (action.receipt for action in decision.actions if isinstance(action, Say))
        self._memory.change(receipt for receipt in said if receipt is not None)
        self._due.update(action.at for action in decision.actions if isinstance(action, Wake))
        for action in decision.actions:
            if isinstance(action, Kick):
                self.company.gone(action.qq)
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
            elif not isinstance(action, Wake | AskMembers | TickOthers):
                lifts = (isinstance(action, Mute) and not action.seconds) or (
                    isinstance(action, MuteAll) and not action.on
                )
                yield ("un" if lifts else "") + _WORDS[type(action)], action.item

    def name(self, qq: int) -> str:
        """What somebody is called."""
        return self._names.get(qq, str(qq))

    def read(self, segments: tuple[Segment, ...]) -> str:
        """A message as people read it."""
        return "".join(
            part.text
            if isinstance(part, Text)
            else part.instead
            if isinstance(part, Cloud)
            else f"@{self._names.get(part.qq or 0, part.qq)}"
            for part in segments
            if isinstance(part, Text | At | Cloud)
        )


def _images(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    return tuple(part.source for part in segments if isinstance(part, Image))
