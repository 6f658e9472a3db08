"""A process that dies anywhere between hearing and having spoken has answered everything once when it is back."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import ActionFailed
from sqlalchemy import Connection

from qqgroup_provision.behavior.conditions import How, Words
from qqgroup_provision.behavior.configuration import Configuration, Cooldown, Greeting, Reply, Saying, Spoken
from qqgroup_provision.behavior.event import Event, Joined, Member, Message, Person, Segment, Text, text_of
from qqgroup_provision.behavior.memory import Forget, Key, Mark, Remember
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior, Behaviors
from qqgroup_provision.bot.database import Database
from qqgroup_provision.bot.doing import PictureOf
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.hearing import likeness
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.memory import BotMemory, Marks
from qqgroup_provision.bot.pace import Pace
from qqgroup_provision.bot.past import History
from qqgroup_provision.bot.records import Records
from tests.bot.accounts import Idle

GROUP, ME, ALICE = 731000001, 100000000, 100000001
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Dead(BaseException):
    """The process ends here."""


@dataclass
class World:
    """What outlasts a process: the file, what was said, and the time."""

    path: Path
    said: list[str] = field(default_factory=list)
    history: list[Message] = field(default_factory=list)
    tells: bool = True  # whether the server has a history
    failing: Counter[str] = field(default_factory=Counter)  # how often it fails to tell the groups, or the history
    now: datetime = START
    dies: str = ""  # where the process dies next

    def reaches(self, point: str) -> None:
        if self.dies == point:
            self.dies = ""
            raise Dead

    def asked(self, what: str) -> None:
        if self.failing[what]:
            self.failing[what] -= 1
            raise ActionFailed(status="failed", retcode=1502, message="HTTP 502")


class MortalDatabase(Database):
    """One whose process may die just before, or just after, something is on the disk."""

    world: World | None = None

    @contextmanager
    def transaction(self, group: int | None = None) -> Iterator[Connection]:
        with super().transaction(group) as connection:
            yield connection
            if self.world is not None and group is not None:
                self.world.reaches("before it is remembered")
        if self.world is not None and group is not None:
            self.world.reaches("before it is said")


@dataclass
class Mouth(Idle):
    """An account that speaks into the world."""

    world: World
    number: int = ME

    async def say(self, group: int, segments: tuple[Segment, ...], quote: str | None, picture: PictureOf) -> str:
        self.world.said.append(text_of(segments))
        number = f"own{len(self.world.said)}"
        self.world.history.append(Message(group, number, Person(ME), segments, self.world.now, ME))
        self.world.reaches("after it was said")
        return number

    async def history(self, group: int, since: datetime, most: int) -> History:
        self.world.asked("history")
        if not self.world.tells:
            raise RuntimeError("no such action")
        return History(tuple(Heard(one, likeness(one)) for one in self.world.history), is_whole=True)

    async def name_of(self, qq: int) -> str:
        return f"n{qq}"

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        return (), 0

    async def groups(self) -> frozenset[int]:
        self.world.asked("groups")
        return frozenset((GROUP,))


def saying(text: str) -> tuple[Saying, ...]:
    return (Saying((Spoken(parse(text)),)),)


CONFIGURATION = Configuration(
    "hub",
    GROUP,
    replies=(
        Reply("once", Words(How.CONTAINS, "once"), saying("{name} once"), Cooldown(user=3600.0)),
        Reply("echo", Words(How.CONTAINS, "hi"), saying("{name}")),
    ),
    welcome=Greeting(saying("welcome {name}"), merge=60.0),
)


def message(number: int, text: str = "hi", *, name: str = "", sequence: bool = True, at: datetime = START) -> Heard:
    at += timedelta(seconds=number)
    said = Message(GROUP, str(number), Person(ALICE, name or f"m{number}"), (Text(text),), at, ME)
    return Heard(said, likeness(said), str(number) if sequence else "")


def live(world: World, *events: Heard, at_once: bool = False, beats: int = 0) -> bool:
    """A process that hears these, until it dies; gives whether it did not. So many times ten seconds pass before."""

    async def run() -> bool:
        database = MortalDatabase(world.path)
        behaviors = Behaviors()
        behaviors.enforce(GROUP, Behavior(Prepared(CONFIGURATION)))
        host = Host(
            behaviors, BotMemory(database), lambda *_: b"", Pace(0, 0), Records(StringIO()), lambda: world.now
        )
        try:
            host.connect(Mouth(world))
            for beat in range(beats + 1):
                if beat:
                    await host._beat()
                while host.queues.is_busy(GROUP):  # what was put off, and what was left, is done
                    await asyncio.gather(*host.queues._workers.values())
            database.world = world
            for together in [events] if at_once else [[heard] for heard in events]:
                await host._work(GROUP, together)
        except Dead:
            return False
        else:
            return True
        finally:
            await host.stop()
            database.close()

    return asyncio.run(run())


POINTS = ("", "before it is remembered", "before it is said", "after it was said")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what a process sent is under way for long here."""
    monkeypatch.setattr("qqgroup_provision.bot.unfinished._SETTLES", timedelta())
    monkeypatch.setattr("qqgroup_provision.bot.reading._PAUSES", (0.0, 0.0))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(POINTS)), min_size=1, max_size=6))
