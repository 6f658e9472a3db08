"""Activities over time: opened and closed at exact moments, each said once, over restarts as well.

What is said when one opens or closes is remembered word for word together with that it is so, before it is said; and
that it was said, after it was. So an outcome never becomes another one. Where the second is missing, the process died
in between or QQ refused it: then it is said once more, marked as such, at most five minutes or one restart later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.activities import check_in, lottery, quiz, votes
from qqgroup_provision.behavior.activities.model import (
    Activity,
    CheckIn,
    Lottery,
    Nomination,
    Quiz,
    Timed,
    Vote,
)
from qqgroup_provision.behavior.activities.saying import Piece, Script, after, joined, name_of, parted, segments
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Decision, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Event, Left, Message, Text, Tick
from qqgroup_provision.behavior.memory import Forget, Key, Mark, Remember
from qqgroup_provision.behavior.part import Part

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

GRACE = timedelta(seconds=2)  # that what was said before the end has to be heard
TOGETHER = timedelta(seconds=10)  # within which people are told in one message that what they said counts
AGAIN = timedelta(minutes=5)  # after which what may not have been said is said again
LATE = timedelta(days=7)  # longer after the end no outcome is told
KEPT = timedelta(days=400)
_FORGOTTEN = timedelta(minutes=10)  # whoever waited longer to be told is not told
_MOST_TOLD = 50

_HEADS = {Vote: "投票", Nomination: "提名", Quiz: "竞赛", Lottery: "抽奖"}
_SHARED = ("opened", "opened-said", "closed", "closed-said", "acks")
_OWN = {Vote: ("ballots",), Nomination: ("ballots",), Quiz: ("won", "asked"), Lottery: ("entrants",)}

Happens: TypeAlias = Say | Wake | Reason | Remember | Forget


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is remembered of one activity. Who lets one open at another time begins it anew."""

    item: Address
    opens: str
    marks: Mapping[Key, Mark]
    until: datetime

    def key(self, what: str, subject: int = 0) -> Key:
        return Key(str(self.item), f"{what}@{self.opens}" if self.opens else what, subject)

    def get(self, what: str, subject: int = 0) -> Mark | None:
        return self.marks.get(self.key(what, subject))

    def pairs(self, what: str, subject: int = 0) -> tuple[Piece, ...]:
        mark = self.get(what, subject)
        return mark.people if mark is not None else ()

    def keep(self, what: str, at: datetime, pairs: Iterable[Piece] = (), subject: int = 0) -> Remember:
        return Remember(self.key(what, subject), Mark(at, tuple(pairs)), self.until)


def _shelf(activity: Activity, configuration: Configuration, marks: Mapping[Key, Mark], now: datetime) -> _Shelf:
    item = Address(configuration.group, "activity", activity.key)
    if isinstance(activity, CheckIn):
        return _Shelf(item, "", marks, now + KEPT)
    return _Shelf(item, f"{activity.opens.timestamp():.0f}", marks, max(now, activity.closes) + KEPT)


def _used(configuration: Configuration) -> bool:
    return bool(configuration.activities)


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    return tuple(
        _shelf(activity, prepared.configuration, {}, event.at).key(what, subject)
        for activity in _concerned(event, prepared.configuration)
        for what, subject in _names(activity, event)
    )


def _names(activity: Activity, event: Event) -> Iterator[tuple[str, int]]:
    if isinstance(activity, CheckIn):
        yield "acks", 0
        if isinstance(event, Message):
            yield "days", event.sender.qq
            yield "made-up", event.sender.qq
        return
    for what in (*_SHARED, *_OWN[type(activity)]):
        yield what, 0


def _concerned(event: Event, configuration: Configuration) -> Iterator[Activity]:
    """The activities that an event may be about: of most messages none."""
    for activity in configuration.activities:
        if isinstance(event, Tick):
            if isinstance(activity, CheckIn) or event.at <= activity.closes + LATE:
                yield activity
        elif isinstance(event, Left):
            if isinstance(activity, Lottery) and activity.opens <= event.at < activity.closes:
                yield activity
        elif isinstance(event, Message) and _may_be_for(activity, event):
            yield activity


