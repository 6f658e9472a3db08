"""A process that dies anywhere between hearing and having spoken answers nothing twice once it is back."""

from __future__ import annotations

import asyncio
import tempfile
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
    now: datetime = START
    dies: str = ""  # where the process dies next

    def reaches(self, point: str) -> None:
        if self.dies == point:
            self.dies = ""
            raise Dead


class MortalDatabase(Database):
    """One whose process may die just before, or just after, something is on the disk."""

    world: World | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with super().transaction() as connection:
            yield connection
            if self.world is not None:
                self.world.reaches("before it is remembered")
        if self.world is not None:
            self.world.reaches("before it is said")


@dataclass
class Mouth(Idle):
    """An account that speaks into the world."""

    world: World
    number: int = ME

    async def say(self, group: int, segments: tuple[Segment, ...], quote: str | None, picture: PictureOf) -> str:
        self.world.said.append(text_of(segments))
        self.world.reaches("after it was said")
        return "1"

    async def name_of(self, qq: int) -> str:
        return f"n{qq}"

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        raise AssertionError("nobody asks for them here")

    async def groups(self) -> frozenset[int]:
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


def message(number: int, text: str = "hi", *, sequence: bool = True, at: datetime = START) -> Heard:
    said = Message(GROUP, str(number), Person(ALICE, f"m{number}"), (Text(text),), at, ME)
    return Heard(said, likeness(said), str(number) if sequence else "")


def live(world: World, *events: Heard, at_once: bool = False) -> bool:
    """A process that hears these, until it dies; gives whether it did not."""

    async def run() -> bool:
        database = MortalDatabase(world.path)
        behaviors = Behaviors()
        behaviors.enforce(GROUP, Behavior(Prepared(CONFIGURATION)))
        host = Host(
            behaviors, BotMemory(database), lambda *_: b"", Pace(0, 0), Records(StringIO()), lambda: world.now
        )
        try:
            host.connect(Mouth(world))
            await asyncio.sleep(0)
            await host.queues.close(10)  # what was put off is done
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


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(POINTS)), min_size=1, max_size=6))
def test_a_message_that_is_told_again_and_again_is_answered_once_wherever_the_process_dies(
    told: list[tuple[int, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "bot.sqlite")
        remembered: set[int] = set()
        expected = []
        for number, dies in told:
            world.dies = dies
            live(world, message(number, sequence=number % 2 == 0))
            world.dies = ""
            if number not in remembered and dies != "before it is remembered":
                remembered.add(number)
                expected += [f"m{number}"] if dies != "before it is said" else []
        assert world.said == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["hi", "once", "else"])), min_size=2, max_size=8))
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
def test_of_several_messages_at_once_none_is_answered_twice_wherever_the_process_dies(
    tmp_path: Path, point: str
) -> None:
    world = World(tmp_path / "bot.sqlite", dies=point)
    told = [message(1), message(2), message(3, "once")]
    assert not live(world, *told, at_once=True)
    world.dies = ""
    assert live(world, *told, at_once=True)
    assert (
        world.said
        == {
            "before it is remembered": ["m1", "m2", "m3 once"],
            "before it is said": [],
            "after it was said": ["m1"],
        }[point]
    )


@pytest.mark.parametrize("point", POINTS[1:])
def test_a_cooldown_holds_after_a_death_once_it_is_remembered(tmp_path: Path, point: str) -> None:
    world = World(tmp_path / "bot.sqlite", dies=point)
    assert not live(world, message(1, "once"))
    live(world, message(2, "once"))
    expected = {
        "before it is remembered": ["m2 once"],
        "before it is said": [],  # remembered, but nobody heard it: at most once
        "after it was said": ["m1 once"],
    }
    assert world.said == expected[point]
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