def test_a_message_that_is_told_again_and_again_is_answered_once_wherever_the_process_dies(
    told: list[tuple[int, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("qqgroup_provision.bot.unfinished._SETTLES", timedelta())
        world = World(Path(folder) / "bot.sqlite")
        for number, dies in told:
            world.dies = dies
            live(world, message(number, sequence=number % 2 == 0))
        world.dies = ""
        numbers = {number for number, _ in told}
        assert live(world, *(message(number, sequence=number % 2 == 0) for number in numbers))
        assert sorted(world.said) == sorted(f"m{number}" for number in numbers)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(list(enumerate(("hi", "once", "else", "hi", "once")))), min_size=2, max_size=8))
def test_messages_that_are_decided_at_once_are_answered_as_one_after_the_other(told: list[tuple[int, str]]) -> None:
    said = []
    for at_once in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder) / "bot.sqlite")
            assert live(world, *(message(*one) for one in told), at_once=at_once)
            said.append(world.said)
    assert said[0] == said[1]
    assert len(said[0]) == len(set(said[0]))


@pytest.mark.parametrize("point", POINTS[1:])
def test_of_several_messages_at_once_each_is_answered_once_wherever_the_process_dies(
    tmp_path: Path, point: str
) -> None:
    world = World(tmp_path / "bot.sqlite", dies=point)
    told = [message(1), message(2), message(3, "once"), message(4)]
    assert not live(world, *told, at_once=True)
    assert live(world, *told, at_once=True)
    assert world.said == ["m1", "m2", "m3 once", "m4"]


def test_equal_answers_are_told_apart_by_their_number(tmp_path: Path) -> None:
    """Three times the same was to be said; it stands there once, and twice more from before."""
    world = World(tmp_path / "bot.sqlite")
    assert live(world, message(1, name="x"))
    assert live(world, message(5, name="x"))
    world.dies = "after it was said"
    assert not live(world, message(2, name="x"), message(3, name="x"), message(4, name="x"), at_once=True)
    assert live(world)
    assert world.said == ["x"] * 5


def test_what_waited_too_long_is_not_said_any_more(tmp_path: Path) -> None:
    world = World(tmp_path / "bot.sqlite", dies="before it is said")
    assert not live(world, message(1))
    world.now += timedelta(minutes=3)
    assert live(world)
    assert world.said == []


def test_where_no_history_tells_whether_it_was_said_it_is_not_said_again(tmp_path: Path) -> None:
    world = World(tmp_path / "bot.sqlite", tells=False, dies="after it was said")
    assert not live(world, message(1))
    assert live(world)
    assert world.said == ["m1"]


