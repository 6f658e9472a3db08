"""`join`: who may join the group and how, whether members may invite, and what newcomers see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    AnswerLost,
    Capability,
    GroupReader,
    GroupWriter,
    Rank,
    Reading,
    Value,
    WriteRefused,
)
from qqgroup_provision.resources.details import confirm_details, observe_details
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import Audience, Confirmation, Operation, ReadAsset, Seen, Unseeable
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.model import UNSET, Answer, Group

_TOGETHER = frozenset({"method", "question", "answer"})  # QQ takes these three at once
# A field of the kind, called as in YAML, and the field of `LiveSettings` that reads it.
_READ = {
    "method": "join_method",
    "question": "join_question",
    "member_invites": "member_invites",
    "history_visible_to_new_members": "history_visible",
    "robots": "robots",
}


class JoinKind(Kind):
    """One resource a group. The answer is never readable, so it is compared by the digest of the one sent last."""

    name = "join"
    order = 20
    needs = frozenset({Collection.PROFILE, Collection.SETTINGS})

    def managed(self, group: Group) -> bool:
        return bool(_fields(group))

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        fields = _fields(group)
        if not fields:
            return {}
        answer = group.join.answer
        place = next((group.join.places[key] for key in fields if key in group.join.places), group.place)
        only_sent = frozenset({"answer"} & fields.keys())
        paths = {"answer": answer.reference} if isinstance(answer, Answer) else {}
        return {"": Wanted("", fields, paths=paths, place=place, blind=only_sent, sensitive=only_sent)}

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        return dict.fromkeys(wanted.fields, Capability.READ_SETTINGS)

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        return observe_details([*wanted, *last], live, _READ, {"answer": UNREADABLE})

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        if field == "answer":
            return None
        return ("join", "history_visible_to_new_members" if field == "history_visible" else field)

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.wanted is None:
            return ()
        group_id, fields = step.group.id, step.wanted.fields
        operations: list[Operation] = []
        if step.changed & _TOGETHER:
            method, question, digest = (str(fields.get(key) or "") for key in ("method", "question", "answer"))
            reference = step.wanted.paths.get("answer", "")
            operations.append(SetJoin(group_id, method, question, reference, digest))
        if "member_invites" in step.changed:
            operations.append(SetMemberInvites(group_id, str(fields["member_invites"])))
        if "history_visible_to_new_members" in step.changed:
            operations.append(SetHistoryVisible(group_id, bool(fields["history_visible_to_new_members"])))
        if "robots" in step.changed:
            operations.append(SetRobots(group_id, str(fields["robots"])))
        return tuple(operations)


def _fields(group: Group) -> dict[str, Value]:
    """What YAML manages. A question or answer that is null is none, as for a method that takes none."""
    join = group.join
    fields: dict[str, Value] = {}
    for key in ("method", "question", "member_invites", "robots"):
        value = getattr(join, key)
        if value:
            fields[key] = value
    if isinstance(join.answer, Answer):
        fields["answer"] = join.answer.digest
    if join.history_visible is not UNSET:
        fields["history_visible_to_new_members"] = bool(join.history_visible)
    return fields


@dataclass(frozen=True, slots=True)
class SetJoin(Operation):
    """Say how people join. All three go together: NapCat empties what is left out (qq_protocol §3.4).

    `answer` is the reference to it, such as `${secret:NAME}`; the answer itself is looked up when it is sent.
    """

    name: ClassVar[str] = "set_join"
    capability: ClassVar[Capability] = Capability.SET_JOIN
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 3  # details come in two parts

    method: str
    question: str
    answer: str
    answer_digest: str

    def describe(self) -> Text:
        return say("set how people join: {method}", method=self.method)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        answer = read_asset(self.answer, self.answer_digest).decode() if self.answer else ""
        try:
            await writer.set_join(self.group_id, self.method, self.question, Secret(answer))
        except (WriteRefused, AnswerLost) as error:
            if answer and answer in str(error.reason):
                raise type(error)(say("its message held the answer and is not shown")) from None
            raise

    async def confirm(self, reader: GroupReader) -> Confirmation:
        expected = {"join_method": self.method}
        if self.question:
            expected["join_question"] = self.question
        found = await confirm_details(reader, self.group_id, expected)
        if self.answer and isinstance(found, Seen):
            return Unseeable(say("QQ gives nobody the answer to a join question"))
        return found


@dataclass(frozen=True, slots=True)
class SetMemberInvites(Operation):
    """Say whether members may invite others (qq_protocol §3.5)."""

    name: ClassVar[str] = "set_member_invites"
    capability: ClassVar[Capability] = Capability.SET_MEMBER_INVITES
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 3

    policy: str

    def describe(self) -> Text:
        return say("set whether members may invite: {policy}", policy=self.policy)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_member_invites(self.group_id, self.policy)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return await confirm_details(reader, self.group_id, {"member_invites": self.policy})


@dataclass(frozen=True, slots=True)
class SetHistoryVisible(Operation):
    """Show or hide to newcomers what was said before they joined (qq_protocol §3.5)."""

    name: ClassVar[str] = "set_history_visible"
    capability: ClassVar[Capability] = Capability.SET_HISTORY_VISIBLE
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 3

    visible: bool

    def describe(self) -> Text:
        if self.visible:
            return say("show new members what was said before")
        return say("hide from new members what was said before")

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_history_visible(self.group_id, self.visible)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return await confirm_details(reader, self.group_id, {"history_visible": self.visible})


@dataclass(frozen=True, slots=True)
class SetRobots(Operation):
    """Say whether members may add robots (qq_protocol §3.6)."""

    name: ClassVar[str] = "set_robots"
    capability: ClassVar[Capability] = Capability.SET_ROBOTS
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 3

    policy: str

    def describe(self) -> Text:
        return say("set whether members may add robots: {policy}", policy=self.policy)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_robots(self.group_id, self.policy)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return await confirm_details(reader, self.group_id, {"robots": self.policy})
