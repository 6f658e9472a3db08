"""The bot without any protocol: events in, messages out, through queue, engine, memory and pace."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from secrets import token_hex
from typing import Any

from qqgroup_provision.behavior import tagging
from qqgroup_provision.behavior.commands import about
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decide import consider
from qqgroup_provision.behavior.decision import (
    Action,
    Announce,
    Approve,
    Ask,
    AskMembers,
    Commanded,
    Kick,
    Mute,
    MuteAll,
    Note,
    Penal,
    Recall,
    Reject,
    Say,
    SetEssence,
    TickOthers,
    Verdict,
    Wake,
)
from qqgroup_provision.behavior.event import (
    Answered,
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
from qqgroup_provision.bot.assistants import NoAnswer, answer_of
from qqgroup_provision.bot.behaviors import Behavior, Behaviors, Content
from qqgroup_provision.bot.catching_up import Missed, missed
from qqgroup_provision.bot.clouds import Clouds
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard, Seen
from qqgroup_provision.bot.leftovers import Settled, looked_at
from qqgroup_provision.bot.memory import BotMemory, Decided
from qqgroup_provision.bot.muting import mute_all
from qqgroup_provision.bot.neighbours import told_of_others
from qqgroup_provision.bot.outbox import Deed
from qqgroup_provision.bot.pace import Turns
from qqgroup_provision.bot.pictures import Pictures
from qqgroup_provision.bot.queues import Queues
from qqgroup_provision.bot.recalling import take_back
from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.settling import Course
from qqgroup_provision.ports import Rank

_ACTIONS = {
    Recall: "recall",
    Mute: "mute",
    Kick: "kick",
    Announce: "announce",
    SetEssence: "set_essence",
}
_NOT_DONE = " 没有办成：机器人的账号可能没有这项权限"  # said in the group

_AT_ONCE = 16  # messages of a group that are decided at once
MOST = 2000  # messages of a group that wait
_BEAT, _SHARED_BEAT = 10.0, 2.0  # seconds between two times that is noted down how far was listened
_SIDE_BY_SIDE = 8  # groups in which is read at once what was missed
_SETTLES = timedelta(seconds=1)  # what was sent by a process that has died may still be under way for so long
_SWEEP = 600.0  # seconds between two times that old marks are dropped
_AFTER = 0.02  # seconds that a tick comes late, so that it is never early
_LONGEST_SLEEP = 900.0  # seconds until it is looked whether a clock was set, or the machine slept
_ANSWER = 40.0  # seconds after which an account is taken not to answer


def _now() -> datetime:
    return datetime.now(UTC)


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


@dataclass(frozen=True, slots=True)
class Leftover:
    """What is left of a bot that has died, or of this one while no account was there."""

    deeds: tuple[Deed, ...]


Work = Heard | Arrival | Leftover


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
        self.queues: Queues[Work] = Queues(self._work, _may_be_lost, most=MOST, at_once=_AT_ONCE)
        self._behaviors = behaviors
        self._memory = memory
        self._content = content
        self._turns = turns
        self._records = records
        self._now = now
        self._pictures = pictures or Pictures(records)
        self._clouds = clouds or Clouds(records)
        self._seen = Seen()
        self._accounts: dict[int, Account] = {}
        self._groups: dict[int, frozenset[int]] = {}  # of each account
        self._connected: dict[int, datetime] = {}  # since when each account is
        self._since: dict[int, datetime] = {}  # since when somebody listens to a group without a break
        self._wakes: dict[int, tuple[datetime, asyncio.TimerHandle]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asked: set[int] = set()  # groups whose members are being asked for
        self._ours: frozenset[int] = frozenset()  # accounts of all bots that share the memory
        self._fellows: frozenset[int] = frozenset()  # other bots that share it and are alive
        self._left: defaultdict[int, list[Deed]] = defaultdict(list)  # to be done once an account is there again
        self._decided: dict[int, datetime] = {}  # when the last message was said that was decided about
        self._last_said: dict[tuple[int, int], str] = {}  # the id of what each account said last in a group
        self._known: set[int] = set()  # groups of which is noted down that somebody listens
        self._catching = asyncio.Semaphore(_SIDE_BY_SIDE)

    @property
    def accounts(self) -> list[int]:
        """The accounts that are connected now."""
        return sorted(self._accounts)

    def start(self) -> None:
        self._begin(self._sweep())
        self._begin(self._keep_beating())

    async def stop(self, patience: float = 5.0) -> None:
        """Finish what was heard, if that does not take long, and then rest."""
        for _, handle in self._wakes.values():
            handle.cancel()
        await self.queues.close(patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._guarded(0, self._memory.flush())

    def connect(self, account: Account) -> None:
        self._accounts[account.number] = account
        self._connected[account.number] = self._now()
        self._records.write("connected", account=account.number)
        around = asyncio.create_task(self._look_around(account))
        self._tasks.add(around)
        around.add_done_callback(self._tasks.discard)
        for group in self._behaviors.current:
            self.queues.put(group, Arrival(account, around))

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
        if isinstance(event, Message) and event.sender.qq in (event.me, *self._accounts, *self._ours):
            return  # ours, whichever account of ours has heard it
        new = self._seen.numbered(self._about_us(heard), time.monotonic())
        if new is None:
            self._records.count("duplicates")
            return
        self.queues.put(event.group, new)

    def enforced(self, group: int) -> None:
        """Another behaviour is in force in a group: look at what was put off."""
        if self._is_unknown(group):
            self._begin(self._guarded(group, self._begin_to_listen(group)))
        for number, groups in self._groups.items():
            if group in groups and number in self._accounts:
                self._tick(group, number)
                return

    async def _work(self, group: int, together: Sequence[Work]) -> None:
        """What was heard in a group, in its order. Whatever goes wrong with it is no concern of what follows."""
        first = together[0]
        if isinstance(first, Arrival):
            await self._guarded(group, self._arrive(group, first))
        elif isinstance(first, Leftover):
            await self._guarded(group, self._settle(group, first.deeds))
        else:
            await self._decide(group, [one for one in together if isinstance(one, Heard)])
        if not self.queues.waiting(group):
            await self._guarded(group, self._memory.flush())

    async def _decide(self, group: int, together: Sequence[Heard]) -> None:
        behavior = self._behaviors.current.get(group)
        if len(together) > 1 and behavior is not None and not behavior.prepared.answering:
            await self._guarded(group, self._answer_all(group, together, behavior))
        else:
            for heard in together:
                await self._guarded(group, self._answer(group, heard))
        for heard in together:
            if isinstance(heard.event, Message):
                self._decided[group] = max(heard.event.at, self._decided.get(group, heard.event.at))

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
                event = await self._pictures.read(heard.event, behavior.prepared)
                considered.append((consider(event, behavior.prepared, self._now()), heard))
            except Exception as error:
                self._failed(group, error)
        if not considered:
            return
        speaker, after = self._about_to_speak(group, considered[0][1].by)
        decisions = await self._memory.decide_all(considered, speaker, after)
        for (_, heard), decision in zip(considered, decisions, strict=True):
            if isinstance(decision, Exception):
                self._failed(group, decision)
            else:
                await self._guarded(group, self._carry_out(group, heard, heard.event, decision, behavior))

    async def _answer(self, group: int, heard: Heard) -> None:
        behavior = self._behaviors.current.get(group)
        account = self._speaker(group, heard.by)
        if behavior is None or account is None:
            return  # nothing was decided yet, so nothing that was put off is lost
        event = await self._named(heard.event, behavior.prepared.configuration, account)
        event = await self._informed(event, behavior.prepared.configuration, account, heard.by)
        event = await self._pictures.read(event, behavior.prepared)
        event = await looked_up(event, behavior.prepared.configuration, account, self._records, _ANSWER)
        event = await told_of_others(event, behavior.prepared.configuration, self._in, self._records, _ANSWER)
        considered = consider(event, behavior.prepared, self._now())
        decision = await self._memory.decide(considered, heard, *self._about_to_speak(group, heard.by))
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
            account = self._speaker(group, heard.by)
            if account is not None and await self._do(account, group, heard, action, behavior):
                if deed is not None:
                    self._memory.done(deed)
            elif deed is not None:
                self._left[group].append(deed)
        for reason in decision.reasons:
            if reason.verdict is Verdict.TRIAL and isinstance(event, Message):
                self._records.write("trial", group=group, item=str(reason.item), qq=event.sender.qq)

    async def _do(self, account: Account, group: int, heard: Heard, action: Action, behavior: Behavior) -> bool:
        """Do one thing. Gives whether that is all there is to it: not if the account went away while it tried."""
        tried = True
        if isinstance(action, Say):
            mine = account.number == heard.by  # each account has ids of its own
            said = action if mine else replace(action, quote=None)
            tried = await self._say(account, group, said, behavior)
        elif isinstance(action, Wake):
            self._wake(group, action.at, account.number)
        elif isinstance(action, Approve | Reject):
            await self._turns.turn(account.number, group)
            await admit(account, heard, action, self._records, _ANSWER)
        elif isinstance(action, MuteAll):
            await self._mute_all(account, group, action)
        elif isinstance(action, AskMembers):
            self._ask_members(group, account)
        elif isinstance(action, Ask):
            self._begin(self._asked_for(group, heard, action, self._now()))
        elif isinstance(action, TickOthers):
            for other in action.groups:
                self.enforced(other)
        elif isinstance(action, Note):
            self._records.write("note", group=group, item=str(action.item), text=str(action.text))
        else:
            tried = await self._punish(account, heard, action, behavior)
        return tried

    def _is_gone(self, account: Account) -> bool:
        return self._accounts.get(account.number) is not account

    async def _say(self, account: Account, group: int, action: Say, behavior: Behavior) -> bool:
        """Say it once. What a server does not take is not tried again."""

        segments, drawn = await self._clouds.drawn(action.segments)

        def picture(path: str) -> bytes:
            return drawn[path] if path in drawn else self._content(path, behavior.pictures[path])

        await self._turns.turn(account.number, group)
        told = {"group": group, "account": account.number, "item": str(action.item), "answers": action.quote}
        try:
            async with asyncio.timeout(_ANSWER):
                message = await account.say(group, segments, action.quote, picture)
        except Exception as error:
            if self._is_gone(account):
                return False
            self._records.count("failures")
            self._records.write("not_said", **told, error=type(error).__name__, reason=str(error)[:300])
            to = tuple(part.qq for part in action.segments if isinstance(part, At) and part.qq is not None)
            if to:
                unsaid = Unsaid(group, str(action.item), to, self._now(), account.number)
                self.queues.put(group, Heard(unsaid, "unsaid"))
        else:
            self._records.count("said")
            self._records.write("said", **told, message=message)
            self._last_said[account.number, group] = message
            if action.receipt is not None:
                await self._memory.keep(group, action.receipt)
        return True

    async def _punish(self, account: Account, heard: Heard, action: Penal | Commanded, behavior: Behavior) -> bool:
        """Do what a rule or a command asks for, once, and never to one of ours or to another bot.

        Whoever gave a command is told if nothing came of it.
        """
        group, qq = heard.event.group, _concerned(action)
        if qq in (*self._accounts, *self._ours, heard.by) or qq in behavior.prepared.configuration.bots:
            return True
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
                elif isinstance(action, Recall):
                    await take_back(action, group, account, self._accounts, heard.by)
                elif account.number != heard.by:
                    raise RuntimeError("another account heard the message, and each has ids of its own")
                else:
                    await account.set_essence(group, action.message)
        except Exception as error:
            if self._is_gone(account):
                return False
            self._records.count("failures")
            self._records.write("not_done", **told, error=type(error).__name__, reason=str(error)[:300])
            if action.by:
                await self._say(account, group, Say((At(action.by), Text(_NOT_DONE)), item=action.item), behavior)
        else:
            self._records.write("done", **told)
        return True

    async def _mute_all(self, account: Account, group: int, action: MuteAll) -> None:
        """Try it with every account that is there, and tell the engine what came of it."""
        others = [self._accounts[number] for number, groups in self._groups.items() if group in groups
                  and number in self._accounts and number != account.number]  # fmt: skip
        await self._turns.turn(account.number, group)
        done = await mute_all((account, *others), group, action, self._records, _ANSWER)
        self.queues.put(group, Heard(MutedAll(group, action.on, done, self._now(), account.number), "muted_all"))

    def _about_to_speak(self, group: int, wished: int) -> tuple[int, str]:
        """The account that is going to speak, and the id of what it said last in this group."""
        account = self._speaker(group, wished)
        if account is None:
            return 0, ""
        return account.number, self._last_said.get((account.number, group), "")

    def _speaker(self, group: int, wished: int) -> Account | None:
        """The account that heard it, or else another one that is in the group."""
        if wished in self._accounts:
            return self._accounts[wished]
        others = (number for number, groups in self._groups.items() if group in groups)
        return next((self._accounts[number] for number in others if number in self._accounts), None)

    def _in(self, group: int) -> Account | None:
        """An account that is in a group."""
        return self._speaker(group, 0)

    def _about_us(self, heard: Heard) -> Heard:
        """A message that mentions another account of ours is about that one, whichever hears it first."""
        event = heard.event
        if not isinstance(event, Message):
            return heard
        mentioned = {part.qq for part in event.segments if isinstance(part, At)}
        ours = [number for number in sorted({*self._accounts, *self._ours}) if number in mentioned]
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
        marked = tuple(tagging.about(event, configuration))
        for part in (*about(event, configuration), *marked):
            try:
                async with asyncio.timeout(_ANSWER):
                    if isinstance(part, At):
                        people.append(await account.person_of(event.group, part.qq or 0))
                    elif account.number == heard_by:  # each account has ids of its own
                        sender = await account.sender_of(event.group, part.id)
                        person = await account.person_of(event.group, sender)
                        text = await account.text_of(event.group, part.id) if part in marked else ""
                        quoted[part] = Quote(part.id, person, text)
            except Exception as error:
                self._records.write("unknown", group=event.group, error=type(error).__name__, reason=str(error)[:300])
        segments = tuple(quoted.get(part, part) if isinstance(part, Quote) else part for part in event.segments)
        return replace(event, segments=segments, people=tuple(people)) if people or quoted else event

    def _ask_members(self, group: int, account: Account) -> None:
        """Once, however many ask while the answer is on its way. Other things go on meanwhile."""
        if group not in self._asked:
            self._asked.add(group)
            self._begin(self._census(group, account))

    async def _asked_for(self, group: int, heard: Heard, action: Ask, at: datetime) -> None:
        """Ask an assistant, while the group goes on, and tell the engine what came of it."""
        text: str | None = None
        try:
            text = await answer_of(action)
        except NoAnswer as error:
            self._records.count("failures")
            self._records.write("no_answer", group=group, item=str(action.item), reason=str(error))
        answered = Answered(group, action.message, action.qq, text, at, self._now(), heard.by)
        self.queues.put(group, Heard(answered, "answered"))

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

    async def _look_around(self, account: Account) -> Around | None:
        """Learn where an account is, and who waits to be let in there."""
        try:
            async with asyncio.timeout(_ANSWER):
                self._groups[account.number] = groups = await account.groups()
        except Exception as error:
            self._records.write("no_groups", account=account.number, error=type(error).__name__)
            return None
        await self._guarded(0, self._meet_others())
        reviewed = [
            group
            for group in groups & self._behaviors.current.keys()
            if self._behaviors.current[group].prepared.configuration.review is not None
        ]
        try:
            async with asyncio.timeout(_ANSWER):
                return Around(groups, await account.requests() if reviewed else ())
        except Exception as error:
            about = {"account": account.number, "error": type(error).__name__, "reason": str(error)[:300]}
            self._records.write("no_requests", **about)
            return Around(groups)

    async def _arrive(self, group: int, arrival: Arrival) -> None:
        """Do in a group what was left undone when the bot last ended, and hear what was missed since."""
        account, around = arrival.account, await asyncio.shield(arrival.around)
        behavior = self._behaviors.current.get(group)
        if around is None or group not in around.groups or behavior is None or self._is_gone(account):
            return
        alone = group not in self._since  # otherwise another account of ours has listened all the time
        connected = self._connected[account.number]
        async with self._catching:
            listened = (await self._memory.listened((group,), connected)).get(group)
            self._known.add(group)
            left = [*self._left.pop(group, ()), *await self._memory.left((group,))]
            if left:
                await self._settle(group, left)
            found = Missed()
            if alone and listened is not None:
                people = bool(behavior.prepared.parts)
                found = await missed(account, group, listened, self._now(), self._records, _ANSWER, people=people)
        if found.last:
            self._last_said.setdefault((account.number, group), found.last)
        asked = tuple(heard for heard in around.requests if heard.event.group == group)
        await self._hear_late(group, (*found.events, *asked))
        if alone:
            since = listened.since if listened is not None and found.is_all else connected
            self._since[group] = since
            if listened is not None and since != listened.since:
                await self._memory.begin(group, since)
        await self._answer(group, self._ticked(group, account.number))

    async def _hear_late(self, group: int, events: Iterable[Heard]) -> None:
        """Things that happened while nobody listened, as many at a time as those that are heard at once."""
        waiting: list[Heard] = []
        for heard in events:
            event = heard.event
            if isinstance(event, Message) and event.sender.qq in (*self._accounts, *self._ours):
                continue
            new = self._seen.numbered(self._about_us(heard), time.monotonic())
            if new is None:
                continue
            self._records.count("caught_up")
            if not isinstance(event, Message):
                await self._decide(group, waiting)
                await self._decide(group, [new])
                waiting = []
                continue
            waiting.append(new)
            if len(waiting) == _AT_ONCE:
                await self._decide(group, waiting)
                waiting = []
        await self._decide(group, waiting)

    async def _settle(self, group: int, deeds: Sequence[Deed]) -> None:
        """Find out what became of what was left, and do what was not done."""
        behavior, account = self._behaviors.current.get(group), self._speaker(group, deeds[0].cause.speaker)
        if behavior is None or account is None:
            self._left[group] += deeds
            return
        if max(deed.at for deed in deeds) + _SETTLES > self._now():
            await asyncio.sleep(_SETTLES.total_seconds())
        for settled in await looked_at(deeds, account, self._now(), _ANSWER):
            await self._guarded(group, self._settle_one(account, group, settled, behavior))

    async def _settle_one(self, account: Account, group: int, settled: Settled, behavior: Behavior) -> None:
        deed, action = settled.deed, settled.action
        about = {"action": type(action).__name__, "item": str(action.item), "reason": settled.reason}
        self._records.write("settled", group=group, account=account.number, course=settled.course.value, **about)
        if settled.course is Course.DO:
            heard = Heard(Tick(group, self._now(), account.number), "left")
            if not await self._do(account, group, heard, action, behavior):
                self._left[group].append(deed)
                return
        elif settled.course is Course.DONE and isinstance(action, Say) and action.receipt is not None:
            await self._memory.keep(group, action.receipt)
        self._memory.done(deed)

    async def _meet_others(self) -> None:
        """Learn of other bots that share the memory, and do what one that has died has left behind."""
        if not self._memory.is_shared:
            return
        if not await self._memory.check():
            self._records.write("log", level="WARNING", message="The session with the database was lost, and is new.")
        self._ours = await self._memory.ours(self._accounts, self._now())
        fellows = await self._memory.fellows()
        gone, self._fellows = self._fellows - fellows, fellows
        mine = [group for group in self._since if group in self._behaviors.current and self._speaker(group, 0)]
        left: defaultdict[int, list[Deed]] = defaultdict(list)
        for deed in await self._memory.left(mine):
            left[deed.group].append(deed)
        for group, deeds in left.items():
            self.queues.put(group, Leftover(tuple(deeds)))
        if gone:  # what it wanted to be woken for nobody else knows
            for group in mine:
                account = self._speaker(group, 0)
                if account is not None:
                    self._tick(group, account.number)

    def _is_unknown(self, group: int) -> bool:
        """Whether somebody listens to a group of which that is not noted down, and no account is about to do so."""
        idle = group not in self._known and not self.queues.is_busy(group)
        return idle and self._speaker(group, 0) is not None

    async def _begin_to_listen(self, group: int) -> None:
        """Note down that somebody listens to a group from now on."""
        now = self._now()
        self._known.add(group)
        self._since.setdefault(group, now)
        await self._memory.listened((group,), now)

    async def _keep_beating(self) -> None:
        """Note down from time to time how far groups were listened to."""
        while True:
            await asyncio.sleep(_SHARED_BEAT if self._memory.is_shared else _BEAT)
            try:
                await self._beat()
            except Exception as error:
                self._failed(0, error)

    async def _beat(self) -> None:
        now = self._now()
        listening = [group for group in self._behaviors.current if self._speaker(group, 0) is not None]
        for group in filter(self._is_unknown, listening):
            await self._begin_to_listen(group)
        upto = {
            group: (self._decided.get(group), None if self.queues.is_busy(group) else now)
            for group in listening
            if group in self._since
        }
        await self._memory.listen(upto)
        for group in [group for group in self._left if self._speaker(group, 0) is not None]:
            self.queues.put(group, Leftover(tuple(self._left.pop(group))))
        await self._meet_others()
        if self._memory.is_shared:
            for group in await self._behaviors.refresh():
                self.enforced(group)

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
        self.queues.put(group, self._ticked(group, account))

    def _ticked(self, group: int, account: int) -> Heard:
        now = self._now()
        return Heard(Tick(group, now, account, token_hex(32), self._since.get(group, now)), "tick")

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


def _may_be_lost(work: Work) -> bool:
    return isinstance(work, Heard) and isinstance(work.event, Message)


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
