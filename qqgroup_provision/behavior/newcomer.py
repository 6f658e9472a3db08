"""A question to newcomers, and what becomes of those who do not answer it in time.

Who is waited for is one mark of the group, so a deadline outlasts the bot. What was said while no bot listened was
not heard; so whoever waited then is asked once more and has the whole time again. Nobody is removed for a deadline
that passed unwatched, or for a question that could not be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import found, holds
from qqgroup_provision.behavior.configuration import Configuration, Saying
from qqgroup_provision.behavior.decision import Action, Because, Decision, Kick, Mute, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Event, Joined, Left, Message, Person, Segment, Text, Tick, Unsaid
from qqgroup_provision.behavior.index import heard
from qqgroup_provision.behavior.joining import Newcomer, Otherwise
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.rendering import drawn, rendered
from qqgroup_provision.ports import Rank

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KIND = "newcomer"
LATE = timedelta(minutes=1)  # a deadline that is looked at later than this passed while no bot listened
FORGOTTEN = timedelta(days=1)  # after so long nobody is asked again
MOST_TIMES = 3  # that somebody is asked, before it is left at that
_MOST = 1000  # people who are waited for together
_MENTIONED = 20  # people who are mentioned in one message

_REMINDER = " 请尽快回答入群问题，时间快到了。"
_WRONG = " 不对，还可以再答 {left} 次。"
_AGAIN = "刚才没能听到回答，请再回答一次。"
_REPORT = " 没有回答入群问题，请管理员处理。"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who was asked. `wrong` answers were given, and the question was put `times` times."""

    qq: int
    asked: datetime
    due: datetime
    wrong: int = 0
    times: int = 1
    reminded: bool = False

    def written(self) -> tuple[int, str]:
        """As a mark holds it."""
        asked, due = map(_milliseconds, (self.asked, self.due))
        return self.qq, f"{asked} {due} {self.wrong} {self.times} {int(self.reminded)}"

    @classmethod
    def read(cls, qq: int, written: str) -> Waiting:
        asked, due, wrong, times, reminded = map(int, written.split())
        return cls(qq, _moment(asked), _moment(due), wrong, times, bool(reminded))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _used(configuration: Configuration) -> bool:
    return configuration.newcomer is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    if isinstance(event, Joined | Left | Message | Tick | Unsaid):
        return (_key(prepared.configuration),)
    return ()


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    asked = prepared.configuration.newcomer
    if asked is None or not isinstance(event, Joined | Left | Message | Tick | Unsaid):
        return Decision()
    mark = remembered.get(_key(prepared.configuration))
    turn = _Turn(prepared, asked, event, tuple(Waiting.read(*one) for one in mark.people) if mark else (), now)
    if isinstance(event, Joined):
        turn.joined(event)
    elif isinstance(event, Left):
        turn.let_go((event.person.qq,))
    elif isinstance(event, Unsaid):
        if event.item == str(turn.address):
            turn.let_go(event.to)
    elif isinstance(event, Message):
        turn.said(event)
    else:
        turn.ticked(event)
    return turn.decision()


