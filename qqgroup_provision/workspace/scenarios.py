"""The conversations of `kind: Tests`, typed: what happens to a group's bot, and what has to come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from qqgroup_provision.behavior.event import At, Card, Elsewhere, File, Forwarded, Image, Quote, Segment, Text
from qqgroup_provision.behavior.event import Person as Actor
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.cast import ACTORS, Cast
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.listing import Listed, listing
from qqgroup_provision.workspace.model import Group, Person
from qqgroup_provision.workspace.moments import moment
from qqgroup_provision.workspace.phrases import unknown_person
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

_ROOM = 1_000_000  # places in a group that is not said to be full


@dataclass(frozen=True, slots=True)
class Spoke:
    """Somebody says something, in which `people` are mentioned."""

    actor: Actor
    segments: tuple[Segment, ...]
    people: tuple[Actor, ...] = ()


@dataclass(frozen=True, slots=True)
class Recarded:
    """Somebody has another card now: that of the actor."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody comes in."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Went:
    """Somebody goes."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks to be let in, with an answer, or is brought along. `full` is that the group has no place.

    `elsewhere` is what is seen of linked groups, and of the places that are left here.
    """

    actor: Actor
    answer: str
    invited: bool = False
    full: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class TookBack:
    """Somebody takes back what they said last."""

    actor: Actor


Happening: TypeAlias = Spoke | TookBack | Recarded | Came | Went | Asked | Listed


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

    happens: Happening | None
    after: float
    expected: Expected | None
    place: Place  # of what is expected, where something is; else of the step
    assistant: str | None = None  # what an assistant answers to it; nothing without


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
        happening = [
            key
            for key in ("say", "join", "leave", "takes_back", "changes_card", "asks_to_join", "members")
            if key in written
        ]
        nobodys = ("from" in written and not {"say", "asks_to_join"} & written.keys()) or (
            "card" in written and not {"say", "changes_card"} & written.keys()
        )
        if len(happening) > 1 or nobodys:
            self.found.append(
                Diagnostic(
                    "QG338",
                    say(
                        "A step is one thing: `say` or `asks_to_join` with `from`, `join`, `leave`, `takes_back`, "
                        "`changes_card`, `members`, or only time."
                    ),
                    place=self._positions.key(written, next(key for key in written if key != "after"), fallback),
                    hint=say("Make two steps of it."),
                )
            )
        happens: Happening | None = None
        if "say" in written:
            actor = self._actor(written, "from", group, fallback) if "from" in written else ACTORS["member"]
            segments = tuple(self._segments(written["say"], group, fallback))
            happens = Spoke(_carded(actor, written), segments, tuple(self._mentioned(written["say"], group)))
        elif "join" in written:
            happens = Came(self._actor(written, "join", group, fallback))
        elif "leave" in written:
            happens = Went(self._actor(written, "leave", group, fallback))
        elif "changes_card" in written:
            happens = Recarded(_carded(self._actor(written, "changes_card", group, fallback), written))
        elif "takes_back" in written:
            happens = TookBack(self._actor(written, "takes_back", group, fallback))
        elif "asks_to_join" in written:
            actor = self._actor(written, "from", group, fallback) if "from" in written else ACTORS["stranger"]
            elsewhere = tuple(self._elsewhere(written["asks_to_join"], group, fallback))
            happens = replace(_asked(written["asks_to_join"], actor), elsewhere=elsewhere)
        elif "members" in written:
            people = (self._actor(item, "who", group, fallback) for item in written["members"])
            happens = Listed(tuple(map(listing, written["members"], people)))
        after = seconds(written["after"]) if "after" in written else 0.0
        if "expect" not in written:
            return Step(happens, after, None, fallback, written.get("assistant"))
        place = self._positions.key(written, "expect", fallback)
        return Step(happens, after, self._expected(written["expect"], group, place), place, written.get("assistant"))

    def _elsewhere(self, written: Any, group: Group, fallback: Place) -> Iterator[Elsewhere]:
        """What the bot sees of this group and of those it is linked with: whoever is not said to be in one is not."""
        asked = written if isinstance(written, dict) else {}
        named = {
            word: self._groups_named(asked, word, fallback) for word in ("in_groups", "full_groups", "unseen_groups")
        }
        full = named["full_groups"] | ({group.id} if asked.get("full") else set())
        links = group.behavior.links if group.behavior is not None else None
        for number in sorted({group.id, *links.neighbours}) if links is not None else ():
            if number not in named["unseen_groups"]:
                yield Elsewhere(number, number in named["in_groups"], 0 if number in full else _ROOM)

    def _groups_named(self, written: Mapping[str, Any], word: str, fallback: Place) -> set[int]:
        found: set[int] = set()
        for index, name in enumerate(written.get(word, ())):
            if name in self._groups:
                found.add(self._groups[name].id)
            else:
                self.found.append(
                    Diagnostic(
                        "QG366",
                        say("There is no group `{name}`.", name=name),
                        place=self._positions.value(written[word], index, fallback),
                        hint=suggest(name, self._groups),
                    )
                )
        return found

    def _actor(self, written: Any, key: Any, group: Group, fallback: Place) -> Actor:
        name = written[key]
        actor = Cast(self._people, group).actor(name)
        if actor is None:
            self.found.append(unknown_person(name, self._positions.value(written, key, fallback)))
            return ACTORS["member"]
        return actor

    def _mentioned(self, written: Any, group: Group) -> Iterator[Actor]:
        cast = Cast(self._people, group)
        for part in written if isinstance(written, list) else ():
            actor = cast.actor(part["at"]) if isinstance(part, dict) and "at" in part else None
            if actor is not None:
                yield actor

    def _segments(self, written: Any, group: Group, fallback: Place) -> Iterator[Segment]:
        parts = [written] if isinstance(written, str) else written
        for part in parts:
            if isinstance(part, str):
                yield Text(part)
                continue
            ((key, value),) = part.items()
            if key == "at":
                yield At(None if value == "all" else self._actor(part, "at", group, fallback).qq)
            elif key == "quote":
                yield Quote("0", self._actor(part, "quote", group, fallback))
            elif key == "forwarded":
                yield Forwarded(tuple((Text(text),) for text in value))
            elif key == "card":
                yield Card(url=value)
            else:
                yield {"text": Text, "file": File}[key](value) if key != "image" else _picture(value)

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


def _carded(actor: Actor, written: Mapping[str, Any]) -> Actor:
    """Somebody with the card that a step tells of, if it does."""
    return replace(actor, card=written["card"]) if "card" in written else actor


def _picture(written: Any) -> Image:
    """A picture, with what its QR codes say, where that is told."""
    if not isinstance(written, dict):
        return Image()
    codes = written["qr"]
    return Image(codes=(codes,) if isinstance(codes, str) else tuple(codes))


def _asked(written: Any, actor: Actor) -> Asked:
    if isinstance(written, str):
        return Asked(actor, written)
    asks = replace(actor, level=written.get("level"))
    return Asked(asks, written.get("answer", ""), written.get("invited", False), written.get("full", False))


def _many(written: Any) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else tuple(written)
