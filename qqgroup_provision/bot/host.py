"""The bot without any protocol: events in, messages out, through queue, engine, memory and pace.

Here is the order of things: what is heard waits in the queue of its group, is completed (`completing.py`), decided,
and carried out (`carrying_out.py`), one thing after the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, TypeAlias, TypeVar

from qqgroup_provision.behavior.decide import consider
from qqgroup_provision.behavior.decision import Action, Ask, AskMembers, Note, TickOthers, Verdict, Wake
from qqgroup_provision.behavior.event import Event, Message
from qqgroup_provision.bot.accounts import Accounts
from qqgroup_provision.bot.arriving import AT_ONCE, Around, Arrival, Arrivals, groups_of, requests_of
from qqgroup_provision.bot.asking import Questions
from qqgroup_provision.bot.behaviors import Behavior, Behaviors, Content
from qqgroup_provision.bot.carrying_out import Hands
from qqgroup_provision.bot.clouds import Clouds
from qqgroup_provision.bot.completing import completed
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.failures import failed, guarded
from qqgroup_provision.bot.fellows import Fellows
from qqgroup_provision.bot.heard import Heard, Seen
from qqgroup_provision.bot.listening import Listening
from qqgroup_provision.bot.memory import BotMemory, Decided
from qqgroup_provision.bot.pace import Turns
from qqgroup_provision.bot.pictures import Pictures
from qqgroup_provision.bot.queues import Queues
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.unfinished import Leftover, Unfinished
from qqgroup_provision.bot.waking import Wakes

MOST = 2000  # messages of a group that wait
_BEAT, _SHARED_BEAT = 10.0, 2.0  # seconds between two times that is noted down how far was listened
_SWEEP = 600.0  # seconds between two times that old marks are dropped

Work: TypeAlias = Heard | Arrival | Leftover
T = TypeVar("T")


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
        pictures: Pictures | None = None,
        clouds: Clouds | None = None,
    ) -> None:
        self.queues: Queues[Work] = Queues(self._work, _may_be_lost, most=MOST, at_once=AT_ONCE)
        self._behaviors = behaviors
        self._memory = memory
        self._records = records
        self._now = now
        self._pictures = pictures or Pictures(records)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._astray: list[Account] = []  # those whose server failed to tell where they are
        self._seen = Seen()
        self._accounts = accounts = Accounts()
        self._listening = listening = Listening(accounts, memory, now)
        self._wakes = Wakes(self._tick, now)
        tell = self.queues.put
        self._questions = Questions(self._begin, tell, records, now)
        self._hands = Hands(accounts, memory, content, clouds or Clouds(records), turns, tell, records, now)
        self._unfinished = Unfinished(accounts, behaviors, memory, self._hands, records, now)
        self._arrivals = Arrivals(
            accounts, behaviors, listening, self._unfinished, self._seen, self._decide, records, now
        )
        self._fellows = Fellows(accounts, behaviors, memory, listening, tell, records, now)

    @property
    def accounts(self) -> list[int]:
        """The accounts that are connected now."""
        return self._accounts.numbers

    def start(self) -> None:
        """Begin what is done from time to time. What is heard is answered without it."""
        self._begin(self._sweep())
        self._begin(self._keep_beating())

    async def stop(self, patience: float = 5.0) -> None:
        """Finish what was heard, if that does not take long, and then rest."""
        self._wakes.cancel()
        await self.queues.close(patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._guarded(0, self._memory.flush())

    def connect(self, account: Account) -> None:
        """An account is there. What it missed is heard before what it hears from now on."""
        self._accounts.connect(account, self._now())
        self._records.write("connected", account=account.number)
        self._welcome(account)

    def _welcome(self, account: Account) -> None:
        around = self._begin(self._look_around(account))
        for group in self._behaviors.current:
            self.queues.put(group, Arrival(account, around))

    def disconnect(self, account: Account) -> None:
        """A connection ended. One that was made anew meanwhile is not touched."""
        if self._accounts.disconnect(account):
            self._listening.end()
            self._records.write("disconnected", account=account.number)

    def hear(self, heard: Heard) -> None:
        """Something happened. Returns at once; what becomes of it is decided in the order of calls."""
        event = heard.event
        if event.group not in self._behaviors.current:
            return
        self._records.count("events")
        if isinstance(event, Message) and (event.sender.qq == event.me or self._accounts.is_ours(event.sender.qq)):
            return  # ours, whichever account of ours has heard it
        new = self._seen.numbered(self._accounts.about_us(heard), time.monotonic())
        if new is None:
            self._records.count("duplicates")
            return
        self.queues.put(event.group, new)

    def enforced(self, group: int) -> None:
        """Another behaviour is in force in a group: look at what was put off."""
        if not self.queues.is_busy(group) and self._listening.is_unknown(group):
            self._begin(self._guarded(group, self._listening.begin(group)))
        account = self._accounts.inside(group)
        if account is not None:
            self._tick(group, account.number)

    async def _look_around(self, account: Account) -> Around | None:
        """Learn where an account is, and who waits to be let in there."""
        groups = await groups_of(account, self._records)
        if groups is None:
            self._astray.append(account)
            return None
        self._accounts.are_in(account, groups)
        await self._guarded(0, self._fellows.meet())
        return Around(groups, await requests_of(account, groups, self._behaviors, self._records))

    async def _work(self, group: int, together: Sequence[Work]) -> None:
        """What was heard in a group, in its order. Whatever goes wrong with it is no concern of what follows."""
        first = together[0]
        if isinstance(first, Arrival):
            await self._guarded(group, self._arrive(group, first))
        elif isinstance(first, Leftover):
            await self._guarded(group, self._unfinished.settle(group, first.deeds))
        else:
            await self._decide(group, [one for one in together if isinstance(one, Heard)])
        if not self.queues.waiting(group):
            await self._guarded(group, self._memory.flush())

    async def _arrive(self, group: int, arrival: Arrival) -> None:
        """What was missed in a group, and then what was put off there."""
        if await self._arrivals.arrive(group, arrival):
            await self._answer(group, self._listening.tick(group, arrival.account.number))

    async def _decide(self, group: int, together: Sequence[Heard]) -> None:
        behavior = self._behaviors.current.get(group)
        if len(together) > 1 and behavior is not None and not behavior.prepared.answering:
            await self._guarded(group, self._answer_all(group, together, behavior))
        else:
            for heard in together:
                await self._guarded(group, self._answer(group, heard))
        for heard in together:
            if isinstance(heard.event, Message):
                self._listening.decided(group, heard.event)

    async def _answer_all(self, group: int, messages: Sequence[Heard], behavior: Behavior) -> None:
        """Several messages at once, where only rules and replies hear them: to store one decision takes as long as to
        store many. What is done about one is done before anything is about the next.
        """
        considered = []
        for heard in messages:
            if self._accounts.speaker(group, heard.by) is None:
                continue  # nothing is decided, so nothing is lost
            try:
                event = await self._pictures.read(heard.event, behavior.prepared)
                considered.append((consider(event, behavior.prepared, self._now()), heard))
            except Exception as error:
                failed(group, error, self._records)
        if not considered:
            return
        speaker, after = self._accounts.about_to_speak(group, considered[0][1].by)
        decisions = await self._memory.decide_all(considered, speaker, after)
        for (_, heard), decision in zip(considered, decisions, strict=True):
            if isinstance(decision, Exception):
                failed(group, decision, self._records)
            else:
                await self._guarded(group, self._carry_out(group, heard, heard.event, decision, behavior))

    async def _answer(self, group: int, heard: Heard) -> None:
        behavior = self._behaviors.current.get(group)
        account = self._accounts.speaker(group, heard.by)
        if behavior is None or account is None:
            return  # nothing was decided yet, so nothing that was put off is lost
        event = await completed(heard, behavior, account, self._accounts, self._pictures, self._records)
        considered = consider(event, behavior.prepared, self._now())
        decision = await self._memory.decide(considered, heard, *self._accounts.about_to_speak(group, heard.by))
        await self._carry_out(group, heard, event, decision, behavior)

    async def _carry_out(
        self, group: int, heard: Heard, event: Event, decided: Decided | None, behavior: Behavior
    ) -> None:
        """Do what was decided about an event; nothing where that was done before.

        What is to be done once no account is there is left for when one is.
        """
        if decided is None:
            self._records.count("duplicates")
            return
        decision = decided.decision
        for action, deed in zip_longest(decision.actions, decided.deeds):
            account = self._accounts.speaker(group, heard.by)
            if account is not None and await self._do(account, group, heard, action, behavior):
                if deed is not None:
                    self._memory.done(deed)
            elif deed is not None:
                self._unfinished.leave(group, deed)
        for reason in decision.reasons:
            if reason.verdict is Verdict.TRIAL and isinstance(event, Message):
                self._records.write("trial", group=group, item=str(reason.item), qq=event.sender.qq)

    async def _do(self, account: Account, group: int, heard: Heard, action: Action, behavior: Behavior) -> bool:
        """Do one thing, in the group or for the engine alone. Gives whether that is all there is to it."""
        if isinstance(action, Wake):
            self._wakes.wake(group, action.at, account.number)
        elif isinstance(action, AskMembers):
            self._questions.members(group, account)
        elif isinstance(action, Ask):
            self._questions.assistant(group, heard, action)
        elif isinstance(action, TickOthers):
            for other in action.groups:
                self.enforced(other)
        elif isinstance(action, Note):
            self._records.write("note", group=group, item=str(action.item), text=str(action.text))
        else:
            return await self._hands.do(account, group, heard, action, behavior)
        return True

    async def _keep_beating(self) -> None:
        """Note down from time to time how far groups were listened to."""
        while True:
            await asyncio.sleep(_SHARED_BEAT if self._memory.is_shared else _BEAT)
            await self._guarded(0, self._beat())

    async def _beat(self) -> None:
        await self._listening.note(self._behaviors.current, self.queues.is_busy)
        for group, leftover in self._unfinished.due():
            self.queues.put(group, leftover)
        await self._fellows.meet()
        astray, self._astray = self._astray, []
        for account in astray:
            if not self._accounts.is_gone(account):
                self._welcome(account)
        if self._memory.is_shared:
            for group in await self._behaviors.refresh():
                self.enforced(group)

    async def _sweep(self) -> None:
        while True:
            try:
                await self._memory.sweep(self._now())
            except Exception as error:
                self._records.write("failed", error=type(error).__name__, reason=str(error)[:300])
            await asyncio.sleep(_SWEEP)

    def _tick(self, group: int, account: int) -> None:
        self.queues.put(group, self._listening.tick(group, account))

    def _guarded(self, group: int, work: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        return guarded(group, work, self._records)

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _may_be_lost(work: Work) -> bool:
    return isinstance(work, Heard) and isinstance(work.event, Message)
