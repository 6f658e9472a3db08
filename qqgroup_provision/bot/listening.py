"""Since when groups are listened to without a break, and how far: kept in memory, so that it is known what is missed.

`hearing.py` is how one event is read; this is whether anybody was there to hear it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from secrets import token_hex

from qqgroup_provision.behavior.event import Message, Tick
from qqgroup_provision.bot.accounts import Accounts
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.memory import BotMemory, Listened


class Listening:
    """Which groups are listened to, since when, and up to when all was decided about that was said there."""

    def __init__(self, accounts: Accounts, memory: BotMemory, now: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._memory = memory
        self._now = now
        self._since: dict[int, datetime] = {}  # since when somebody listens to a group without a break
        self._decided: dict[int, datetime] = {}  # when the last message was said that was decided about
        self._known: set[int] = set()  # groups of which is noted down that somebody listens

    @property
    def groups(self) -> list[int]:
        """The groups that are listened to."""
        return list(self._since)

    def is_on(self, group: int) -> bool:
        """Whether somebody listens to a group."""
        return group in self._since

    def is_unknown(self, group: int) -> bool:
        """Whether an account is in a group of which is not noted down that somebody listens."""
        return group not in self._known and self._accounts.inside(group) is not None

    def tick(self, group: int, account: int) -> Heard:
        """It is now, and somebody has listened to the group since then: another tick each time."""
        now = self._now()
        return Heard(Tick(group, now, account, token_hex(32), self._since.get(group, now)), "tick")

    def decided(self, group: int, message: Message) -> None:
        """A message was decided about. Messages come in order, but for what was missed."""
        self._decided[group] = max(message.at, self._decided.get(group, message.at))

    def end(self) -> None:
        """An account has gone: groups in which no other one is are listened to no more."""
        self._since = {group: at for group, at in self._since.items() if self._accounts.inside(group) is not None}

    async def begin(self, group: int) -> None:
        """Note down that somebody listens to a group from now on."""
        now = self._now()
        self._known.add(group)
        self._since.setdefault(group, now)
        await self._memory.listened((group,), now)

    async def before(self, group: int, connected: datetime) -> Listened | None:
        """What was heard of a group before an account connected. Notes down that somebody listens from then on."""
        listened = (await self._memory.listened((group,), connected)).get(group)
        self._known.add(group)
        return listened

    async def go_on(self, group: int, listened: Listened | None, connected: datetime, *, is_all: bool) -> None:
        """What was missed has been read: without a break if that `is_all`, and since the account connected if not."""
        since = listened.since if listened is not None and is_all else connected
        self._since[group] = since
        if listened is not None and since != listened.since:
            await self._memory.begin(group, since)

    async def note(self, groups: Iterable[int], is_busy: Callable[[int], bool]) -> None:
        """Note down how far these groups were listened to: up to now, where nothing waits to be decided about.

        Of a group that is busy, an account may be about to note down that it listens.
        """
        now = self._now()
        listening = [group for group in groups if self._accounts.inside(group) is not None]
        for group in listening:
            if not is_busy(group) and self.is_unknown(group):
                await self.begin(group)
        upto = {
            group: (self._decided.get(group), None if is_busy(group) else now)
            for group in listening
            if group in self._since
        }
        await self._memory.listen(upto)
