"""`mute_all`: whether only admins may speak."""

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


class MuteAllKind(Kind):
    """One resource a group. It comes last, so that what is to be said is said before a mute."""

    name = "mute_all"
    order = 90
    needs = frozenset({Collection.PROFILE})

    def managed(self, group: Group) -> bool:
        return group.mute_all is not UNSET

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        if group.mute_all is UNSET:
            return {}
        fields = {"mute_all": bool(group.mute_all)}
        return {"": Wanted("", fields, place=group.places.get("mute_all"), blind=frozenset(fields))}

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        profile = live.profile
        if not isinstance(profile, Known):
            return {"": unread(profile)}
        muted = profile.value.mute_all
        if group.curfew_now and group.mute_all is False:
            muted = False  # who is muted by the curfew is so because YAML says it, and only until it ends
        return {"": Known(Observed({"mute_all": UNREADABLE if muted is None else muted}))}

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        return (field,)

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.wanted is None:
            return ()
        return (MuteAll(step.group.id, bool(step.wanted.fields["mute_all"])),)


@dataclass(frozen=True, slots=True)
class MuteAll(Operation):
    """Let only admins speak, or everybody again (qq_protocol §7.2)."""

    name: ClassVar[str] = "mute_all"
    capability: ClassVar[Capability] = Capability.MUTE_ALL
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.GROUP

    muted: bool

    def describe(self) -> Text:
        return say("mute everybody but admins") if self.muted else say("let everybody speak again")

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        await writer.mute_all(self.group_id, self.muted)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        profiles = await reader.profiles()
        if isinstance(profiles, Unknown):
            return CannotSee(profiles.reason)
        if isinstance(profiles, Absent) or self.group_id not in profiles.value:
            return CannotSee(say("the account is not in the group any more"))
        found = profiles.value[self.group_id].mute_all
        if found is None:
            return Unseeable(say("the implementation does not say whether a group is muted"))
        if found == self.muted:
            return Seen()
        return NotSeen(say("the group is still muted") if found else say("the group is not muted"))
