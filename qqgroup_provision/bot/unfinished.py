"""What was decided and is not known to be done: it waits for an account, and is looked at before it is done.

`settling.py` says what becomes of such a deed, and `leftovers.py` reads what that is judged by; here that is carried
out.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qqgroup_provision.behavior.decision import Say
from qqgroup_provision.behavior.event import Tick
from qqgroup_provision.bot.accounts import PATIENCE, Accounts
from qqgroup_provision.bot.behaviors import Behavior, Behaviors
from qqgroup_provision.bot.carrying_out import Hands
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.failures import guarded
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.leftovers import Settled, looked_at
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.outbox import Deed
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.settling import Course

_SETTLES = timedelta(seconds=1)  # what was sent by a process that has died may still be under way for so long


@dataclass(frozen=True, slots=True)
class Leftover:
    """What is left of a bot that has died, or of this one while no account was there."""

    deeds: tuple[Deed, ...]


class Unfinished:
    """Deeds that wait until an account is there again, and how they are settled: done once, or given up."""

    def __init__(
        self,
        accounts: Accounts,
        behaviors: Behaviors,
        memory: BotMemory,
        hands: Hands,
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._behaviors = behaviors
        self._memory = memory
        self._hands = hands
        self._records = records
        self._now = now
        self._left: defaultdict[int, list[Deed]] = defaultdict(list)  # to be done once an account is there again

    def leave(self, group: int, deed: Deed) -> None:
        """Nobody is there to do it now."""
        self._left[group].append(deed)

    def due(self) -> list[tuple[int, Leftover]]:
        """What waits in groups in which an account is there again; it waits here no more."""
        ready = [group for group in self._left if self._accounts.inside(group) is not None]
        return [(group, Leftover(tuple(self._left.pop(group)))) for group in ready]

    async def settle_all(self, group: int) -> None:
        """Settle what waits in a group, and what bots that have ended left there."""
        left = [*self._left.pop(group, ()), *await self._memory.left((group,))]
        if left:
            await self.settle(group, left)

    async def settle(self, group: int, deeds: Sequence[Deed]) -> None:
        """Find out what became of what was left, and do what was not done."""
        behavior = self._behaviors.current.get(group)
        account = self._accounts.speaker(group, deeds[0].cause.speaker)
        if behavior is None or account is None:
            self._left[group] += deeds
            return
        if max(deed.at for deed in deeds) + _SETTLES > self._now():
            await asyncio.sleep(_SETTLES.total_seconds())
        for settled in await looked_at(deeds, account, self._now(), PATIENCE):
            await guarded(group, self._settle_one(account, group, settled, behavior), self._records)

    async def _settle_one(self, account: Account, group: int, settled: Settled, behavior: Behavior) -> None:
        deed, action = settled.deed, settled.action
        about = {"action": type(action).__name__, "item": str(action.item), "reason": settled.reason}
        self._records.write("settled", group=group, account=account.number, course=settled.course.value, **about)
        if settled.course is Course.UNREAD:
            self._left[group].append(deed)
            return
        if settled.course is Course.DO:
            heard = Heard(Tick(group, self._now(), account.number), "left")
            if not await self._hands.do(account, group, heard, action, behavior):
                self._left[group].append(deed)
                return
        elif settled.course is Course.DONE and isinstance(action, Say) and action.receipt is not None:
            await self._memory.keep(group, action.receipt)
        self._memory.done(deed)
