"""Reads the live groups a plan needs, side by side, each list once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from qqgroup_provision.ports import Absent, GroupReader, Known, LiveProfile, Reading, Unknown
from qqgroup_provision.resources.live import Collection, LiveGroup

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Request:
    """One group to read: its QQ number and the collections that are needed of it."""

    group_id: int
    needs: frozenset[Collection]


async def read_groups(requests: Mapping[str, Request], reader: GroupReader, account_id: int) -> dict[str, LiveGroup]:
    """Read groups through one account, by group key. A group it is not in is `Absent` in every collection.

    How many requests are in flight is the reader's to bound.
    """
    profiles = await reader.profiles()
    read = await asyncio.gather(*(_read(request, profiles, reader, account_id) for request in requests.values()))
    return dict(zip(requests, read, strict=True))


async def _read(
    request: Request, profiles: Reading[Mapping[int, LiveProfile]], reader: GroupReader, account_id: int
) -> LiveGroup:
    if not isinstance(profiles, Known):
        reading = profiles if isinstance(profiles, Unknown) else Absent()
        return LiveGroup(account_id, reading, reading, reading, reading, reading, reading, reading)
    profile = profiles.value.get(request.group_id)
    if profile is None:
        gone = Absent()
        return LiveGroup(account_id, gone, gone, gone, gone, gone, gone, gone)
    unread = LiveGroup(account_id)
    group, needs = request.group_id, request.needs
    members, notices, settings, files, space, essence = await asyncio.gather(
        reader.members(group) if Collection.MEMBERS in needs else _as_is(unread.members),
        reader.notices(group) if Collection.NOTICES in needs else _as_is(unread.notices),
        reader.settings(group) if Collection.SETTINGS in needs else _as_is(unread.settings),
        reader.files(group) if Collection.FILES in needs else _as_is(unread.files),
        reader.file_space(group) if Collection.SPACE in needs else _as_is(unread.space),
        reader.essence(group) if Collection.ESSENCE in needs else _as_is(unread.essence),
    )
    return LiveGroup(account_id, Known(profile), members, notices, settings, files, space, essence)


async def _as_is(reading: R) -> R:
    return reading
