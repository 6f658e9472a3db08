"""`essence`: messages that a group keeps as its essence (精华消息). QQ cannot edit one, and a message has no name.

The tool posts a message and marks it. It is known by its number within the group, else by its text. One that is
posted and not marked yet is among the newest messages, and is marked instead of posted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    LiveEssence,
    LiveEssences,
    Rank,
    Reading,
    Unknown,
)
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.kind import Kind, Last, Observed, Step, Wanted, unnamed, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup, unread
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    ReadAsset,
    Seen,
)
from qqgroup_provision.workspace.model import UNSET, Group

_LABEL = 24  # characters of a text by which people know it
_EMPTY = Unknown(
    say("the list of essence messages is empty, and nothing says whether that is so (if it is: `state rm`)")
)
_SILENT = Unknown(say("no message of the group is listed, so it cannot be told whether it was posted already"))


class EssenceKind(Kind):
    """One resource a message. A live one nobody named has the key `message-<its number>`."""

    name = "essence"
    order = 65
    collection = "essence"
    replaced = say("QQ cannot edit it: a new one is posted and marked, then the old one loses its mark")
    needs = frozenset({Collection.ESSENCE})

    def managed(self, group: Group) -> bool:
        return group.essence is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        return {item.key: Wanted(item.key, {"text": item.text}, place=item.place) for item in group.essence or ()}

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        return {"text": Capability.READ_ESSENCE}

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        if not isinstance(live.essence, Known):
            return unseen({**wanted, **last}, unread(live.essence))
        essence = live.essence.value
        if last and not essence.marked:
            # A server that knows nothing says so too: Lagrange.OneBot, once its cookies are too old (qq_protocol §6).
            return dict.fromkeys([*wanted, *last], _EMPTY)
        found = _match(wanted, last, essence.marked)
        taken = {message.sequence for message in found.values()}
        posts = _posted(essence, live.account_id)
        readings: dict[str, Reading[Observed]] = {}
        for key in {**wanted, **last}:
            text = str(wanted[key].fields["text"]) if key in wanted else None
            posted = posts.get(text) if text is not None else None
            if key in found:
                waiting = posted if found[key].text != text else None
                readings[key] = Known(_observed(found[key], waiting=waiting))
            elif posted is not None:
                readings[key] = Known(_observed(posted, exists=False, waiting=posted))
            elif text is not None and not essence.recent and essence.marked:
                readings[key] = _SILENT  # it may have been posted already
            elif key in last and not essence.complete:
                readings[key] = Unknown(say("the implementation lists some essence messages only"))
            else:
                readings[key] = Absent()
        previous = {entry.ids.get("sequence") for entry in last.values()}
        for message in essence.marked:
            if message.sequence not in taken:
                # What the last apply marked, beside a newer one that is marked already, is a replacement that was
                # cut off half-way: the old one is still to be unmarked.
                ours = str(message.sequence) in previous
                readings[unnamed(f"message-{message.sequence}", readings)] = Known(_observed(message, ours=ours))
        return readings

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        return ("essence", key, "text")

    def operations(self, step: Step) -> tuple[Operation, ...]:
        group, observed = step.group.id, step.observed
        steps: list[Operation] = []
        if step.action is not Action.DELETE and step.wanted is not None:
            text, waiting = str(step.wanted.fields["text"]), observed.facts.get("waiting", "") if observed else ""
            if not waiting:
                steps.append(Post(group, step.account_id, text))
            steps.append(MarkEssence(group, step.account_id, text, int(waiting or 0)))
        if step.action is not Action.CREATE and observed is not None and observed.exists:
            steps.append(UnmarkEssence(group, int(observed.ids["sequence"])))
        return tuple(steps)


def _match(
    wanted: Mapping[str, Wanted], last: Mapping[str, Last], marked: Iterable[LiveEssence]
) -> dict[str, LiveEssence]:
    """Which essence message each key means: equal texts first, then the numbers of the last apply."""
    by_number = {str(message.sequence): message for message in marked}
    by_text: dict[str, list[LiveEssence]] = {}
    for message in by_number.values():
        by_text.setdefault(message.text, []).append(message)
    found: dict[str, LiveEssence] = {}
    taken: set[int] = set()
    for key, item in wanted.items():
        known = last[key].ids.get("sequence") if key in last else None
        equal = [m for m in by_text.get(str(item.fields["text"]), ()) if m.sequence not in taken]
        if equal:
            found[key] = max(equal, key=lambda m: (str(m.sequence) == known, m.sequence))
            taken.add(found[key].sequence)
    for key, entry in last.items():
        remembered = by_number.get(entry.ids.get("sequence", ""))
        if key not in found and remembered is not None and remembered.sequence not in taken:
            found[key] = remembered
            taken.add(remembered.sequence)
    return found


def _posted(essence: LiveEssences, account: int) -> Mapping[str, LiveEssence]:
    """The newest message of the account that is no essence message, by what it says."""
    marked = {message.sequence for message in essence.marked}
    found: dict[str, LiveEssence] = {}
    for message in essence.recent:
        if message.sender_id == account and message.sequence not in marked:
            found.setdefault(message.text, message)
    return found


def _observed(
    message: LiveEssence, *, exists: bool = True, ours: bool = False, waiting: LiveEssence | None = None
) -> Observed:
    label = " ".join(message.text.split())
    return Observed(
        {"text": message.text},
        {"sequence": str(message.sequence)},
        {"waiting": str(waiting.sequence)} if waiting else {},
        exists=exists,
        label=label if len(label) <= _LABEL else label[:_LABEL] + "…",
        ours=ours,
    )


@dataclass(frozen=True, slots=True)
class Post(Operation):
    """Post a message. Everybody sees it, so it is never sent twice. `account_id` is who posts."""

    name: ClassVar[str] = "post"
    capability: ClassVar[Capability] = Capability.SEND_MESSAGE
    rank: ClassVar[Rank] = Rank.MEMBER
    audience: ClassVar[Audience] = Audience.GROUP
    reversible: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False
    calls: ClassVar[int] = 3

    account_id: int
    text: str

    def describe(self) -> Text:
        return say("post the message “{start}”", start=" ".join(self.text.split())[:_LABEL])

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.send_message(self.group_id, self.text)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        essence = await reader.essence(self.group_id)
        if not isinstance(essence, Known):
            return CannotSee(unread(essence).reason)
        found = _posted(essence.value, self.account_id).get(self.text)
        if found is None:
            return NotSeen(say("the message is not among the newest ones"))
        return Seen((("sequence", str(found.sequence)),))


@dataclass(frozen=True, slots=True)
class MarkEssence(Operation):
    """Make a message an essence message. `sequence` is its number, or 0 for the newest of that text."""

    name: ClassVar[str] = "mark_essence"
    capability: ClassVar[Capability] = Capability.MARK_ESSENCE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.GROUP
    calls: ClassVar[int] = 4  # it is looked for before and after

    account_id: int
    text: str
    sequence: int

    def describe(self) -> Text:
        return say("mark it as an essence message")

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.mark_essence(self.group_id, self.account_id, self.text, self.sequence)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        essence = await reader.essence(self.group_id)
        if not isinstance(essence, Known):
            return CannotSee(unread(essence).reason)
        found = [
            message.sequence
            for message in essence.value.marked
            if message.text == self.text and self.sequence in (0, message.sequence)
        ]
        if not found:
            return NotSeen(say("it is not among the essence messages"))
        return Seen((("sequence", str(max(found))),))


@dataclass(frozen=True, slots=True)
class UnmarkEssence(Operation):
    """Make an essence message an ordinary one again. The message itself stays."""

    name: ClassVar[str] = "unmark_essence"
    capability: ClassVar[Capability] = Capability.UNMARK_ESSENCE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 4

    sequence: int

    def describe(self) -> Text:
        return say("unmark the essence message {number}", number=self.sequence)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.unmark_essence(self.group_id, self.sequence)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        essence = await reader.essence(self.group_id)
        if not isinstance(essence, Known):
            return CannotSee(unread(essence).reason)
        if any(message.sequence == self.sequence for message in essence.value.marked):
            return NotSeen(say("it is still an essence message"))
        return Seen()
