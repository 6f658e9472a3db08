"""A group one can talk in: whoever types is any of its members, and sees what the bot does and why.

The clock is the conversation's own. It moves a second with everything that happens, and otherwise when it is told to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decision import VERDICTS, Decision, Kick, Mute, MuteAll
from qqgroup_provision.behavior.event import At, Message, Person
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.rehearsal.clock import time_after
from qqgroup_provision.rehearsal.deeds import deeds
from qqgroup_provision.rehearsal.explain import Explained, explain
from qqgroup_provision.rehearsal.play import event_of
from qqgroup_provision.rehearsal.stage import Stage
from qqgroup_provision.rehearsal.typed import segments_of
from qqgroup_provision.workspace.cast import ACTORS, BOT, Cast
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.scenarios import Asked, Came, Happening, Spoke, Went
from qqgroup_provision.workspace.suggest import suggest

LONGEST_LINE = 5000  # characters of a line that is typed; QQ takes no longer message
LONGEST_WAIT = timedelta(days=31)
_STEP = 1.0  # seconds from one thing that happens to the next


class Manner(Enum):
    """What an entry is."""

    HEARD = "heard"  # somebody said something, came or went
    SAID = "said"  # the bot said something
    DID = "did"  # the bot did something else
    QUIET = "quiet"  # why an item did nothing
    NOTE = "note"
    FAULT = "fault"  # what was typed means nothing


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is shown: when it was, whose doing, and a sentence or what was said."""

    manner: Manner
    at: datetime
    text: Text | str
    who: str = ""
    item: Address | None = None


Shown: TypeAlias = Entry | Explained