@pytest.mark.parametrize("what", ["groups", "history"])
@pytest.mark.parametrize(
    ("times", "beats"),
    [(2, 0), (3, 1), (8, 2)],
    ids=["a moment", "several moments", "a quarter of a minute"],
)
def test_what_was_left_is_done_when_a_server_failed_for(tmp_path: Path, what: str, times: int, beats: int) -> None:
    world = World(tmp_path / "bot.sqlite", dies="before it is said")
    assert not live(world, message(1))
    world.failing[what] = times
    assert live(world, message(1), beats=beats)
    assert world.said == ["m1"]


def test_what_was_left_outlasts_a_process_whose_server_told_nothing(tmp_path: Path) -> None:
    world = World(tmp_path / "bot.sqlite", dies="after it was said")
    assert not live(world, message(1), message(2), at_once=True)
    world.failing["history"] = 3 + 1  # what was left, and what was missed
    assert live(world)
    world.failing.clear()
    assert live(world)
    assert world.said == ["m1", "m2"]


@pytest.mark.parametrize("what", ["groups", "history"])
def test_what_was_said_meanwhile_is_answered_when_a_server_fails_at_first(tmp_path: Path, what: str) -> None:
    world = World(tmp_path / "bot.sqlite")
    assert live(world, message(1))
    missed = message(2)
    assert isinstance(missed.event, Message)
    world.history.append(missed.event)
    world.now += timedelta(seconds=5)
    world.failing[what] = 2
    assert live(world)
    assert world.said == ["m1", "m2"]


@pytest.mark.parametrize("point", POINTS[1:])
def test_a_cooldown_holds_after_a_death_once_it_is_remembered(tmp_path: Path, point: str) -> None:
    world = World(tmp_path / "bot.sqlite", dies=point)
    assert not live(world, message(1, "once"))
    live(world, message(2, "once"))
    assert world.said == ["m2 once" if point == "before it is remembered" else "m1 once"]
    world.now += timedelta(hours=2)
    live(world, message(3, "once", at=world.now))
    assert world.said[-1] == "m3 once"


def test_who_waits_to_be_greeted_is_greeted_after_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path / "bot.sqlite")
    came: list[Event] = [Joined(GROUP, Person(qq), START, ME) for qq in (1, 2)]
    assert live(world, *(Heard(one, str(one)) for one in came))
    assert world.said == []
    world.now += timedelta(seconds=90)
    assert live(world)
    assert world.said == ["welcome n1、n2"]
    assert live(world)
    assert world.said == ["welcome n1、n2"]


def test_marks_are_read_as_they_were_written_and_go_when_they_count_no_more(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "bot.sqlite"
    database = Database(path)
    key, other = Key("hub/welcome", "waiting"), Key("hub/welcome", "waiting", 2**40)
    mark = Mark(START, ((1, "甲\ud800"), (2, "")))
    try:
        with database.transaction() as connection:
            marks: Any = Marks(connection, GROUP)
            marks.change([Remember(key, mark, START), Remember(key, mark, START), Remember(other, mark, START)])
            assert marks.recall([key, other, Key("x", "y")]) == {key: mark, other: mark}
            assert Marks(connection, GROUP + 1).recall([key]) == {}
            marks.change([Forget(other)])
        with suppress(Dead), database.transaction() as connection:
            Marks(connection, GROUP).change([Forget(key)])
            raise Dead
        asyncio.run(BotMemory(database).sweep(START - timedelta(seconds=1)))
        with database.transaction() as connection:
            assert Marks(connection, GROUP).recall([key, other]) == {key: mark}
        asyncio.run(BotMemory(database).sweep(START))
        with database.transaction() as connection:
            assert Marks(connection, GROUP).recall([key]) == {}
        assert {found.stat().st_mode & 0o777 for found in path.parent.iterdir()} == {0o600}
    finally:
        database.close()