class _Turn:
    """One event, as it is being decided."""

    def __init__(
        self, prepared: Prepared, asked: Newcomer, event: Event, waiting: tuple[Waiting, ...], now: datetime
    ) -> None:
        self.address = Address(prepared.configuration.group, KIND)
        self._prepared = prepared
        self._configuration = prepared.configuration
        self._asked = asked
        self._event = event
        self._before = waiting
        self._waiting = waiting
        self._now = now
        self._actions: list[Action] = []
        self._reasons: list[Reason] = []

    def joined(self, event: Joined) -> None:
        qq = event.person.qq
        if qq == event.me or qq in self._configuration.bots or len(self._waiting) >= _MOST:
            return
        if self._is_exempt(qq) or (event.inviter is not None and self._vouches(event.inviter)):
            self._tell(Verdict.EXEMPT)
        elif any(one.qq == qq for one in self._waiting):
            self._tell(Verdict.DECIDED)  # told twice, or by a second account
        else:
            self._ask(((qq, event.person.name),))
            self._waiting += (Waiting(qq, self._now, self._now + self._within),)
            self._tell(Verdict.ASKED)

    def said(self, event: Message) -> None:
        """An answer, or something else that somebody says who was asked."""
        waiting = next((one for one in self._waiting if one.qq == event.sender.qq), None)
        if waiting is None:
            return
        if event.sender.rank in (Rank.OWNER, Rank.ADMIN):
            self.let_go((waiting.qq,))
            self._tell(Verdict.EXEMPT)
            return
        hits = self._prepared.answers.search(heard(event))
        if holds(self._asked.answer, hits):
            self.let_go((waiting.qq,))
            because = tuple(Because(leaf, hit) for leaf, hit in found(self._asked.answer, hits))
            self._tell(Verdict.ANSWERED, because)
            if self._asked.thanks:
                thanks = self._rendered(self._asked.thanks, ((event.sender.qq, event.sender.name),))
                self._actions.append(Say(thanks, item=self.address))
            return
        self._tell(Verdict.WRONG)
        if not self._asked.attempts:
            return
        wrong = replace(waiting, wrong=waiting.wrong + 1)
        if wrong.wrong >= self._asked.attempts:
            self._end((wrong,))
        else:
            self._waiting = tuple(wrong if one is waiting else one for one in self._waiting)
            self._mention((wrong.qq,), _WRONG.format(left=self._asked.attempts - wrong.wrong))

    def ticked(self, event: Tick) -> None:
        """What is due. After a time in which nobody listened, everybody is asked once more."""
        # A clock that was put back must not let anybody wait for ever.
        known = tuple(
            one if one.asked <= self._now else replace(one, asked=self._now, due=self._now + self._within)
            for one in self._waiting
        )
        self._waiting = known
        since = event.since if event.since is not None and event.since <= self._now else None
        since = _moment(_milliseconds(since)) if since is not None else None  # as those of marks are
        unheard = tuple(
            one for one in known if self._now - one.due > LATE or (since is not None and one.asked < since)
        )
        self.let_go(one.qq for one in unheard if self._now - one.due > FORGOTTEN or one.times >= MOST_TIMES)
        again = [one for one in unheard if one in self._waiting]
        if again:
            for some in _groups([one.qq for one in again]):
                self._ask(tuple((qq, "") for qq in some), _AGAIN)
            due = self._now + self._within
            fresh = {one.qq: Waiting(one.qq, self._now, due, one.wrong, one.times + 1) for one in again}
            self._waiting = tuple(fresh.get(one.qq, one) for one in self._waiting)
            self._tell(Verdict.ASKED)
        self._end([one for one in self._waiting if one.due <= self._now])
        before = timedelta(seconds=self._asked.remind_before)
        if before:
            late = [one.qq for one in self._waiting if not one.reminded and one.due - before <= self._now]
            if late:
                self._mention(late, _REMINDER)
                self._waiting = tuple(replace(one, reminded=True) if one.qq in late else one for one in self._waiting)

    def _is_exempt(self, qq: int) -> bool:
        return bool(self._configuration.roles.get(qq, frozenset()) & self._asked.exempt_roles)

    def _vouches(self, inviter: Person) -> bool:
        """Whether whoever somebody brings along has nothing to prove."""
        return inviter.rank in (Rank.OWNER, Rank.ADMIN) or self._is_exempt(inviter.qq)

    def let_go(self, people: Iterable[int]) -> None:
        """These are waited for no more."""
        gone = frozenset(people)
        self._waiting = tuple(one for one in self._waiting if one.qq not in gone)

    def decision(self) -> Decision:
        changes: list[MemoryChange] = []
        key = _key(self._configuration)
        if self._waiting:
            due = max(one.due for one in self._waiting)
            if self._waiting != self._before:
                mark = Mark(self._now, tuple(one.written() for one in self._waiting))
                changes.append(Remember(key, mark, due + FORGOTTEN))
            if self._actions or changes or isinstance(self._event, Tick):
                self._actions.append(Wake(min(self._next())))
        elif self._before:
            changes.append(Forget(key))
        return Decision(tuple(self._actions), tuple(self._reasons), tuple(changes))

    @property
    def _within(self) -> timedelta:
        return timedelta(seconds=self._asked.within)

    def _next(self) -> Iterator[datetime]:
        """When something has to be looked at."""
        before = timedelta(seconds=self._asked.remind_before)
        for one in self._waiting:
            yield one.due - before if before and not one.reminded else one.due

    def _end(self, people: Iterable[Waiting]) -> None:
        """What becomes of those who did not answer. They are waited for no more, so it happens once."""
        ended = tuple(one.qq for one in people)
        if not ended:
            return
        self.let_go(ended)
        self._tell(Verdict.UNANSWERED)
        if self._asked.otherwise is Otherwise.REPORT:
            self._mention(ended, _REPORT)
        elif self._asked.otherwise is Otherwise.MUTE:
            self._actions += [Mute(qq, int(self._asked.mute), self.address, look=True) for qq in ended]
        else:
            self._actions += [Kick(qq, self.address, look=True) for qq in ended]

    def _ask(self, people: tuple[tuple[int, str], ...], before: str = "") -> None:
        """Put the question to people, who are mentioned in it in any case."""
        segments = self._rendered(self._asked.question, people)
        mentioned = {part.qq for part in segments if isinstance(part, At)}
        first: list[Segment] = [Text(before)] if before else []
        missing = [At(qq) for qq, _ in people if qq not in mentioned]
        first += [*missing, Text(" ")] if missing else []
        self._actions.append(Say((*first, *segments), item=self.address))

    def _rendered(self, sayings: tuple[Saying, ...], people: tuple[tuple[int, str], ...]) -> tuple[Segment, ...]:
        seed = f"{self._event.group}/{self.address}/{self._now.isoformat()}/{people[0][0]}"
        return rendered(drawn(sayings, seed), people, self._configuration, self._now)

    def _mention(self, people: Sequence[int], text: str) -> None:
        for some in _groups(people):
            self._actions.append(Say((*map(At, some), Text(text)), item=self.address))

    def _tell(self, verdict: Verdict, because: tuple[Because, ...] = ()) -> None:
        self._reasons.append(Reason(self.address, verdict, because))


def _groups(people: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many at a time as one message mentions."""
    return (people[first : first + _MENTIONED] for first in range(0, len(people), _MENTIONED))


def _key(configuration: Configuration) -> Key:
    return Key(str(Address(configuration.group, KIND)), "waiting")


NEWCOMER = Part(_used, _keys, _act)