class Conversation:
    """What is typed, line by line, and what comes of it."""

    def __init__(self, prepared: Prepared, cast: Cast, begins: datetime) -> None:
        self.speaker = "member"
        self.ended = False
        self._prepared = prepared
        self._cast = cast
        self._names = dict(cast.names())
        self._numbers = {**dict(cast.aliases()), **{name: qq for qq, name in self._names.items()}}
        self._stage = Stage(prepared, begins, self._names)
        self._count = 0
        self._last: tuple[tuple[Decision, ...], Message | None] = ((), None)
        self._muted: dict[int, datetime] = {}
        self._gone: set[int] = set()
        self._only_admins = False
        self._commands: Mapping[str, Callable[[str], Iterable[Shown]]] = {
            "help": self._help,
            "as": self._as,
            "join": self._join,
            "leave": self._leave,
            "ask": self._ask,
            "wait": self._wait,
            "at": self._at,
            "why": self._why,
            "who": self._who,
            "quit": self._quit,
        }

    @property
    def now(self) -> datetime:
        """The time in the group's own zone; what the bot put off comes at a time in any."""
        return self._stage.now.astimezone(self._prepared.configuration.zone)

    def enter(self, line: str) -> Iterator[Shown]:
        """What comes of a line: a message, `NAME: message`, or a command such as `/wait 10m`."""
        line = line[:LONGEST_LINE].strip()
        if not line:
            return
        if line.startswith("/") and not line.startswith("//"):
            word, _, rest = line[1:].partition(" ")
            command = self._commands.get(_CHINESE.get(word, word.lower()))
            if command is None:
                hint = suggest(f"/{word}"[:40], (f"/{name}" for name in self._commands)) or ""
                yield self._fault(say("There is no command `/{name}`. {hint}", name=word[:40], hint=hint))
            else:
                yield from command(rest.strip())
            return
        name, text = self._addressed(line.removeprefix("/") if line.startswith("//") else line)
        person = self._cast.called(name)
        if person is not None:  # the speaker always is somebody
            yield from self._spoken(person, name, text)

    def _addressed(self, line: str) -> tuple[str, str]:
        """Who speaks, and what: `alice: 你好` is Alice's, and `注意: 你好` the speaker's own."""
        for colon in (":", "："):
            name, found, text = line.partition(colon)
            if found and text.strip() and not name.isdigit() and self._cast.called(name.strip()) is not None:
                return name.strip(), text.strip()
        return self.speaker, line

    def _spoken(self, person: Person, name: str, text: str) -> Iterator[Shown]:
        until = self._muted.get(person.qq)
        if person.qq in self._gone:
            yield self._note(say("{name} is not in the group. Let them in with: /join {name}", name=name))
        elif until is not None and self.now + timedelta(seconds=_STEP) < until:
            yield self._note(say("{name} is muted until {time}.", name=name, time=f"{until:%Y-%m-%d %H:%M:%S}"))
        elif self._only_admins and not person.rank:
            yield self._note(say("Only admins may speak now."))
        else:
            segments = segments_of(text, self._numbers)
            mentioned = (self._cast.actor(part.qq) for part in segments if isinstance(part, At) and part.qq)
            spoke = Spoke(person, segments, tuple(self._ranked(one) for one in mentioned if one is not None))
            yield from self._happen(spoke, Entry(Manner.HEARD, self.now, text, self._called(person)))

    def _ranked(self, person: Person) -> Person:
        """Somebody who is mentioned, as they are when they speak: those everybody can use are no plain members."""
        return ACTORS.get(self._names.get(person.qq, ""), person)

    def _happen(self, happens: Happening, entry: Entry) -> Iterator[Shown]:
        """Something happens a second after what was before, and the bot does what it does."""
        yield from self._pass(_STEP)
        self._count += 1
        yield Entry(entry.manner, self.now, entry.text, entry.who)
        event = event_of(happens, f"chat/{self._count}", self._prepared.configuration, self.now)
        if event is None:
            return
        decision = self._stage.happen(event)
        self._last = ((decision,), event if isinstance(event, Message) else None)
        yield from self._done(decision)

    def _pass(self, time: float) -> Iterator[Shown]:
        """Time goes by, with what the bot had put off."""
        happened = []
        for decision in self._stage.wait(time):
            happened.append(decision)
            yield from self._done(decision)
        if any(decision.reasons for decision in happened):
            self._last = (tuple(happened), None)

    def _done(self, decision: Decision) -> Iterator[Shown]:
        for deed in deeds(decision, self._stage):
            if deed.said is None:
                yield Entry(Manner.DID, self.now, deed.text, self._called(BOT), deed.item)
            else:
                pictures = "".join(f" [{image}]" for image in deed.images)
                yield Entry(Manner.SAID, self.now, f"{deed.said}{pictures}", self._called(BOT), deed.item)
        for action in decision.actions:
            if isinstance(action, Mute):  # for no seconds is what lifts a mute, and is over at once
                self._muted[action.qq] = self.now + timedelta(seconds=action.seconds)
            elif isinstance(action, Kick):
                self._gone.add(action.qq)
            elif isinstance(action, MuteAll):
                self._only_admins = action.on
        if not any(True for _ in deeds(decision, self._stage)):
            for reason in decision.reasons[:1]:
                yield Entry(Manner.QUIET, self.now, VERDICTS[reason.verdict], item=reason.item)

    def _called(self, person: Person) -> str:
        return self._names.get(person.qq) or person.name or str(person.qq)

    def _fault(self, text: Text) -> Entry:
        return Entry(Manner.FAULT, self.now, text)

    def _note(self, text: Text) -> Entry:
        return Entry(Manner.NOTE, self.now, text)

    def _named(self, name: str) -> Person | Entry:
        """Whoever is meant by what follows a command, or what is wrong with it."""
        person = self._cast.called(name) if name else None
        if person is not None:
            return person
        hint = suggest(name[:40], self._numbers) or ""
        return self._fault(say("Nobody is called `{name}`. {hint}", name=name[:40], hint=hint))

    # The commands

    def _as(self, rest: str) -> Iterator[Shown]:
        person = self._named(rest)
        if isinstance(person, Entry):
            yield person
            return
        self.speaker = rest
        yield self._note(say("You speak as {name}.", name=self._called(person)))

    def _join(self, rest: str) -> Iterator[Shown]:
        person = self._named(rest)
        if isinstance(person, Entry):
            yield person
            return
        self._gone.discard(person.qq)
        self._muted.pop(person.qq, None)
        entry = Entry(Manner.HEARD, self.now, say("comes in"), self._called(person))
        yield from self._happen(Came(person), entry)

    def _ask(self, rest: str) -> Iterator[Shown]:
        name, _, answer = rest.partition(" ")
        person = self._named(name or "stranger")
        if isinstance(person, Entry):
            yield person
            return
        told = say("asks to be let in: {answer}", answer=answer) if answer else say("asks to be let in")
        entry = Entry(Manner.HEARD, self.now, told, self._called(person))
        yield from self._happen(Asked(person, answer), entry)

    def _leave(self, rest: str) -> Iterator[Shown]:
        person = self._named(rest)
        if isinstance(person, Entry):
            yield person
            return
        self._gone.add(person.qq)
        entry = Entry(Manner.HEARD, self.now, say("goes"), self._called(person))
        yield from self._happen(Went(person), entry)

    def _wait(self, rest: str) -> Iterator[Shown]:
        try:
            time = seconds(rest or "1m")
        except ValueError:
            yield self._fault(say("`{written}` is no time. Write it as 30s, 10m, 2h or 1d.", written=rest[:40]))
            return
        yield from self._until(self.now + min(timedelta(seconds=time), LONGEST_WAIT))

    def _at(self, rest: str) -> Iterator[Shown]:
        at = time_after(rest, self.now)
        if at is None or at < self.now or at - self.now > LONGEST_WAIT:
            problem = say("`{written}` is no time within the next 31 days. Write it as 23:40 or 2026-12-01T23:40.",
                          written=rest[:40])  # fmt: skip
            yield self._fault(problem)
            return
        yield from self._until(at)

    def _until(self, at: datetime) -> Iterator[Shown]:
        yield from self._pass((at - self.now).total_seconds())
        yield self._note(say("It is {time}.", time=f"{self.now:%Y-%m-%d %H:%M:%S}"))

    def _why(self, rest: str) -> Iterator[Shown]:
        decisions, message = self._last
        if not decisions:
            yield self._note(say("Nothing has happened yet."))
            return
        asked = {rest, rest.rpartition("/")[2]} if rest else set()
        yield explain(decisions, message, self._prepared, self._stage, asked=asked)

    def _who(self, _: str) -> Iterator[Shown]:
        there = [name for qq, name in self._names.items() if qq not in self._gone]
        yield self._note(say("In the group: {names}. Any QQ number will do as well.", names=listed(there)))

    def _help(self, _: str) -> Iterator[Shown]:
        for usage, about in HELP.items():
            yield self._note(say("{usage}  {about}", usage=f"{usage:<14}", about=about))

    def _quit(self, _: str) -> Iterator[Shown]:
        self.ended = True
        yield from ()


HELP: Mapping[str, Text] = {
    "NAME: …": say("somebody says something; without a name it is you"),
    "//…": say("say something that begins with a single /"),
    "/as NAME": say("speak as somebody else: a person of people.yaml, a QQ number, member, admin, owner or bot"),
    "/join NAME": say("somebody comes into the group"),
    "/leave NAME": say("somebody leaves it"),
    "/ask NAME …": say("somebody asks to be let in, with what they write"),
    "/wait 10m": say("let time go by"),
    "/at 23:40": say("let time go by until then"),
    "/why [ITEM]": say("explain what the bot did last, and why it did not do something else"),
    "/who": say("who is there"),
    "/quit": say("end it, as Ctrl-D does"),
}

# What a command may be called as well.
_CHINESE = {
    "帮助": "help", "扮演": "as", "进群": "join", "退群": "leave", "申请": "ask", "等": "wait", "到": "at",
    "为什么": "why", "成员": "who", "退出": "quit",
}  # fmt: skip