def _may_be_for(activity: Activity, message: Message) -> bool:
    if isinstance(activity, CheckIn):
        words = [activity.word] + ([activity.make_up.word] if activity.make_up else [])
        return any(after(word, message) == "" for word in words)
    if not activity.opens <= message.at < activity.closes:
        return False
    return isinstance(activity, Quiz) or after(activity.word, message) is not None


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration = prepared.configuration
    happens: list[Happens] = []
    for activity in _concerned(event, configuration):
        shelf = _shelf(activity, configuration, remembered, now)
        happens += _turn(activity, shelf, event, prepared, now)
    return Decision(
        tuple(one for one in happens if isinstance(one, Say | Wake)),
        tuple(one for one in happens if isinstance(one, Reason)),
        tuple(one for one in happens if isinstance(one, Remember | Forget)),
    )


def _turn(activity: Activity, shelf: _Shelf, event: Event, prepared: Prepared, now: datetime) -> Iterator[Happens]:
    configuration = prepared.configuration
    if isinstance(event, Tick):
        yield from _told(activity, shelf, now)
        if not isinstance(activity, CheckIn):
            yield from _time(activity, shelf, event, configuration, now)
    elif isinstance(event, Left):
        entrants = shelf.pairs("entrants")
        left = tuple(one for one in entrants if one[0] != event.person.qq)
        if left != entrants and shelf.get("closed") is None:
            yield shelf.keep("entrants", now, left)
    elif isinstance(event, Message):
        if isinstance(activity, CheckIn):
            yield from _check_in(activity, shelf, event, configuration, now)
        elif shelf.get("closed") is not None:  # a quiz ends with its last question
            yield Reason(shelf.item, Verdict.CLOSED)
        elif isinstance(activity, Quiz):
            yield from _answer(activity, shelf, event, prepared, now)
        elif isinstance(activity, Lottery):
            yield from _enter(activity, shelf, event, configuration, now)
        elif isinstance(activity, Vote | Nomination):
            yield from _ballot(activity, shelf, event, configuration, now)


# Opening and closing


def _time(
    activity: Timed, shelf: _Shelf, event: Tick, configuration: Configuration, now: datetime
) -> Iterator[Happens]:
    ends = activity.closes + GRACE
    if shelf.get("closed") is not None:
        yield from _again("closed", shelf, now)
    elif now >= ends:
        if shelf.get("opened") is not None or shelf.pairs("ballots"):  # else nobody has heard of it
            yield from _close(activity, shelf, configuration, now)
    elif now < activity.opens:
        yield Wake(activity.opens)
    elif shelf.get("opened") is None:
        yield from _open(activity, shelf, event, configuration, now)
        yield Wake(ends)
    else:
        yield from _again("opened", shelf, now)
        if isinstance(activity, Quiz):
            yield from _go_on(activity, shelf, configuration, now)
        yield Wake(ends)


def _open(
    activity: Timed, shelf: _Shelf, event: Tick, configuration: Configuration, now: datetime
) -> Iterator[Happens]:
    seed = ""
    if isinstance(activity, Vote):
        body = votes.vote_opens(activity)
    elif isinstance(activity, Nomination):
        body = votes.nomination_opens(activity)
    elif isinstance(activity, Quiz):
        body = quiz.quiz_opens(activity)
        if activity.each:
            yield shelf.keep("asked", now, ((0, ""),))
            yield Wake(now + timedelta(seconds=activity.each))
    elif isinstance(activity, Lottery):
        if not event.entropy:
            return  # nobody could trust a draw without it
        seed = event.entropy
        body = lottery.lottery_opens(activity, seed)
    else:
        raise TypeError(activity)
    ends = activity.closes.astimezone(configuration.zone)
    head = f"【{_HEADS[type(activity)]}】{activity.title}\n"
    script: Script = ((0, f"{head}{body}\n截止：{ends:%Y-%m-%d %H:%M}"),)
    yield from _proclaim("opened", (script,), shelf, now, seed)


