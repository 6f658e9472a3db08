"""A draw over the deaths of its bot: wherever the process dies, the outcome stays what it was, and comes out."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from secrets import token_hex

import pytest

from qqgroup_provision.behavior.activities.model import Lottery, Prize
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import Message, Person, Text, Tick
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior, Behaviors
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.pace import Pace
from qqgroup_provision.bot.records import Records
from tests.bot.test_exactly_once import GROUP, ME, POINTS, START, Dead, MortalDatabase, Mouth, World

CLOSES = START + timedelta(hours=1)
DRAW = Lottery("draw", "抽奖", START, CLOSES, (Prize("书", 2),))
# Once at the beginning and at the end alike, and at the end alone.
DEATHS = [*((point, point) for point in POINTS), *(("", point) for point in POINTS[1:])]
ENTRANTS = [100000010 + number for number in range(9)]


def live(world: World, *heard: Heard) -> None:
    """A process that hears these until it dies."""

    async def run() -> None:
        database = MortalDatabase(world.path)
        database.world = world
        behaviors = Behaviors()
        behaviors.enforce(GROUP, Behavior(Prepared(Configuration("hub", GROUP, activities=(DRAW,)))))
        memory, records = BotMemory(database), Records(StringIO())
        host = Host(behaviors, memory, lambda *_: b"", Pace(0, 0), records, lambda: world.now)
        host._accounts.connected[ME] = Mouth(world)
        try:
            for one in heard:
                await host._work(GROUP, [one])
        except Dead:
            pass
        finally:
            await host.stop()
            database.close()

    asyncio.run(run())


def tick(world: World, at: datetime) -> Heard:
    world.now = max(world.now, at)
    return Heard(Tick(GROUP, world.now, ME, token_hex(32)), "tick")  # another number each time, as the host takes it


def entering(number: int, qq: int, at: datetime) -> Heard:
    return Heard(Message(GROUP, str(number), Person(qq), (Text("参加抽奖"),), at, ME), f"e{number}", str(number))


def after(word: str, texts: list[str]) -> set[str]:
    """What stands after a word in each text that has it."""
    return {text.split(word)[1].split("\n", maxsplit=1)[0] for text in texts if word in text}


@pytest.mark.parametrize(("opening", "closing"), DEATHS)
def test_a_death_at_any_point_changes_no_draw_and_hides_none(tmp_path: Path, opening: str, closing: str) -> None:
    world = World(tmp_path / "bot.sqlite")
    world.dies = opening
    live(world, tick(world, START))
    world.dies = ""
    live(world, tick(world, START + timedelta(seconds=5)))
    live(world, *(entering(n, qq, world.now) for n, qq in enumerate(ENTRANTS)))
    world.dies = closing
    live(world, tick(world, CLOSES + timedelta(seconds=2)))
    world.dies = ""
    for minutes in (1, 2, 60):
        live(world, tick(world, CLOSES + timedelta(minutes=minutes)))

    (promised,), (seed,) = after("承诺：", world.said), after("种子：", world.said)
    texts = [text.removeprefix("（重发）") for text in world.said]
    results = [text for text in texts if "结果】" in text]
    lists = [text for text in texts if text.startswith("参加者名单")]
    assert hashlib.sha256(seed.encode()).hexdigest() == promised
    assert len(set(results)) == 1
    assert len(results) == (2 if closing == "after it was said" else 1)
    assert lists[-1].split("\n")[1:] == list(map(str, ENTRANTS))
    assert "参加者：9 人" in results[0]


def test_the_clock_of_a_draw_needs_no_bot_that_is_there_all_the_time(tmp_path: Path) -> None:
    world = World(tmp_path / "bot.sqlite")
    live(world, tick(world, START + timedelta(minutes=30)), entering(1, ENTRANTS[0], START + timedelta(minutes=31)))
    live(world, tick(world, CLOSES + timedelta(days=1)))
    live(world, tick(world, CLOSES + timedelta(days=2)))
    assert ["【抽奖】" in world.said[0], "结果】" in world.said[1], "名单" in world.said[2]] == [True] * 3
    assert len(world.said) == 3
