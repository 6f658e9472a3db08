"""Reads the live groups a plan needs, side by side, each list once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from qqgroup_provision.ports import Absent, GroupReader, Known, LiveProfile, Reading, Unknown
from qqgroup_provision.resources.live import Collection, LiveGroup

# Groups begun before others are finished: as many as requests can be in flight at most. With all of them begun at
# once, hundreds of tasks are made before the first request is sent.
_BEGUN = 256


OnRead: TypeAlias = Callable[[str, LiveGroup], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One group to read: its QQ number and the collections that are needed of it."""

    group_id: int
    needs: frozenset[Collection]


async def read_groups(
    requests: Mapping[str, Request],
    reader: GroupReader,
    account_id: int,
    profiles: Reading[Mapping[int, LiveProfile]] | None = None,
    on_read: OnRead | None = None,
) -> dict[str, LiveGroup]:
    """Read groups through one account, by group key. A group it is not in is `Absent` in every collection.

    `profiles` is the list of groups, where it was read before. How many requests are in flight is the reader's to
    bound. `on_read` gets each group, by its key, as soon as it is read.
    """
    if profiles is None:
        profiles = await reader.profiles()
    live: dict[str, LiveGroup] = {}
    waiting = iter(requests.items())

    async def read_some() -> None:
        for key, request in waiting:
            live[key] = await _read(request, profiles, reader, account_id)
            if on_read is not None:
                on_read(key, live[key])

    await asyncio.gather(*(read_some() for _ in range(min(_BEGUN, len(requests)))))
    return {key: live[key] for key in requests}


async def _read(
    request: Request, profiles: Reading[Mapping[int, LiveProfile]], reader: GroupReader, account_id: int
) -> LiveGroup:
    if not isinstance(profiles, Known):
        return _same_everywhere(profiles, account_id)
    profile = profiles.value.get(request.group_id)
    if profile is None:
        return _same_everywhere(Absent(), account_id)
    lists: dict[Collection, Callable[[int], Awaitable[Reading[Any]]]] = {
        Collection.MEMBERS: reader.members,
        Collection.NOTICES: reader.notices,
        Collection.SETTINGS: reader.settings,
        Collection.FILES: reader.files,
        Collection.SPACE: reader.file_space,
        Collection.ESSENCE: reader.essence,
        Collection.BEHAVIOR: reader.bots.behavior,
    }
    needed = [collection for collection in lists if collection in request.needs]
    read = await asyncio.gather(*(lists[collection](request.group_id) for collection in needed))
    return LiveGroup(account_id, Known(profile), **dict(zip(needed, read, strict=True)))


def _same_everywhere(reading: Absent | Unknown, account_id: int) -> LiveGroup:
    return LiveGroup(account_id, **dict.fromkeys(Collection, reading))
