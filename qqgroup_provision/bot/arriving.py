"""An account has come: what happened in its groups while nobody listened is heard before all else.

`catching_up.py` reads what was missed, from the pasts that `past.py` knows; here it is heard, in its place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from qqgroup_provision.behavior.event import Message
from qqgroup_provision.bot.accounts import PATIENCE, Accounts
from qqgroup_provision.bot.behaviors import Behaviors
from qqgroup_provision.bot.catching_up import Missed, missed
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard, Seen
from qqgroup_provision.bot.listening import Listening
from qqgroup_provision.bot.reading import read
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.unfinished import Unfinished

AT_ONCE = 16  # messages of a group that are decided at once
_SIDE_BY_SIDE = 8  # groups in which is read at once what was missed


@dataclass(frozen=True, slots=True)
class Around:
    """Where an account is, and which requests to join wait there."""

    groups: frozenset[int]
    requests: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """An account has connected: what it missed in a group comes before what is heard from now on."""

    account: Account
    around: asyncio.Task[Around | None]


async def groups_of(account: Account, records: Records) -> frozenset[int] | None:
    """The groups an account is in; `None` where it does not tell."""
    try:
        return await read(account.groups, PATIENCE)
    except Exception as error:
        records.write("no_groups", account=account.number, error=type(error).__name__)
        return None


async def requests_of(
    account: Account, groups: frozenset[int], behaviors: Behaviors, records: Records
) -> tuple[Heard, ...]:
    """Who waits to be let in, if that is anybody's concern in one of these groups; nobody where it cannot be told."""
    reviewed = [
        group
        for group in groups & behaviors.current.keys()
        if behaviors.current[group].prepared.configuration.review is not None
    ]
    try:
        return await read(account.requests, PATIENCE) if reviewed else ()
    except Exception as error:
        about = {"account": account.number, "error": type(error).__name__, "reason": str(error)[:300]}
        records.write("no_requests", **about)
        return ()


class Arrivals:
    """Brings a group up to date when an account comes. What was missed is given to `decide`, as what is heard is."""

    def __init__(
        self,
        accounts: Accounts,
        behaviors: Behaviors,
        listening: Listening,
        unfinished: Unfinished,
        seen: Seen,
        decide: Callable[[int, Sequence[Heard]], Awaitable[None]],
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._behaviors = behaviors
        self._listening = listening
        self._unfinished = unfinished
        self._seen = seen
        self._decide = decide
        self._records = records
        self._now = now
        self._catching = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def arrive(self, group: int, arrival: Arrival) -> bool:
        """Do in a group what was left undone when the bot last ended, and hear what was missed since.

        Gives whether the account is there, and in the group.
        """
        account, around = arrival.account, await asyncio.shield(arrival.around)
        behavior = self._behaviors.current.get(group)
        if around is None or group not in around.groups or behavior is None or self._accounts.is_gone(account):
            return False
        alone = not self._listening.is_on(group)  # otherwise another account of ours has listened all the time
        connected = self._accounts.since(account)
        async with self._catching:
            listened = await self._listening.before(group, connected)
            await self._unfinished.settle_all(group)
            found = Missed()
            if alone and listened is not None:
                people = bool(behavior.prepared.parts)
                found = await missed(account, group, listened, self._now(), self._records, PATIENCE, people=people)
        if found.last:
            self._accounts.had_said(account, group, found.last)
        asked = tuple(heard for heard in around.requests if heard.event.group == group)
        for together in self._new((*found.events, *asked)):
            await self._decide(group, together)
        if alone:
            await self._listening.go_on(group, listened, connected, is_all=found.is_all)
        return True

    def _new(self, events: Iterable[Heard]) -> Iterator[list[Heard]]:
        """What nobody has heard of this, as many messages at a time as those that are heard at once.

        Whether something is new is looked at only once what came before it was decided.
        """
        waiting: list[Heard] = []
        for heard in events:
            event = heard.event
            if isinstance(event, Message) and self._accounts.is_ours(event.sender.qq):
                continue
            new = self._seen.numbered(self._accounts.about_us(heard), time.monotonic())
            if new is None:
                continue
            self._records.count("caught_up")
            if not isinstance(event, Message):
                yield waiting
                yield [new]
                waiting = []
                continue
            waiting.append(new)
            if len(waiting) == AT_ONCE:
                yield waiting
                waiting = []
        yield waiting
