"""What join and permissions have in common: fields of a group's details, read all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qqgroup_provision.messages import say
from qqgroup_provision.ports import GroupReader, Known, LiveSettings, Reading, Unknown, Value
from qqgroup_provision.resources.kind import UNREADABLE, Observed
from qqgroup_provision.resources.live import LiveGroup, unread
from qqgroup_provision.resources.operation import CannotSee, Confirmation, NotSeen, Seen


def observe_details(
    keys: Iterable[str], live: LiveGroup, fields: Mapping[str, str], also: Mapping[str, object] | None = None
) -> Mapping[str, Reading[Observed]]:
    """The one resource of a kind that a group has once. `fields` names those of `LiveSettings` by the kind's own."""
    settings = live.settings
    if not isinstance(settings, Known):
        return dict.fromkeys(keys, unread(settings))
    found = {field: _or_unreadable(settings.value, source) for field, source in fields.items()}
    return {key: Known(Observed({**found, **(also or {})})) for key in keys}  # type: ignore[dict-item]


def _or_unreadable(settings: LiveSettings, field: str) -> object:
    value = getattr(settings, field)
    return UNREADABLE if value is None else value


async def confirm_details(reader: GroupReader, group_id: int, expected: Mapping[str, Value]) -> Confirmation:
    """Look whether a group's details are as expected, by the fields of `LiveSettings`."""
    settings = await reader.settings(group_id)
    if not isinstance(settings, Known):
        return CannotSee(settings.reason if isinstance(settings, Unknown) else say("the group is gone"))
    for field, value in expected.items():
        found = getattr(settings.value, field)
        if found is None:
            return CannotSee(say("the implementation does not give {field}", field=field))
        if found != value:
            return NotSeen(say("{field} is {found}", field=field, found=str(found)))
    return Seen()
