"""`profile`: the group's name and picture, its description, and the remark that only the account itself sees.

The picture comes back re-encoded or not at all, so it is compared by the file that was sent last. The
description can be read by programs and written by none, so it is an address of its own that a person sees to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import (
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    LiveProfile,
    Rank,
    Reading,
    Unknown,
)
from qqgroup_provision.resources.kind import UNREADABLE, Kind, Last, Observed, Step, Wanted, unseen
from qqgroup_provision.resources.live import Collection, LiveGroup, unread
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    ReadAsset,
    Seen,
    Unseeable,
)
from qqgroup_provision.workspace.model import UNSET, Group

DESCRIPTION = "description"  # the key of what only a person can change


class ProfileKind(Kind):
    """`name`, `remark` and `avatar` under the empty key, the description under its own."""

    name = "profile"
    order = 10
    needs = frozenset({Collection.PROFILE})

    def managed(self, group: Group) -> bool:
        return any(part is not UNSET for part in (group.name, group.remark, group.avatar, group.description))

    def needed(self, group: Group) -> frozenset[Collection]:
        return self.needs if group.description is UNSET else self.needs | {Collection.SETTINGS}

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        return {DESCRIPTION: Capability.READ_DESCRIPTION} if wanted.key == DESCRIPTION else {}

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        fields: dict[str, str] = {}
        paths: dict[str, str] = {}
        if group.name is not UNSET:
            fields["name"] = group.name or ""
        if group.remark is not UNSET:
            fields["remark"] = group.remark or ""
        if group.avatar:
            fields["avatar"] = group.avatar.sha256
            paths["avatar"] = group.avatar.path
        found: dict[str, Wanted] = {}
        if fields:
            place = group.places.get(next(iter(fields)), group.place)
            found[""] = Wanted("", fields, paths=paths, place=place, blind=frozenset(fields))
        if group.description is not UNSET:
            place = group.places.get(DESCRIPTION, group.place)
            found[DESCRIPTION] = Wanted(DESCRIPTION, {DESCRIPTION: group.description or ""}, place=place)
        return found

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        profile = live.profile
        if not isinstance(profile, Known):
            return unseen({**wanted, **last}, unread(profile))
        readings: dict[str, Reading[Observed]] = {}
        if "" in wanted:
            remark = UNREADABLE if profile.value.remark is None else profile.value.remark
            fields = {"name": profile.value.name, "remark": remark, "avatar": UNREADABLE}
            readings[""] = Known(Observed(fields, label=profile.value.name))
        if DESCRIPTION in wanted:
            readings[DESCRIPTION] = _description(live, profile.value)
        return readings

    def by_hand(self, group: Group, wanted: Wanted, live: LiveGroup) -> Text | None:
        if wanted.key != DESCRIPTION:
            return None
        return say("QQ lets no program write it: open the group's profile in the QQ client, edit 群简介, and save")

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        return None if field == "avatar" else ("profile", field)

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.wanted is None or step.wanted.key == DESCRIPTION:
            return ()
        operations: list[Operation] = []
        if "name" in step.changed:
            operations.append(Rename(step.group.id, str(step.wanted.fields["name"])))
        if "remark" in step.changed:
            operations.append(SetRemark(step.group.id, str(step.wanted.fields["remark"])))
        if "avatar" in step.changed:
            sha256 = str(step.wanted.fields["avatar"])
            operations.append(SetAvatar(step.group.id, step.wanted.paths["avatar"], sha256))
        return tuple(operations)


def _description(live: LiveGroup, profile: LiveProfile) -> Reading[Observed]:
    """From the group's listing where that has it, else from its details (qq_protocol §0.1)."""
    found = profile.description
    if found is None:
        if isinstance(live.settings, Unknown):
            return live.settings
        found = live.settings.value.description if isinstance(live.settings, Known) else None
    return Known(Observed({DESCRIPTION: UNREADABLE if found is None else found}))


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
                return Unseeable(say("the implementation does not give remarks"))
            return Seen() if found == self.remark else NotSeen(say("the remark is “{remark}”", remark=found))
        return _unseen(profiles)


@dataclass(frozen=True, slots=True)
class SetAvatar(Operation):
    """Give the group another picture (qq_protocol §3.2). What it had before cannot be brought back from here."""

    name: ClassVar[str] = "set_avatar"
    capability: ClassVar[Capability] = Capability.SET_AVATAR
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    reversible: ClassVar[bool] = False
    calls: ClassVar[int] = 1

    path: str
    sha256: str

    def describe(self) -> Text:
        return say("upload the group's picture {path}", path=self.path)

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.set_avatar(self.group_id, read_asset(self.path, self.sha256))

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return Unseeable(say("QQ gives pictures back re-encoded, so nobody can tell whether it is this one"))


def _unseen(profiles: Reading[object]) -> CannotSee:
    if isinstance(profiles, Unknown):
        return CannotSee(profiles.reason)
    return CannotSee(say("the account is not in the group any more"))
