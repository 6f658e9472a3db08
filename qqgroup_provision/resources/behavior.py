"""`rule`, `reply`, `welcome`, `farewell` and `behavior`: what a bot is to do in a group, item by item.

A bot has one document for a group, which is swapped as a whole: half of a change is never in force. So the first
change of a group delivers it (planning/delivery.py says which document), and the others come with it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from qqgroup_provision.behavior.configuration import Penalty
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    AccountFacts,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    Rank,
    Reading,
    Value,
)
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.kind import Kind, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    Pace,
    ReadAsset,
    Seen,
)
from qqgroup_provision.workspace.model import Group

DOCUMENT = "behavior:"  # before a group's key: how an operation names the document it delivers
CONTEXT = ("name", "timezone", "roles", "other_bots", "order", "assets")


class BehaviorKind(Kind):
    """Something a bot does. What its document has and YAML does not is removed: nobody else can have put it there."""

    needs = frozenset({Collection.BEHAVIOR})

    def managed(self, group: Group) -> bool:
        return group.bot is not None and group.behavior_document is not None

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        document = group.behavior_document if self.managed(group) else None
        if document is None:
            return {}
        return {
            key: Wanted(key, fields, place=self.place(group, key) or group.place, passing=self.passing)
            for key, fields in self.items(document)
        }

    def place(self, group: Group, key: str) -> Place | None:
        """Where an item was written."""
        return None

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        if isinstance(live.behavior, Known):
            there = {key: Observed(fields, ours=True) for key, fields in self.items(live.behavior.value.document)}
            return {key: Known(there[key]) if key in there else Absent() for key in {**wanted, **last, **there}}
        return dict.fromkeys([*wanted, *last], live.behavior)

    passing: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        """What a document has of the kind: key and fields, each field that there can be."""

    def operations(self, step: Step) -> tuple[Operation, ...]:
        return (Carried(step.group.id),)


class RuleKind(BehaviorKind):
    """One resource a rule."""

    name = "rule"
    order = 71
    fields: ClassVar = ("text", "detect", "penalties", "strikes", "exempt", "trial")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return listed_items(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        rules = group.behavior.rules if group.behavior is not None else ()
        return next((rule.place for rule in rules if rule.key == key), None)

    def obstacles(
        self, group: Group, changes: Sequence[Change], live: LiveGroup, facts: AccountFacts
    ) -> Iterable[Diagnostic]:
        """QG542: one note where the account could only warn. A bot may have another one, so it is no fault."""
        member = live.members.value.get(live.account_id) if isinstance(live.members, Known) else None
        if member is None or member.rank is not Rank.MEMBER or group.behavior is None:
            return
        harsh = {
            rule.key: rule for rule in group.behavior.rules if not rule.trial and any(map(_harsh, rule.penalties))
        }
        for change in changes:
            if change.address.kind == self.name and change.address.key in harsh and change.operations:
                yield Diagnostic(
                    "QG542",
                    say(
                        "Rules recall, mute or remove, and `{account}` ({number}) is a plain member of the group.",
                        account=group.account,
                        number=facts.self_id,
                    ),
                    place=harsh[change.address.key].place,
                    subject=group.key,
                    hint=say("Make the bot's account an admin of the group; until then it only warns."),
                    severity=Severity.NOTE,
                )
                return


def listed_items(
    document: Mapping[str, Any], name: str, fields: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """The items of a list, one resource each."""
    for address, item in document["items"].items():
        kind, _, key = address.partition("/")
        if kind == name and key:
            yield key, {field: frozen(item.get(field)) for field in fields}


def _harsh(penalty: Penalty) -> bool:
    return penalty.recall or penalty.mute is not None or penalty.kick


class ReplyKind(BehaviorKind):
    """One resource a reply."""

    name = "reply"
    order = 72
    fields: ClassVar = ("when", "reply", "cooldown", "hours", "who", "quote", "title")

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return listed_items(document, self.name, self.fields)

    def place(self, group: Group, key: str) -> Place | None:
        replies = group.behavior.replies if group.behavior is not None else ()
        return next((reply.place for reply in replies if reply.key == key), None)


class WelcomeKind(BehaviorKind):
    """What is said to newcomers."""

    name = "welcome"
    order = 73

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _greeting(document, self.name)


class FarewellKind(BehaviorKind):
    """What is said when somebody leaves."""

    name = "farewell"
    order = 74

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        return _greeting(document, self.name)


def _greeting(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Value]]]:
    item = document["items"].get(name)
    if item is not None:
        yield "", {field: frozen(item.get(field)) for field in ("text", "merge_within")}


class ContextKind(BehaviorKind):
    """What the bot has to know of the group for all of it: roles, the order of replies, pictures, the time zone."""

    name = "behavior"
    order = 70
    passing = frozenset({"order", "assets"})  # they change with every reply that comes or goes

    def items(self, document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Value]]]:
        lists = {path: one["sha256"] for path, one in sorted((document.get("lists") or {}).items())}
        yield "", {**{name: frozen(document[name]) for name in CONTEXT}, "lists": lists}

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        """Replies that come or go change no order and no picture: only one of those that stay counts as another."""
        found = super().observe(group, wanted, last, live)
        reading = found.get("")
        if not isinstance(reading, Known) or "" not in wanted:
            return found
        fields = dict(reading.value.fields)
        if _same_order(fields["order"], wanted[""].fields["order"]):
            fields["order"] = wanted[""].fields["order"]
        if _same_pictures(fields["assets"], wanted[""].fields["assets"]):
            fields["assets"] = wanted[""].fields["assets"]
        return {**found, "": Known(replace(reading.value, fields=fields))}


def _same_order(one: Any, other: Any) -> bool:
    """Whether what is in both lists stands in one order, list by list."""
    return all(
        [key for key in one.get(name, ()) if key in set(keys)]
        == [key for key in keys if key in set(one.get(name, ()))]
        for name, keys in other.items()
    )


def _same_pictures(one: Any, other: Any) -> bool:
    """Whether what is under one path in both is one picture."""
    return all(one[path] == other[path] for path in one.keys() & other.keys())


def frozen(value: Any) -> Value:
    """Plain data as a field holds it: lists become tuples."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    return value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Deliver(Operation):
    """Have the bot carry out another document. `tag` is its sha256, `before` that of the one in force."""

    name: ClassVar[str] = "deliver_behavior"
    capability: ClassVar[Capability | None] = None  # a bot's part, whatever the account can do
    rank: ClassVar[Rank] = Rank.MEMBER
    audience: ClassVar[Audience] = Audience.NOBODY
    pace: ClassVar[Pace] = Pace.FREE
    calls: ClassVar[int] = 3  # what is in force now, the document, and what is in force then

    group: str
    tag: str
    before: str

    def describe(self) -> Text:
        return say("hand the bot what it is to do in {group}", group=self.group)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        document = read_asset(DOCUMENT + self.group, self.tag)
        await writer.bots.deliver(self.group_id, document, self.before, read_asset)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        found = await reader.bots.tag(self.group_id)
        if isinstance(found, Known):
            return Seen() if found.value == self.tag else NotSeen(say("the bot carries out something else"))
        return (
            NotSeen(say("the bot has nothing for the group"))
            if isinstance(found, Absent)
            else CannotSee(found.reason)
        )


@dataclass(frozen=True, slots=True)
class Carried(Operation):
    """What came with the delivery of the group's document. `tag` is that document's."""

    name: ClassVar[str] = "behavior_item"
    capability: ClassVar[Capability | None] = None
    rank: ClassVar[Rank] = Rank.MEMBER
    audience: ClassVar[Audience] = Audience.NOBODY
    pace: ClassVar[Pace] = Pace.FREE
    calls: ClassVar[int] = 1

    tag: str = ""

    def describe(self) -> Text:
        return say("it comes with the rest of what the bot does in the group")

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        return None

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return await Deliver(self.group_id, "", self.tag, "").confirm(reader)
