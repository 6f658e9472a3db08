"""Counts in the bot's file, lists of members as servers tell them, and what a bot makes of both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import CHINA, Configuration
from qqgroup_provision.behavior.event import Member
from qqgroup_provision.behavior.memory import Add, Forget, Key, Mark, MemoryChange, Notebook, Remember, Scan
from qqgroup_provision.behavior.observing import DAY, Inactive, Report, Statistics
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior
from qqgroup_provision.bot.database import Database
from qqgroup_provision.bot.members import member_of
from qqgroup_provision.bot.memory import BotMemory, Marks
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Rank
from tests.bot.running import BotProcess
from tests.bot.test_host import ONE, Bot, Mouth, with_bot
from tests.bot.test_run import ALICE, BOB, said, wait_for_text, websocket
from tests.stage import GROUP, staged

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
JOINED, SPOKE = 1_700_000_000, 1_760_000_000
NAPCAT = {  # a member as NapCat tells one who never spoke: both times are the same
    "group_id": GROUP, "user_id": ALICE, "nickname": "Alice", "card": "", "sex": "unknown", "age": 0, "area": "",
    "level": "1", "qq_level": 0, "join_time": JOINED, "last_sent_time": JOINED, "title_expire_time": 0,
    "unfriendly": False, "card_changeable": True, "is_robot": False, "shut_up_timestamp": 0, "role": "member",
    "title": "",
}  # fmt: skip


def told(**changes: Any) -> tuple[datetime | None, datetime | None]:
    """When somebody came and last spoke, as is understood of an item of a list."""
    member = member_of({key: value for key, value in {**NAPCAT, **changes}.items() if value is not ...})
    assert member is not None
    return member.joined, member.spoke


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ({}, (at(JOINED), at(JOINED))),
        ({"last_sent_time": SPOKE}, (at(JOINED), at(SPOKE))),
        ({"last_sent_time": 0}, (at(JOINED), at(JOINED))),
        ({"last_sent_time": JOINED - 5}, (at(JOINED), at(JOINED))),
        ({"last_sent_time": ...}, (at(JOINED), None)),
        ({"last_sent_time": None}, (at(JOINED), None)),
        ({"last_sent_time": "junk"}, (at(JOINED), None)),
        ({"last_sent_time": False}, (at(JOINED), None)),
        ({"last_sent_time": 10**30}, (at(JOINED), None)),
        ({"join_time": 0, "last_sent_time": SPOKE}, (None, at(SPOKE))),
        ({"join_time": 0, "last_sent_time": 0}, (None, None)),
        ({"join_time": ..., "last_sent_time": 0}, (None, None)),
        ({"join_time": -1}, (None, at(JOINED))),
    ],
)
def test_a_time_that_is_not_told_is_not_1970(
    changes: Mapping[str, Any], times: tuple[datetime | None, datetime | None]
) -> None:
    assert told(**changes) == times


def test_what_else_is_told_of_a_member() -> None:
    member = member_of({**NAPCAT, "card": "小艾", "level": "12", "role": "admin", "title": "讲师", "is_robot": True})
    assert member is not None
    assert (member.person.name, member.person.level, member.person.rank) == ("小艾", 12, Rank.ADMIN)
    assert (member.title, member.robot) == ("讲师", True)
    bare = member_of({"user_id": ALICE, "level": "9" * 5000, "role": ["admin"], "title": 3})
    assert bare is not None
    assert (bare.person.rank, bare.person.level, bare.title, bare.joined) == (None, None, None, None)
    assert [member_of({"user_id": junk}) for junk in (None, 0, -1, "x", True)][:4] == [None] * 4


KEYS = st.builds(Key, st.sampled_from(["a", "b"]), st.sampled_from(["n/1", "n/2", "n/3", "o/1"]), st.integers(0, 2))
TIMES = st.integers(0, 5).map(lambda hours: NOW + timedelta(hours=hours))
CHANGES = st.one_of(
    st.builds(Add, KEYS, st.integers(1, 3), TIMES, TIMES),
    st.builds(Remember, KEYS, st.builds(Mark, TIMES), TIMES),
    st.builds(Forget, KEYS),
)
ASKED = st.one_of(KEYS, st.builds(Scan, st.sampled_from(["a", "b"]), st.just("n/1"), st.sampled_from(["n/2", "n/3"])))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, max_size=12), st.lists(ASKED, min_size=1, max_size=4))
def test_the_file_remembers_what_a_notebook_does(
    tmp_path: Path, changes: list[MemoryChange], asked: list[Key | Scan]
) -> None:
    notebook, database = Notebook(), Database(tmp_path / "bot.sqlite")
    try:
        with database.transaction() as connection:
            for table in ("marks", "counts"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
        for change in changes:
            notebook.change([change])
            with database.transaction() as connection:
                Marks(connection, GROUP).change([change])
                Marks(connection, GROUP + 1).change([change])  # a group of its own
        with database.transaction() as connection:
            assert Marks(connection, GROUP).recall(asked) == notebook.recall(asked)
    finally:
        database.close()


def test_counts_are_dropped_when_they_are_not_to_be_kept_any_longer(tmp_path: Path) -> None:
    database = Database(tmp_path / "bot.sqlite")
    key = Key("hub/statistics", "said/2026-12-01", ALICE)
    try:
        for kept in (NOW, NOW + timedelta(hours=1)):  # the later one counts: it is the day's own
            with database.transaction() as connection:
                Marks(connection, GROUP).change([Add(key, 1, NOW, kept)])
        memory, found = BotMemory(database), []
        for swept in (NOW, NOW + timedelta(hours=1)):
            memory._sweep(swept)
            with database.transaction() as connection:
                found.append(len(Marks(connection, GROUP).recall([Scan(key.item, key.what, key.what)])))
    finally:
        database.close()
    assert found == [1, 0]


def change(data: Path, *changes: MemoryChange) -> None:
    database = Database(data / "bot.sqlite")
    try:
        with database.transaction() as connection:
            Marks(connection, GROUP).change(changes)
    finally:
        database.close()


def counts(data: Path, what: str) -> list[int]:
    database = Database(data / "bot.sqlite")
    try:
        with database.transaction() as connection:
            found = Marks(connection, GROUP).recall([Scan("hub/statistics", what, f"{what}~")])
    finally:
        database.close()
    return [mark.count for mark in found.values()]


def waiting(now: datetime, written: str) -> tuple[MemoryChange, ...]:
    """A bot has waited for a report, and for silent members, for a while."""
    since, until = Mark(now - timedelta(days=40), ((0, written),)), now + timedelta(days=90)
    return (
        Remember(Key("hub/statistics", "told"), since, until),
        Remember(Key("hub/statistics", "since"), since, until),
        Remember(Key("hub/inactive", "run"), replace(since, at=now), until),
    )


def yearly(day: datetime) -> str:
    """The evening of that day, which does not come again while a test runs."""
    local = day.astimezone(CHINA)
    return f"0 22 {local.day} {local.month} *"


@pytest.mark.parametrize("implementation", ["napcat", "llbot-milky"])
def test_after_a_pause_one_report_is_said_and_who_stayed_silent_is_removed(
    tmp_path: Path, implementation: str
) -> None:
    """Alice and Bob were told a week ago that they would be removed, and Bob has said something since."""
    now, data = datetime.now(UTC), tmp_path / "data"
    day = now - timedelta(days=3)
    report = {"at": yearly(day), "kinds": ["activity", "leaderboard"]}
    silent = {"after": "180d", "at": yearly(day), "action": "kick", "refuse_above": "100%"}
    leaving = Mark(now - timedelta(days=7), ((int(now.timestamp()) - 3600, ""), (ALICE, ""), (BOB, "")))
    with staged(tmp_path, implementation=implementation) as stage:
        world = stage.simulator
        stage.group({
            "kind": "Group", "key": "hub", "id": GROUP, "inactive": silent,
            "statistics": {"keywords": ["rust"], "report": report},
            "replies": [{"key": "ping", "when": {"contains": "ping"}, "reply": "pong"}],
        })  # fmt: skip
        world.say(GROUP, BOB, "我还在")
        change(
            data,
            *waiting(now, yearly(day)),
            Remember(Key("hub/inactive", "leaving"), leaving, now + timedelta(days=90)),
            Add(Key("hub/statistics", f"said/{day.astimezone(CHINA).date()}", BOB), 4, now, now + timedelta(days=90)),
        )
        server = ("--milky", world.endpoint()) if "milky" in implementation else ("--onebot", websocket(world))
        with BotProcess(data, *server, "--watch", folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("done", lambda line: line["action"] == "kick")
            bot.line("said")
            world.say(GROUP, BOB, "rust 和 RUST，不是 trust")
            world.say(GROUP, BOB, "rust ping")
            wait_for_text(bot, world, "pong")
            bot.kill()
        assert (counts(data, "word:rust"), sorted(counts(data, "said/"))) == ([2], [2, 4])
        with BotProcess(data, *server, "--watch", folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("connected")
            world.say(GROUP, BOB, "ping")
            bot.line("said")
            assert bot.stop() == 0
        first, *others = said(world)
        assert "消息 4 条" in first
        assert "1. Bob　4 条" in first
        assert others == ["pong", "pong"]
        members = world.world()[str(GROUP)]["members"]
        assert (str(ALICE) in members, str(BOB) in members) == (False, True)
        assert not [line for line in bot.lines if line["event"] in ("not_done", "failed", "log", "no_members")]


class Keeper(Mouth):
    """An account that counts how often it is asked for the members, and never knows."""

    asked = 0

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        self.asked += 1
        raise RuntimeError("no such group, with s3cret-token in it")


def test_a_list_that_cannot_be_read_is_asked_for_once_and_stops_nothing(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    written = yearly(now - timedelta(days=3))
    statistics = Statistics(report=Report(written, ("activity",)))
    silent = Inactive(180 * DAY, written, 180 * DAY)
    change(tmp_path, *waiting(now, written))
    change(
        tmp_path,
        Remember(
            Key("hub/inactive", "run"), Mark(now - timedelta(days=40), ((0, written),)), now + timedelta(days=90)
        ),
    )
    keepers: list[Keeper] = []

    async def play(bot: Bot) -> None:
        watched = Configuration("hub", GROUP, statistics=statistics, inactive=silent)
        bot.behaviors.enforce(GROUP, Behavior(Prepared(watched)))
        keepers.append(Keeper(ONE, bot.said))
        bot.host.connect(keepers[0])
        async with asyncio.timeout(60):
            while not (bot.lines("said") and bot.lines("note")):
                await bot.done()
                await asyncio.sleep(0.001)

    bot = with_bot(tmp_path, play)
    assert keepers[0].asked == 1, "both wanted it"
    assert [line["text"] for line in bot.lines("note")] == [
        str(say("The list of members cannot be read; it is asked for again later."))
    ]
    assert [line["error"] for line in bot.lines("no_members")] == ["RuntimeError"]
    assert "s3cret" not in bot.log.getvalue()
    assert len(bot.said) == 1
