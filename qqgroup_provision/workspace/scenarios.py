"""The conversations of `kind: Tests`, typed: what happens to a group's bot, and what has to come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from qqgroup_provision.behavior.event import At, Card, File, Forwarded, Image, Segment, Text
from qqgroup_provision.behavior.event import Person as Actor
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Rank
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.model import Group, Person
from qqgroup_provision.workspace.moments import moment
from qqgroup_provision.workspace.phrases import unknown_person
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

# Actors everybody can use, under numbers that no account of QQ has.
BOT = Actor(4, "bot")
ACTORS = {
    "member": Actor(1, "member"),
    "admin": Actor(2, "admin", Rank.ADMIN),
    "owner": Actor(3, "owner", Rank.OWNER),
    "bot": BOT,
}


@dataclass(frozen=True, slots=True)
class Spoke:
    """Somebody says something."""

    actor: Actor
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody comes in."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Went:
    """Somebody goes."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to come of a step. `None` is not asked about; `silent` is that nothing may be said."""

    silent: bool = False
    equals: tuple[str, ...] | None = None
    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    image: bool | str | None = None
    by: str | None = None
    actions: tuple[str, ...] | None = None

    @property
    def reply(self) -> bool:
        """Whether something has to be said."""
        return self.equals is not None or bool(self.contains or self.excludes) or self.image is not None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, `after` seconds later than the one before; `None` is that time goes by."""

    happens: Spoke | Came | Went | None
    after: float
    expected: Expected | None
    place: Place  # of what is expected, where something is; else of the step


@dataclass(frozen=True, slots=True)
class Scenario:
    """A conversation. `names` are what mentions are shown as, by QQ number."""

    group: str
    name: str
    begins: datetime | None
    steps: tuple[Step, ...]
    names: Mapping[int, str]
    place: Place


class ScenarioBuilder:
    """Builds the scenarios of a workspace's groups. Faults are collected in `found`."""

    def __init__(
        self, groups: Mapping[str, Group], people: Mapping[str, Person], positions: Positions, zone: tzinfo
    ) -> None:
        self.found: list[Diagnostic] = []
        self._groups = groups
        self._people = people
        self._positions = positions
        self._zone = zone
        self._names = {actor.qq: name for name, actor in ACTORS.items()} | {p.qq: p.key for p in people.values()}

    def build(self, document: Document) -> tuple[Scenario, ...]:
        group = self._groups.get(document.data["group"])
        if group is None:
            self.found.append(
                Diagnostic(
                    "QG337",
                    say("There is no group `{name}` to be tested.", name=document.data["group"]),
                    place=self._positions.value(document.data, "group", document.place),
                    hint=suggest(document.data["group"], self._groups),
                )
            )
            return ()
        return tuple(self._scenario(item, group, document.place) for item in document.data["scenarios"])

    def _scenario(self, item: Mapping[str, Any], group: Group, fallback: Place) -> Scenario:
        place = self._positions.value(item, "name", fallback)
        begins = moment(item["at"], self._zone) if "at" in item else None
        if "at" in item and begins is None:
            self.found.append(
                Diagnostic(
                    "QG319",
                    say("There is no such time as `{written}`.", written=item["at"]),
                    place=self._positions.value(item, "at", fallback),
                    hint=say("Write it as 2026-12-01T09:00, or with an offset as 2026-12-01T09:00+08:00."),
                )
            )
        steps = tuple(
            self._step(step, group, self._positions.key(item["steps"], n, place))
            for n, step in enumerate(item["steps"])
        )
        return Scenario(group.key, item["name"], begins, steps, self._names, place)

    def _step(self, written: Mapping[str, Any], group: Group, fallback: Place) -> Step:
        happening = [key for key in ("say", "join", "leave") if key in written]
        if len(happening) > 1 or ("from" in written and "say" not in written):
            self.found.append(
                Diagnostic(
                    "QG338",
                    say("A step is one thing: `say` with `from`, `join`, `leave`, or only time that goes by."),
                    place=self._positions.key(written, next(key for key in written if key != "after"), fallback),
                    hint=say("Make two steps of it."),
                )
            )
        happens: Spoke | Came | Went | None = None
        if "say" in written:
            actor = self._actor(written, "from", group, fallback) if "from" in written else ACTORS["member"]
            happens = Spoke(actor, tuple(self._segments(written["say"], group, fallback)))
        elif "join" in written:
            happens = Came(self._actor(written, "join", group, fallback))
        elif "leave" in written:
            happens = Went(self._actor(written, "leave", group, fallback))
        after = seconds(written["after"]) if "after" in written else 0.0
        if "expect" not in written:
            return Step(happens, after, None, fallback)
        place = self._positions.key(written, "expect", fallback)
        return Step(happens, after, self._expected(written["expect"], group, place), place)

    def _actor(self, written: Any, key: Any, group: Group, fallback: Place) -> Actor:
        name = written[key]
        if name in ACTORS:
            return ACTORS[name]
        person = self._people.get(name) or _numbered(name)
        if person is None:
            self.found.append(unknown_person(name, self._positions.value(written, key, fallback)))
            return ACTORS["member"]
        admin = any(role.admin is True and person in role.members for role in group.roles or ())
        return Actor(person.qq, person.name, Rank.ADMIN if admin else Rank.MEMBER)

    def _segments(self, written: Any, group: Group, fallback: Place) -> Iterator[Segment]:
        parts = [written] if isinstance(written, str) else written
        for part in parts:
            if isinstance(part, str):
                yield Text(part)
                continue
            ((key, value),) = part.items()
            if key == "at":
                yield At(None if value == "all" else self._actor(part, "at", group, fallback).qq)
            elif key == "forwarded":
                yield Forwarded(tuple((Text(text),) for text in value))
            elif key == "card":
                yield Card(url=value)
            else:
                yield {"text": Text, "file": File}[key](value) if key != "image" else Image()

    def _expected(self, written: Mapping[str, Any], group: Group, place: Place) -> Expected:
        by = written.get("by")
        known = {str(item.key or item.kind) for item in group.behavior.items()} if group.behavior else set()
        if by is not None and by not in known:
            self.found.append(
                Diagnostic(
                    "QG339",
                    say("Nothing of the group's behaviour is called `{name}`.", name=by),
                    place=self._positions.value(written, "by", place),
                    hint=suggest(by, known),
                )
            )
        reply = written.get("reply", {})
        actions = tuple(written["actions"]) if "actions" in written else None
        if isinstance(reply, str):
            return Expected(reply == "none", None if reply == "none" else (reply,), by=by, actions=actions)
        return Expected(
            equals=_many(reply["equals"]) if "equals" in reply else None,
            contains=_many(reply.get("contains", ())),
            excludes=_many(reply.get("excludes", ())),
            image=reply.get("image"),
            by=by,
            actions=actions,
        )


def _many(written: Any) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else tuple(written)


def _numbered(name: Any) -> Person | None:
    if isinstance(name, int) or (isinstance(name, str) and name.isascii() and name.isdigit()):
        return Person(f"qq-{name}", int(name), str(name))
    return None
