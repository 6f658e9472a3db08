"""`profile`: the group's name, and the remark that only the account itself sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Absent,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    Rank,
    Reading,
    Unknown,
)
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import Collection, LiveGroup
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


class ProfileKind(Kind):
    """One resource a group: `name` and `remark`."""

    name = "profile"
    order = 10
    needs = frozenset({Collection.PROFILE})

    def managed(self, group: Group) -> bool:
        return group.name is not UNSET or group.remark is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        fields: dict[str, str] = {}
        if group.name is not UNSET:
            fields["name"] = group.name or ""
        if group.remark is not UNSET:
            fields["remark"] = group.remark or ""
        place = group.places.get("name" if "name" in fields else "remark", group.place)
        return {"": Wanted("", fields, place=place)} if fields else {}

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        profile = live.profile
        if isinstance(profile, Unknown):
            return {"": profile}
        if isinstance(profile, Absent):
            return {"": Unknown(say("the account is not in the group"))}
        remark = UNREADABLE if profile.value.remark is None else profile.value.remark
        fields = {"name": profile.value.name, "remark": remark}
        return {"": Known(Observed(fields, label=profile.value.name))}

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.wanted is None:
            return ()
        operations: list[Operation] = []
        if "name" in step.changed:
            operations.append(Rename(step.group.id, str(step.wanted.fields["name"])))
        if "remark" in step.changed:
            operations.append(SetRemark(step.group.id, str(step.wanted.fields["remark"])))
        return tuple(operations)


@dataclass(frozen=True, slots=True)
class Rename(Operation):
    """Give the group another name. QQ shows a line about it in the chat (qq_protocol §3.1)."""

    name: ClassVar[str] = "rename"
    capability: ClassVar[Capability] = Capability.RENAME
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.GROUP

    new_name: str

    def describe(self) -> Text:
        return say("rename the group to “{name}”", name=self.new_name)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.rename(self.group_id, self.new_name)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        profiles = await reader.profiles()
        if isinstance(profiles, Known) and self.group_id in profiles.value:
            found = profiles.value[self.group_id].name
            return Seen() if found == self.new_name else NotSeen(say("its name is “{name}”", name=found))
        return _unseen(profiles)


@dataclass(frozen=True, slots=True)
class SetRemark(Operation):
    """Set the account's private remark for the group (qq_protocol §3.3)."""

    name: ClassVar[str] = "set_remark"
    capability: ClassVar[Capability] = Capability.SET_REMARK
    rank: ClassVar[Rank] = Rank.MEMBER
    audience: ClassVar[Audience] = Audience.NOBODY

    remark: str

    def describe(self) -> Text:
        return say("set the account's own remark to “{remark}”", remark=self.remark)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_remark(self.group_id, self.remark)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        profiles = await reader.profiles()
        if isinstance(profiles, Known) and self.group_id in profiles.value:
            found = profiles.value[self.group_id].remark
            if found is None:
                return CannotSee(say("the implementation does not give remarks"))
            return Seen() if found == self.remark else NotSeen(say("the remark is “{remark}”", remark=found))
        return _unseen(profiles)


def _unseen(profiles: Reading[object]) -> CannotSee:
    if isinstance(profiles, Unknown):
        return CannotSee(profiles.reason)
    return CannotSee(say("the account is not in the group any more"))
