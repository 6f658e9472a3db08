"""`permissions`: what members may do in the group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.ports import Capability, GroupReader, GroupWriter, Rank, Reading, Value
from qqgroup_provision.resources.details import confirm_details, observe_details
from qqgroup_provision.resources.kind import Kind, Last, Observed, Step, Wanted
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import Audience, Confirmation, Operation, ReadAsset
from qqgroup_provision.workspace.model import UNSET, Group

NAMES = ("upload_album", "temporary_session", "create_group")


class PermissionsKind(Kind):
    """One resource a group, with a field for each permission that YAML speaks of."""

    name = "permissions"
    order = 22
    needs = frozenset({Collection.PROFILE, Collection.SETTINGS})

    def managed(self, group: Group) -> bool:
        return bool(_fields(group))

    def wanted(self, group: Group) -> Mapping[str, Wanted]:
        fields = _fields(group)
        if not fields:
            return {}
        place = group.permissions.places.get(next(iter(fields)), group.place)
        return {"": Wanted("", fields, place=place)}

    def takes(self, wanted: Wanted) -> Mapping[str, Capability]:
        return dict.fromkeys(wanted.fields, Capability.READ_SETTINGS)

    def observe(
        self, group: Group, wanted: Mapping[str, Wanted], last: Mapping[str, Last], live: LiveGroup
    ) -> Mapping[str, Reading[Observed]]:
        return observe_details([*wanted, *last], live, {name: name for name in NAMES})

    def written(self, group: Group, key: str, field: str) -> tuple[str, ...] | None:
        return ("permissions", field)

    def operations(self, step: Step) -> tuple[Operation, ...]:
        if step.wanted is None:
            return ()
        fields = step.wanted.fields
        allowed = tuple(name for name in NAMES if name in step.changed and fields[name])
        forbidden = tuple(name for name in NAMES if name in step.changed and not fields[name])
        return (SetPermissions(step.group.id, allowed, forbidden),) if step.changed else ()


def _fields(group: Group) -> dict[str, Value]:
    given = {name: getattr(group.permissions, name) for name in NAMES}
    return {name: bool(value) for name, value in given.items() if value is not UNSET}


@dataclass(frozen=True, slots=True)
class SetPermissions(Operation):
    """Allow some things to members and forbid others. What is in neither list stays as it is (qq_protocol §3.5)."""

    name: ClassVar[str] = "set_permissions"
    capability: ClassVar[Capability] = Capability.SET_PERMISSIONS
    rank: ClassVar[Rank] = Rank.ADMIN
    audience: ClassVar[Audience] = Audience.NOBODY
    calls: ClassVar[int] = 3

    allowed: tuple[str, ...]
    forbidden: tuple[str, ...]

    def describe(self) -> Text:
        if not self.forbidden:
            return say("allow members: {allowed}", allowed=listed(self.allowed))
        if not self.allowed:
            return say("forbid members: {forbidden}", forbidden=listed(self.forbidden))
        return say("allow members: {allowed}; forbid: {forbidden}",
                   allowed=listed(self.allowed), forbidden=listed(self.forbidden))  # fmt: skip

    @property
    def _values(self) -> dict[str, bool]:
        return {**dict.fromkeys(self.allowed, True), **dict.fromkeys(self.forbidden, False)}

    async def perform(self, writer: GroupWriter, read_asset: ReadAsset) -> None:
        given = {name: value for name, value in self._values.items() if name in NAMES}
        await writer.set_permissions(self.group_id, **given)

    async def confirm(self, reader: GroupReader) -> Confirmation:
        return await confirm_details(
            reader, self.group_id, {name: self._values[name] for name in NAMES if name in self._values}
        )
