"""Replies, messages and a clock, made with as few words as tests need."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from qqgroup_provision.behavior.conditions import Condition, How, Words
from qqgroup_provision.behavior.configuration import CHINA, Configuration, Piece, Reply, Saying, Spoken
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, Say, Verdict
from qqgroup_provision.behavior.event import At, Event, Message, Person, Segment, Text
from qqgroup_provision.behavior.memory import Memory, Notebook
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.behavior.prepared import Prepared

ME, GROUP = 100000000, 731000001
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=CHINA)
ANN = Person(100000001, "小艾")
BEN = Person(100000002, "小波")


def contains(written: str) -> Words:
    return Words(How.CONTAINS, written)


def saying(*pieces: str | Piece, weight: int = 1) -> Saying:
    return Saying(tuple(Spoken(parse(one)) if isinstance(one, str) else one for one in pieces), weight)


def reply(key: str, when: Condition | str, *pieces: str | Piece, **more: object) -> Reply:
    condition = contains(when) if isinstance(when, str) else when
    return replace(Reply(key, condition, (saying(*(pieces or (key,))),)), **more)  # type: ignore[arg-type]


def ready(*replies: Reply, **more: object) -> Prepared:
    plain = Configuration("hub", GROUP, "总群", replies=replies)
    return Prepared(replace(plain, **more))  # type: ignore[arg-type]


def message(*parts: str | Segment, sender: Person = ANN, id: str = "1", at: datetime = NOON) -> Message:  # noqa: A002
    segments = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(GROUP, id, sender, segments, at, ME)


class Talk:
    """Events in turn, with a memory and a clock of their own."""

    def __init__(self, prepared: Prepared, memory: Memory | None = None) -> None:
        self.now = NOON
        self.memory = memory or Notebook()
        self._prepared = prepared
        self._count = 0

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def event(self, event: Event) -> Decision:
        decision = decide(replace(event, at=self.now), self._prepared, self.memory, self.now)
        self.memory.change(decision.changes)
        return decision

    def hear(self, *parts: str | Segment, sender: Person = ANN) -> Decision:
        self._count += 1
        return self.event(message(*parts, sender=sender, id=str(self._count)))

    def answer(self, *parts: str | Segment, sender: Person = ANN) -> str | None:
        return said(self.hear(*parts, sender=sender))


def said(decision: Decision) -> str | None:
    """What is said, mentions as `@<number>`; `None` where nothing is."""
    spoken = [action for action in decision.actions if isinstance(action, Say)]
    if not spoken:
        return None
    return "".join(
        part.text if isinstance(part, Text) else f"@{part.qq}" if isinstance(part, At) else f"[{type(part).__name__}]"
        for part in spoken[0].segments
    )


def verdicts(decision: Decision) -> dict[str, Verdict]:
    return {str(reason.item or ""): reason.verdict for reason in decision.reasons}
