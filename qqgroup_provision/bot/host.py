"""The bot without any protocol: events in, messages out, through queue, engine, memory and pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decide import consider
from qqgroup_provision.behavior.decision import Kick, Mute, Penal, Recall, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Event, Joined, Left, Message, Tick
from qqgroup_provision.bot.behaviors import Behavior, Behaviors, Content
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard, Seen
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.pace import Turns
from qqgroup_provision.bot.queues import Queues
from qqgroup_provision.bot.records import Records

_SWEEP = 600.0  # seconds between two times that old marks are dropped
_AFTER = 0.02  # seconds that a tick comes late, so that it is never early
_ANSWER = 40.0  # seconds after which an account is taken not to answer


def _now() -> datetime:
    return datetime.now(UTC)


class Host:
    """Hears for all connected accounts, and speaks through them. Lives in one event loop."""

    def __init__(
        self,
        behaviors: Behaviors,
        memory: BotMemory,
        content: Content,
        turns: Turns,
        records: Records,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.queues: Queues[Heard] = Queues(self._work, lambda heard: isinstance(heard.event, Message))
        self._behaviors = behaviors
        self._memory = memory
        self._content = content
        self._turns = turns
        self._records = records
        self._now = now
        self._seen = Seen()
        self._accounts: dict[int, Account] = {}
        self._groups: dict[int, frozenset[int]] = {}  # of each account
        self._wakes: dict[int, tuple[datetime, asyncio.TimerHandle]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def accounts(self) -> list[int]:
        """The accounts that are connected now."""
        return sorted(self._accounts)

    def start(self) -> None:
        self._begin(self._sweep())

    async def stop(self, patience: float = 5.0) -> None:
        """Finish what was heard, if that does not take long, and then rest."""
        for _, handle in self._wakes.values():
            handle.cancel()
        await self.queues.close(patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def connect(self, account: Account) -> None:
        self._accounts[account.number] = account
        self._records.write("connected", account=account.number)
        self._begin(self._look_around(account))

    def disconnect(self, account: Account) -> None:
        """A connection ended. One that was made anew meanwhile is not touched."""
        if self._accounts.get(account.number) is account:
            del self._accounts[account.number]
            self._records.write("disconnected", account=account.number)

    def hear(self, heard: Heard) -> None:
        """Something happened. Returns at once; what becomes of it is decided in the order of calls."""
        event = heard.event
        if event.group not in self._behaviors.current:
            return
        self._records.count("events")
        if isinstance(event, Message) and event.sender.qq in (event.me, *self._accounts):
            return  # ours, whichever account of ours has heard it
        heard = self._about_us(heard)
        if not self._seen.is_new(heard, time.monotonic()):
            self._records.count("duplicates")
            return
        self.queues.put(event.group, heard)

    def enforced(self, group: int) -> None:
        """Another behaviour is in force in a group: look at what was put off."""
        for number, groups in self._groups.items():
            if group in groups and number in self._accounts:
                self._tick(group, number)
                return

    async def _work(self, group: int, heard: Heard) -> None:
        """One event of a group. Whatever goes wrong with it is no concern of the next one."""
        try:
            await self._answer(group, heard)
        except Exception as error:
            self._records.count("failures")
            self._records.write("failed", group=group, error=type(error).__name__, reason=str(error)[:300])

    async def _answer(self, group: int, heard: Heard) -> None:
        behavior = self._behaviors.current.get(group)
        account = self._speaker(group, heard.by)
        if behavior is None or account is None:
            return  # nothing was decided yet, so nothing that was put off is lost
        event = await self._named(heard.event, behavior.prepared.configuration, account)
        considered = consider(event, behavior.prepared, self._now())
        decision = await self._memory.decide(considered, heard)
        if decision is None:
            self._records.count("duplicates")
            return
        for action in decision.actions:
            if isinstance(action, Say):
                mine = account.number == heard.by  # each account has ids of its own
                said = action if mine else replace(action, quote=None)
                await self._say(account, group, said, behavior)
            elif isinstance(action, Wake):
                self._wake(group, action.at, account.number)
            else:
                await self._punish(account, heard, action, behavior)
        for reason in decision.reasons:
            if reason.verdict is Verdict.TRIAL and isinstance(event, Message):
                self._records.write("trial", group=group, item=str(reason.item), qq=event.sender.qq)

    async def _say(self, account: Account, group: int, action: Say, behavior: Behavior) -> None:
        """Say it once. It was remembered as said, so it is not tried again."""

        def picture(path: str) -> bytes:
            return self._content(path, behavior.pictures[path])

        await self._turns.turn(account.number, group)
        told = {"group": group, "account": account.number, "item": str(action.item), "answers": action.quote}
        try:
            async with asyncio.timeout(_ANSWER):
                message = await account.say(group, action.segments, action.quote, picture)
        except Exception as error:
            self._records.count("failures")
            self._records.write("not_said", **told, error=type(error).__name__, reason=str(error)[:300])
        else:
            self._records.count("said")
            self._records.write("said", **told, message=message)

    async def _punish(self, account: Account, heard: Heard, action: Penal, behavior: Behavior) -> None:
        """Do what a rule asks for, once, and never to one of ours or to another bot, whatever was decided."""
        group, qq = heard.event.group, action.sender if isinstance(action, Recall) else action.qq
        if qq in self._accounts or qq == heard.by or qq in behavior.prepared.configuration.bots:
            return
        what = type(action).__name__.lower()
        told = {"group": group, "account": account.number, "item": str(action.item), "action": what, "qq": qq}
        await self._turns.turn(account.number, group)
        try:
            async with asyncio.timeout(_ANSWER):
                if isinstance(action, Mute):
                    await account.mute(group, qq, action.seconds)
                elif isinstance(action, Kick):
                    await account.kick(group, qq)
                elif account.number == heard.by:
                    await account.recall(group, action.message)
                else:
                    raise RuntimeError("another account heard the message, and each has ids of its own")
        except Exception as error:
            self._records.count("failures")
            self._records.write("not_done", **told, error=type(error).__name__, reason=str(error)[:300])
        else:
            self._records.write("done", **told)

    def _speaker(self, group: int, wished: int) -> Account | None:
        """The account that heard it, or else another one that is in the group."""
        if wished in self._accounts:
            return self._accounts[wished]
        others = (number for number, groups in self._groups.items() if group in groups)
        return next((self._accounts[number] for number in others if number in self._accounts), None)

    def _about_us(self, heard: Heard) -> Heard:
        """A message that mentions another account of ours is about that one, whichever hears it first."""
        event = heard.event
        if not isinstance(event, Message):
            return heard
        mentioned = {part.qq for part in event.segments if isinstance(part, At)}
        ours = [number for number in self.accounts if number in mentioned]
        if not ours or event.me in ours:
            return heard
        return replace(heard, event=replace(event, me=ours[0]), account=heard.by)

    async def _named(self, event: Event, configuration: Configuration, account: Account) -> Event:
        """Who comes or goes is told by number alone; whoever is greeted has a name."""
        if not isinstance(event, Joined | Left) or event.person.name or event.person.qq == event.me:
            return event
        if (configuration.welcome if isinstance(event, Joined) else configuration.farewell) is None:
            return event
        try:
            async with asyncio.timeout(_ANSWER):
                name = await account.name_of(event.person.qq)
        except Exception as error:
            self._records.write("nameless", group=event.group, error=type(error).__name__, reason=str(error)[:300])
            return event
        return replace(event, person=replace(event.person, name=name))

    async def _look_around(self, account: Account) -> None:
        """Learn where an account is, and do there what was put off when the bot last ended."""
        try:
            async with asyncio.timeout(_ANSWER):
                self._groups[account.number] = await account.groups()
        except Exception as error:
            self._records.write("no_groups", account=account.number, error=type(error).__name__)
            return
        for group in self._groups[account.number] & self._behaviors.current.keys():
            self._tick(group, account.number)

    def _wake(self, group: int, at: datetime, account: int) -> None:
        """Send a tick then, unless one comes earlier that will ask for the next."""
        known = self._wakes.get(group)
        if known is not None:
            if known[0] <= at:
                return
            known[1].cancel()
        delay = max(0.0, (at - self._now()).total_seconds()) + _AFTER
        handle = asyncio.get_running_loop().call_later(delay, self._woken, group, account)
        self._wakes[group] = (at, handle)

    def _woken(self, group: int, account: int) -> None:
        del self._wakes[group]
        self._tick(group, account)

    def _tick(self, group: int, account: int) -> None:
        self.queues.put(group, Heard(Tick(group, self._now(), account), "tick"))

    async def _sweep(self) -> None:
        while True:
            try:
                await self._memory.sweep(self._now())
            except Exception as error:
                self._records.write("failed", error=type(error).__name__, reason=str(error)[:300])
            await asyncio.sleep(_SWEEP)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
