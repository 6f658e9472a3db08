"""What the bot sees of other groups for a request to join: who is in them, and whether they have room.

A server's list of members may be a step behind (qq_protocol §2.4), so it is asked for twice, and believed only if the
account that asked is in it and it has as many members as the group says. Everything else is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import Elsewhere, Event, Requested
from qqgroup_provision.behavior.linked import Overflow, ids_of
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.records import Records

T = TypeVar("T")

SETTLE = 2.0  # seconds until a list that was asked for is a fresh one


async def told_of_others(
    event: Event,
    configuration: Configuration,
    speaker: Callable[[int], Account | None],
    records: Records,
    patience: float,
    settle: float = SETTLE,
) -> Event:
    """A request with what its group's links have to know of other groups. `speaker` gives an account in a group."""
    links = configuration.links
    if links is None or not isinstance(event, Requested):
        return event
    qq = event.person.qq
    looking = _Looking(speaker, records, patience, settle)
    members = sorted(links.looked_into(qq, configuration.roles.get(qq, frozenset())))
    free = await _places(event.group, links.overflow, looking) if links.overflow is not None else {}
    inside = dict(zip(members, await asyncio.gather(*(looking.has(group, qq) for group in members)), strict=True))
    seen = tuple(Elsewhere(group, inside.get(group), free.get(group)) for group in sorted({*inside, *free}))
    return replace(event, elsewhere=seen)


async def _places(group: int, overflow: Overflow, looking: _Looking) -> dict[int, int | None]:
    """How many more get in here and, where the group is full, into each of the others."""
    own = await looking.places(group)
    if own is None or own > overflow.keep_free:
        return {group: own}
    others = ids_of(overflow.to)
    found = await asyncio.gather(*(looking.places(other) for other in others))
    return {group: own, **dict(zip(others, found, strict=True))}


class _Looking:
    """Asks accounts about groups. What does not come is not known, and is written down."""

    def __init__(
        self, speaker: Callable[[int], Account | None], records: Records, patience: float, settle: float
    ) -> None:
        self._speaker = speaker
        self._records = records
        self._patience = patience
        self._settle = settle

    async def has(self, group: int, qq: int) -> bool | None:
        """Whether somebody is in a group."""
        return await self._known(group, "members", lambda account: self._has(account, group, qq))

    async def places(self, group: int) -> int | None:
        """How many more get into a group."""
        return await self._known(group, "places", lambda account: account.places(group))

    async def _has(self, account: Account, group: int, qq: int) -> bool | None:
        await account.members(group)
        await asyncio.sleep(self._settle)
        members, expected = await account.members(group)
        people = {member.person.qq for member in members}
        if account.number not in people or expected != len(people):
            raise RuntimeError("the list of members is not whole")
        return qq in people

    async def _known(self, group: int, what: str, ask: Callable[[Account], Awaitable[T | None]]) -> T | None:
        account = self._speaker(group)
        try:
            if account is None:
                raise RuntimeError("no account is in the group")
            async with asyncio.timeout(self._patience):
                return await ask(account)
        except Exception as error:
            told = {"error": type(error).__name__, "reason": str(error)[:300]}
            self._records.write("unknown", group=group, what=what, **told)
            return None
