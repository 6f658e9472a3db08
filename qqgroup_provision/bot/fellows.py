"""Other bots that share the memory: whose accounts are ours as well, and what of them is left once they die."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from qqgroup_provision.bot.accounts import Accounts
from qqgroup_provision.bot.behaviors import Behaviors
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.listening import Listening
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.outbox import Deed
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.unfinished import Leftover


class Fellows:
    """Knows the other bots that are alive. What one that has died has left behind is given to `put`, by group."""

    def __init__(
        self,
        accounts: Accounts,
        behaviors: Behaviors,
        memory: BotMemory,
        listening: Listening,
        put: Callable[[int, Leftover | Heard], None],
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._behaviors = behaviors
        self._memory = memory
        self._listening = listening
        self._put = put
        self._records = records
        self._now = now
        self._alive: frozenset[int] = frozenset()

    async def meet(self) -> None:
        """Learn of other bots that share the memory, and do what one that has died has left behind."""
        if not self._memory.is_shared:
            return
        if not await self._memory.check():
            self._records.write("log", level="WARNING", message="The session with the database was lost, and is new.")
        self._accounts.ours = await self._memory.ours(self._accounts.numbers, self._now())
        alive = await self._memory.fellows()
        gone, self._alive = self._alive - alive, alive
        mine = [
            group
            for group in self._listening.groups
            if group in self._behaviors.current and self._accounts.inside(group) is not None
        ]
        left: defaultdict[int, list[Deed]] = defaultdict(list)
        for deed in await self._memory.left(mine):
            left[deed.group].append(deed)
        for group, deeds in left.items():
            self._put(group, Leftover(tuple(deeds)))
        if gone:  # what it wanted to be woken for nobody else knows
            for group in mine:
                account = self._accounts.inside(group)
                if account is not None:
                    self._put(group, self._listening.tick(group, account.number))