def _close(
    activity: Timed, shelf: _Shelf, configuration: Configuration, now: datetime, won: quiz.Won | None = None
) -> Iterator[Happens]:
    """End it, with what came of it. What was heard until now counts, and nothing after it."""
    head = ((0, f"【{_HEADS[type(activity)]}结果】{activity.title}\n"),)
    if isinstance(activity, Lottery):
        entrants = [
            qq for qq, _ in shelf.pairs("entrants") if not _excluded(activity, qq, configuration)
        ]  # fmt: skip
        scripts = list(lottery.lottery_closes(activity, shelf.pairs("opened")[0][1], entrants))
    elif isinstance(activity, Vote):
        scripts = [votes.vote_closes(activity, dict(shelf.pairs("ballots")))]
    elif isinstance(activity, Nomination):
        scripts = [votes.nomination_closes(dict(shelf.pairs("ballots")))]
    else:
        scripts = [quiz.quiz_closes(_won(shelf) if won is None else won)]
    yield from _proclaim("closed", [(*head, *scripts[0]), *scripts[1:]], shelf, now)


def _proclaim(
    what: str, scripts: Iterable[Script], shelf: _Shelf, now: datetime, seed: str = "", times: int = 1
) -> Iterator[Happens]:
    """Say it, remember before that it was decided, and after the last of it that it was said."""
    said = tuple(scripts)
    yield shelf.keep(what, now, ((times, seed), *joined(said)))
    receipt = shelf.keep(f"{what}-said", now)
    for number, script in enumerate(said, 1):
        yield Say(segments(script), item=shelf.item, receipt=receipt if number == len(said) else None)
    yield Reason(shelf.item, Verdict.DONE)
    yield Wake(now + AGAIN)


def _again(what: str, shelf: _Shelf, now: datetime) -> Iterator[Happens]:
    """Say once more, in the same words, what nobody knows to have been said."""
    mark = shelf.get(what)
    if mark is None or shelf.get(f"{what}-said") is not None:
        return
    (times, seed), *row = mark.people
    if times > 1:
        return
    scripts = [((0, "（重发）"), *script) for script in parted(row)]
    for one in _proclaim(what, scripts, shelf, now, seed, 2):
        yield shelf.keep(what, mark.at, ((2, seed), *row)) if isinstance(one, Remember) else one


# What members say


def _ballot(
    activity: Vote | Nomination, shelf: _Shelf, message: Message, configuration: Configuration, now: datetime
) -> Iterator[Happens]:
    ballots = dict(shelf.pairs("ballots"))
    if isinstance(activity, Vote):
        found = votes.voted(activity, message, ballots)
    else:
        found = votes.nominated(activity, message, ballots, configuration.bots)
    if found is None:
        return
    ballot, note = found
    if ballot is not None:
        yield shelf.keep("ballots", now, {**ballots, message.sender.qq: ballot}.items())
    yield from _noted(shelf, message, note, now, counts=ballot is not None)


def _enter(
    activity: Lottery, shelf: _Shelf, message: Message, configuration: Configuration, now: datetime
) -> Iterator[Happens]:
    if after(activity.word, message) != "" or shelf.get("opened") is None:
        return  # before the commitment is published nobody enters
    entrants = shelf.pairs("entrants")
    numbers = [qq for qq, _ in entrants]
    if _excluded(activity, message.sender.qq, configuration):
        yield from _noted(shelf, message, "不参加这次抽奖", now, counts=False)
    elif message.sender.qq in numbers:
        place = numbers.index(message.sender.qq) + 1
        yield from _noted(shelf, message, f"已经参加，第 {place} 位", now, counts=False)
    else:
        yield shelf.keep("entrants", now, (*entrants, (message.sender.qq, "")))
        yield from _noted(shelf, message, f"已参加，第 {len(entrants) + 1} 位", now)


def _excluded(activity: Lottery, qq: int, configuration: Configuration) -> bool:
    return qq in configuration.bots or bool(configuration.roles.get(qq, frozenset()) & activity.exempt_roles)


def _check_in(
    activity: CheckIn, shelf: _Shelf, message: Message, configuration: Configuration, now: datetime
) -> Iterator[Happens]:
    qq = message.sender.qq
    runs, made_up = check_in.runs_of(shelf.pairs("days", qq)), dict(shelf.pairs("made-up", qq))
    found = check_in.checked(activity, message, runs, made_up, configuration)
    if found is None:
        return
    new_runs, new_made_up, note = found
    if new_runs != runs:
        yield shelf.keep("days", now, ((first, str(last)) for first, last in new_runs), qq)
    if new_made_up != made_up:
        yield shelf.keep("made-up", now, new_made_up.items(), qq)
    yield from _noted(shelf, message, note, now, counts=new_runs != runs)


