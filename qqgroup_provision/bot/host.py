"""The bot without any protocol: events in, messages out, through queue, engine, memory and pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from qqgroup_provision.behavior.commands import about
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decide import consider
from qqgroup_provision.behavior.decision import (
    Announce,
    Approve,
    AskMembers,
    Commanded,
    Decision,
    Kick,
    Mute,
    MuteAll,
    Note,
    Penal,
    Recall,
    Reject,
    Say,
    SetEssence,
    Verdict,
    Wake,
)
from qqgroup_provision.behavior.event import (
    At,
    Census,
    Event,
    Joined,
    Left,
    Member,
    Message,
    MutedAll,
    Person,
    Quote,
    Text,
    Tick,
    Unsaid,
)
from qqgroup_provision.bot.admission import admit, looked_up
from qqgroup_provision.bot.behaviors import Behavior, Behaviors, Content
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard, Seen
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.muting import mute_all
from qqgroup_provision.bot.pace import Turns
from qqgroup_provision.bot.queues import Queues
from qqgroup_provision.bot.records import Records
from qqgroup_provision.ports import Rank

_ACTIONS = {
    Recall: "recall",
    Mute: "mute",
    Kick: "kick",
    Announce: "announce",
    SetEssence: "set_essence",
}
_NOT_DONE = " 没有办成：机器人的账号可能没有这项权限"  # said in the group

_AT_ONCE = 16  # messages of a group that are decided at once; as many are lost at most if the process dies just then
_SWEEP = 600.0  # seconds between two times that old marks are dropped
_AFTER = 0.02  # seconds that a tick comes late, so that it is never early
_LONGEST_SLEEP = 900.0  # seconds until it is looked whether a clock was set, or the machine slept
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
        self.queues: Queues[Heard] = Queues(
            self._work, lambda heard: isinstance(heard.event, Message), at_once=_AT_ONCE
        )
        self._behaviors = behaviors
        self._memory = memory
        self._content = content
        self._turns = turns
        self._records = records
        self._now = now
        self._seen = Seen()
        self._accounts: dict[int, Account] = {}
        self._groups: dict[int, frozenset[int]] = {}  # of each account
        self._connected: dict[int, datetime] = {}  # since when each account is
        self._since: dict[int, datetime] = {}  # since when somebody listens to a group without a break
        self._wakes: dict[int, tuple[datetime, asyncio.TimerHandle]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: set[int] = set()  # groups whose members are being asked for

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
        self._connected[account.number] = self._now()
        self._records.write("connected", account=account.number)
        self._begin(self._look_around(account))

    def disconnect(self, account: Account) -> None:
        """A connection ended. One that was made anew meanwhile is not touched."""
        if self._accounts.get(account.number) is account:
            del self._accounts[account.number]
            self._since = {group: at for group, at in self._since.items() if self._speaker(group, 0) is not None}
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

    async def _work(self, group: int, together: Sequence[Heard]) -> None:
        """What was heard in a group, in its order. Whatever goes wrong with it is no concern of what follows."""
        behavior = self._behaviors.current.get(group)
        if len(together) > 1 and behavior is not None and not behavior.prepared.answering:
            await self._guarded(group, self._answer_all(group, together, behavior))
            return
        for heard in together:
            await self._guarded(group, self._answer(group, heard))

    async def _guarded(self, group: int, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            self._failed(group, error)

    def _failed(self, group: int, error: Exception) -> None:
        self._records.count("failures")
        self._records.write("failed", group=group, error=type(error).__name__, reason=str(error)[:300])

    async def _answer_all(self, group: int, messages: Sequence[Heard], behavior: Behavior) -> None:
        """Several messages at once, where only rules and replies hear them: to store one decision takes as long as to
        store many. What is done about one is done before anything is about the next.
        """
        considered = []
        for heard in messages:
            if self._speaker(group, heard.by) is None:
                continue  # nothing is decided, so nothing is lost
            try:
                considered.append((consider(heard.event, behavior.prepared, self._now()), heard))
            except Exception as error:
                self._failed(group, error)
        for (_, heard), decision in zip(considered, await self._memory.decide_all(considered), strict=True):
            account = self._speaker(group, heard.by)
            if isinstance(decision, Exception):
                self._failed(group, decision)
            elif account is not None:
                await self._guarded(group, self._carry_out(account, group, heard, heard.event, decision, behavior))

    async def _answer(self, group: int, heard: Heard) -> None:
        behavior = self._behaviors.current.get(group)
        account = self._speaker(group, heard.by)
        if behavior is None or account is None:
            return  # nothing was decided yet, so nothing that was put off is lost
        event = await self._named(heard.event, behavior.prepared.configuration, account)
        event = await self._informed(event, behavior.prepared.configuration, account, heard.by)
        event = await looked_up(event, behavior.prepared.configuration, account, self._records, _ANSWER)
        considered = consider(event, behavior.prepared, self._now())
        decision = await self._memory.decide(considered, heard)
        await self._carry_out(account, group, heard, event, decision, behavior)

    async def _carry_out(
        self, account: Account, group: int, heard: Heard, event: Event, decision: Decision | None, behavior: Behavior
    ) -> None:
        """Do what was decided about an event; nothing where that was done before."""
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
            elif isinstance(action, Approve | Reject):
                await self._turns.turn(account.number, group)
                await admit(account, heard, action, self._records, _ANSWER)
            elif isinstance(action, MuteAll):
                await self._mute_all(account, group, action)
            elif isinstance(action, AskMembers):
                self._ask_members(group, account)
            elif isinstance(action, Note):
                self._records.write("note", group=group, item=str(action.item), text=str(action.text))
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
            to = tuple(part.qq for part in action.segments if isinstance(part, At) and part.qq is not None)
            if to:
                unsaid = Unsaid(group, str(action.item), to, self._now(), account.number)
                self.queues.put(group, Heard(unsaid, "unsaid"))
        else:
            self._records.count("said")
            self._records.write("said", **told, message=message)
            if action.receipt is not None:
                await self._memory.keep(group, action.receipt)

    async def _punish(self, account: Account, heard: Heard, action: Penal | Commanded, behavior: Behavior) -> None:
        """Do what a rule or a command asks for, once, and never to one of ours or to another bot.

        Whoever gave a command is told if nothing came of it.
        """
        group, qq = heard.event.group, _concerned(action)
        if qq in self._accounts or qq == heard.by or qq in behavior.prepared.configuration.bots:
            return
        what = _ACTIONS[type(action)]
        told = {"group": group, "account": account.number, "item": str(action.item), "action": what, "qq": qq}
        if action.by:
            told["by"] = action.by
        await self._turns.turn(account.number, group)
        try:
            async with asyncio.timeout(_ANSWER):
                await _look(account, group, action)
                if isinstance(action, Mute):
                    await account.mute(group, qq, action.seconds)
                elif isinstance(action, Kick):
                    await account.kick(group, qq)
                elif isinstance(action, Announce):
                    await account.announce(group, action.text)
                elif account.number != heard.by:
                    raise RuntimeError("another account heard the message, and each has ids of its own")
                elif isinstance(action, SetEssence):
                    await account.set_essence(group, action.message)
                else:
                    await account.recall(group, action.message)
        except Exception as error:
            self._records.count("failures")
            self._records.write("not_done", **told, error=type(error).__name__, reason=str(error)[:300])
            if action.by:
                await self._say(account, group, Say((At(action.by), Text(_NOT_DONE)), item=action.item), behavior)
        else:
            self._records.write("done", **told)

    async def _mute_all(self, account: Account, group: int, action: MuteAll) -> None:
        """Try it with every account that is there, and tell the engine what came of it."""
        others = [self._accounts[number] for number, groups in self._groups.items() if group in groups
                  and number in self._accounts and number != account.number]  # fmt: skip
        await self._turns.turn(account.number, group)
        done = await mute_all((account, *others), group, action, self._records, _ANSWER)
        self.queues.put(group, Heard(MutedAll(group, action.on, done, self._now(), account.number), "muted_all"))

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
        spoken_to = configuration.welcome or configuration.newcomer
        if (spoken_to if isinstance(event, Joined) else configuration.farewell) is None:
            return event
        try:
            async with asyncio.timeout(_ANSWER):
                name = await account.name_of(event.person.qq)
        except Exception as error:
            self._records.write("nameless", group=event.group, error=type(error).__name__, reason=str(error)[:300])
            return event
        return replace(event, person=replace(event.person, name=name))

    async def _informed(self, event: Event, configuration: Configuration, account: Account, heard_by: int) -> Event:
        """A command says of whom by a mention or a quotation; what they are in the group is asked. Mostly it is none.

        What cannot be seen stays unknown, and nothing is done to somebody unknown.
        """
        if not isinstance(event, Message):
            return event
        people: list[Person] = []
        quoted: dict[Quote, Quote] = {}
        for part in about(event, configuration):
            try:
                async with asyncio.timeout(_ANSWER):
                    if isinstance(part, At):
                        people.append(await account.person_of(event.group, part.qq or 0))
                    elif account.number == heard_by:  # each account has ids of its own
                        sender = await account.sender_of(event.group, part.id)
                        quoted[part] = Quote(part.id, await account.person_of(event.group, sender))
            except Exception as error:
                self._records.write("unknown", group=event.group, error=type(error).__name__, reason=str(error)[:300])
        segments = tuple(quoted.get(part, part) if isinstance(part, Quote) else part for part in event.segments)
        return replace(event, segments=segments, people=tuple(people)) if people or quoted else event

    def _ask_members(self, group: int, account: Account) -> None:
        """Once, however many ask while the answer is on its way. Other things go on meanwhile."""
        if group not in self._asked:
            self._asked.add(group)
            self._begin(self._census(group, account))

    async def _census(self, group: int, account: Account) -> None:
        members: tuple[Member, ...] | None = None
        expected: int | None = None
        try:
            async with asyncio.timeout(_ANSWER):
                members, expected = await account.members(group)
        except Exception as error:
            self._records.write("no_members", group=group, error=type(error).__name__, reason=str(error)[:300])
        finally:
            self._asked.discard(group)
        census = Census(group, members, expected, self._now(), account.number)
        self.queues.put(group, Heard(census, "census"))

    async def _look_around(self, account: Account) -> None:
        """Learn where an account is, and do there what was put off when the bot last ended."""
        try:
            async with asyncio.timeout(_ANSWER):
                self._groups[account.number] = await account.groups()
        except Exception as error:
            self._records.write("no_groups", account=account.number, error=type(error).__name__)
            return
        for group in self._groups[account.number]:
            self._since.setdefault(group, self._connected[account.number])
        for group in self._groups[account.number] & self._behaviors.current.keys():
            self._tick(group, account.number)

    def _wake(self, group: int, at: datetime, account: int) -> None:
        """Send a tick then, unless one comes earlier that will ask for the next."""
        known = self._wakes.get(group)
        if known is not None:
            if known[0] <= at:
                return
            known[1].cancel()
        delay = min(max(0.0, (at - self._now()).total_seconds()) + _AFTER, _LONGEST_SLEEP)
        handle = asyncio.get_running_loop().call_later(delay, self._woken, group, account)
        self._wakes[group] = (at, handle)

    def _woken(self, group: int, account: int) -> None:
        del self._wakes[group]
        self._tick(group, account)

    def _tick(self, group: int, account: int) -> None:
        now = self._now()
        self.queues.put(group, Heard(Tick(group, now, account, token_hex(32), self._since.get(group, now)), "tick"))

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


async def _look(account: Account, group: int, action: Penal | Commanded) -> None:
    """Raises where somebody is not a plain member, or not known to be, whom nobody has seen of late."""
    if not isinstance(action, Mute | Kick) or not action.look:
        return
    if (await account.person_of(group, action.qq)).rank is not Rank.MEMBER:
        raise RuntimeError("not known to be a plain member")


def _concerned(action: Penal | Commanded) -> int:
    """Whom something is done to; nobody where it is an announcement, or about a message."""
    if isinstance(action, Recall):
        return action.sender
    return action.qq if isinstance(action, Mute | Kick) else 0
