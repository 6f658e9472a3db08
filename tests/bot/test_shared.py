"""Several bots on one PostgreSQL: everything is decided once, and what one leaves behind another one takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from qqgroup_provision.behavior.decide import consider
from qqgroup_provision.behavior.event import Message, Person
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.database import SharedDatabase
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.memory import BotMemory, Decided
from qqgroup_provision.bot.run import _shared
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.secrets import Secret
from tests.bot.test_exactly_once import CONFIGURATION, GROUP, ME, START, message

TWO = ME + 5
PREPARED = Prepared(CONFIGURATION)


@pytest.fixture
def pair(database: str) -> Iterator[tuple[SharedDatabase, SharedDatabase]]:
    one, two = SharedDatabase(Secret(database)), SharedDatabase(Secret(database))
    yield one, two
    one.close()
    two.close()


async def decided(memory: BotMemory, heard: Heard) -> Decided | None:
    return await memory.decide(consider(heard.event, PREPARED, START + timedelta(minutes=1)), heard, ME)


def test_what_two_bots_hear_is_decided_by_one_of_them(pair: tuple[SharedDatabase, SharedDatabase]) -> None:
    one, two = map(BotMemory, pair)

    async def play() -> None:
        for number in range(1, 21):
            said = message(number, sequence=number % 2 == 0)
            assert isinstance(said.event, Message)
            theirs = replace(said, event=replace(said.event, id=f"x{number}", me=TWO))  # each has ids of its own
            found = await asyncio.gather(decided(one, said), decided(two, theirs))
            assert sum(each is not None for each in found) == 1

    asyncio.run(play())


def test_what_a_bot_leaves_behind_is_another_ones_as_soon_as_its_session_ends(
    pair: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, two = map(BotMemory, pair)

    async def play() -> None:
        first, second = await decided(one, message(1)), await decided(one, message(2))
        assert first is not None
        assert second is not None
        assert first.deeds[0] is not None
        one.done(first.deeds[0])
        await one.flush()
        assert await two.fellows() == {pair[0].number}
        assert await two.left((GROUP,)) == [], "it lives"
        pair[0].close()
        while await two.fellows():  # noqa: ASYNC110  (the server notices it a moment later)
            await asyncio.sleep(0.01)
        assert await two.left((GROUP + 1,)) == []
        (left,) = await two.left((GROUP,))
        assert (left.bot, left.action) == (pair[1].number, second.decision.actions[0])
        assert await two.left((GROUP,)) == [], "it is this one's now"

    asyncio.run(play())


def test_no_bot_answers_another_ones_account(pair: tuple[SharedDatabase, SharedDatabase]) -> None:
    one, two = map(BotMemory, pair)

    async def play() -> None:
        await two.ours((TWO,), START)
        heard = message(1)
        assert isinstance(heard.event, Message)
        said = replace(heard, event=replace(heard.event, sender=Person(TWO)))
        assert await decided(one, said) is None
        assert await one.ours((ME,), START) == {ME, TWO}

    asyncio.run(play())


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    for url in ("postgresql://bot:hunter-2@127.0.0.1:1/x", "hunter-2", "postgresql://bot:hunter-2@["):
        with pytest.raises(InvalidInput) as raised:
            _shared(Secret(url), tmp_path / "data")
        told = str([(each.code, each.summary, each.hint) for each in raised.value.diagnostics])
        assert "QG760" in told
        assert "hunter-2" not in told