def _noted(shelf: _Shelf, message: Message, note: str, now: datetime, *, counts: bool = True) -> Iterator[Happens]:
    """Somebody will be told, together with the others of the next few seconds, what became of what they said."""
    mark = shelf.get("acks")
    waiting = tuple(one for one in (mark.people if mark else ()) if one[0] != message.sender.qq)
    since = mark.at if mark is not None and timedelta() <= now - mark.at < _FORGOTTEN else now
    if len(waiting) < _MOST_TOLD:
        waiting = (*waiting, (message.sender.qq, f"{name_of(message.sender)}：{note}"))
    yield Remember(shelf.key("acks"), Mark(since, waiting), now + _FORGOTTEN)
    yield Wake(since + TOGETHER)
    yield Reason(shelf.item, Verdict.DONE if counts else Verdict.REFUSED)


def _told(activity: Activity, shelf: _Shelf, now: datetime) -> Iterator[Happens]:
    mark = shelf.get("acks")
    if mark is None:
        return
    due = mark.at + TOGETHER
    if now < due and now >= mark.at:
        yield Wake(due)
        return
    yield Forget(shelf.key("acks"))
    if now < due + _FORGOTTEN:
        words = "；".join(text for _, text in mark.people)
        yield Say((Text(f"【{activity.title}】{words}"),), item=shelf.item)
        yield Reason(shelf.item, Verdict.DONE)


# Quizzes


def _won(shelf: _Shelf) -> dict[int, tuple[int, str]]:
    parts = ((number, text.partition(" ")) for number, text in shelf.pairs("won"))
    return {number: (int(qq), name) for number, (qq, _, name) in parts}


def _answer(activity: Quiz, shelf: _Shelf, message: Message, prepared: Prepared, now: datetime) -> Iterator[Happens]:
    asked = shelf.get("asked")
    if shelf.get("opened") is None or (activity.each and asked is None):
        return
    current = asked.people[0][0] if asked is not None else 0
    if asked is not None and now >= asked.at + timedelta(seconds=activity.each):
        return  # too late, and the tick that says so is on its way
    won = _won(shelf)
    number = quiz.answered(activity, message, won, current, prepared.answers)
    if number is None:
        return
    sender = message.sender
    won[number] = (sender.qq, name_of(sender))
    yield shelf.keep("won", now, ((one, f"{qq} {name}") for one, (qq, name) in won.items()))
    words = f" 答对第 {number + 1} 题，得 1 分"
    following = number + 1
    if activity.each and following < len(activity.questions):
        words += f"\n{quiz.asked(activity, following)}"
        yield shelf.keep("asked", now, ((following, ""),))
        yield Wake(now + timedelta(seconds=activity.each))
    yield Say((At(sender.qq), Text(words)), item=shelf.item)
    yield Reason(shelf.item, Verdict.DONE)
    if following == len(activity.questions) if activity.each else len(won) == len(activity.questions):
        yield from _close(activity, shelf, prepared.configuration, now, won)


def _go_on(activity: Quiz, shelf: _Shelf, configuration: Configuration, now: datetime) -> Iterator[Happens]:
    """The next question, where nobody has answered this one in time."""
    asked = shelf.get("asked")
    if not activity.each or asked is None:
        return
    current, due = asked.people[0][0], asked.at + timedelta(seconds=activity.each)
    if now < due:
        yield Wake(due)
        return
    if current >= len(activity.questions):  # there are fewer questions than there were
        yield from _close(activity, shelf, configuration, now)
        return
    words, following = quiz.passed(activity, current), current + 1
    if following < len(activity.questions):
        words += f"\n{quiz.asked(activity, following)}"
        yield shelf.keep("asked", now, ((following, ""),))
        yield Wake(now + timedelta(seconds=activity.each))
    yield Say((Text(words),), item=shelf.item)
    yield Reason(shelf.item, Verdict.DONE)
    if following >= len(activity.questions):
        yield from _close(activity, shelf, configuration, now)


ACTIVITIES = Part(_used, _keys, _act)
