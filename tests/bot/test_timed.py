"""What the bot does at its time: on a clock that tests move, and in a process of its own before a simulated QQ."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest

from qqgroup_provision.behavior.configuration import CHINA, Configuration, CurfewWindow, Schedule
from qqgroup_provision.behavior.memory import Key, Mark, Remember
from qqgroup_provision.behavior.nights import Night
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.behavior.timing import Timing
from qqgroup_provision.bot.behaviors import Behavior, Behaviors
from qqgroup_provision.bot.database import Database
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.pace import Pace
from qqgroup_provision.bot.records import Records
from tests.bot.running import BotProcess
from tests.bot.test_host import GROUP, ONE, TWO, Mouth, saying
from tests.bot.test_run import said, websocket
from tests.stage import staged

NIGHT = CurfewWindow(Night(time(23), time(6)), at_begin=saying("夜深了"))
TIMED = Configuration(
    "hub",
    GROUP,
    schedules=(Schedule("daily", Timing("0 8 * * *", CHINA), saying("今日学习计划")),),
    curfew=(NIGHT,),
)


@dataclass
class Admin(Mouth):
    """An account that may mute everybody, unless it is no admin."""

    admin: bool = True
    muted: bool | None = False

    async def mute_all(self, group: int, on: bool) -> None:
        if not self.admin:
            raise RuntimeError("not an admin, with s3cret-token in it")
        self._act("mute_all", group, on)
        self.muted = on

    async def is_muted(self, group: int) -> bool | None:
        return self.muted


@dataclass
class Bots:
    """Bots that begin and end with one database, and a clock."""

    database: Database
    now: datetime = datetime(2026, 12, 7, 7, 0, tzinfo=CHINA)
    log: StringIO = field(default_factory=StringIO)

    async def live(self, *accounts: Admin, moments: tuple[str, ...] = ()) -> None:
        """Begin, look at each of these times of day as they come, and end."""
        behaviors = Behaviors()
        behaviors.enforce(GROUP, Behavior(Prepared(TIMED)))
        records = Records(self.log, ["s3cret-token"])
        host = Host(behaviors, BotMemory(self.database), lambda *_: b"", Pace(0, 0), records, now=lambda: self.now)
        for account in accounts:
            host.connect(account)
            await asyncio.gather(*host._tasks)
        await self._idle(host)
        for moment in moments:
            self.until(moment)
            host.enforced(GROUP)
            await self._idle(host)
        await host.stop()

    def until(self, moment: str) -> None:
        at = datetime.combine(self.now.date(), time.fromisoformat(moment), CHINA)
        self.now = at if at >= self.now else at + timedelta(days=1)

    async def _idle(self, host: Host) -> None:
        while host.queues._workers:
            await asyncio.gather(*host.queues._workers.values())


def with_bots(folder: Path, play: Callable[[Bots], Awaitable[None]]) -> str:
    """What was written down."""

    async def run() -> str:
        database = Database(folder / "bot.sqlite")
        bots = Bots(database)
        try:
            await play(bots)
        finally:
            database.close()
        return bots.log.getvalue()

    return asyncio.run(run())


def texts(*accounts: Admin) -> list[str]:
    return ["".join(getattr(part, "text", "") for part in one[2]) for account in accounts for one in account.said]


def test_what_was_due_while_no_bot_ran_is_said_once(tmp_path: Path) -> None:
    """Jobs that are kept in memory are lost, or run once for each process."""
    account = Admin(ONE, [])

    async def play(bots: Bots) -> None:
        await bots.live(account)
        bots.until("08:20")
        await bots.live(account)
        await bots.live(account)
        assert texts(account) == ["今日学习计划"]
        bots.until("09:30")  # of the next day: too long ago
        bots.now += timedelta(days=1)
        await bots.live(account)
        await bots.live(account, moments=("08:00", "08:01"))
        assert texts(account) == ["今日学习计划"] * 2

    with_bots(tmp_path, play)


def test_a_bot_that_is_begun_anew_within_a_curfew_mutes_and_lets_people_speak_in_the_end(tmp_path: Path) -> None:
    account = Admin(ONE, [])

    async def play(bots: Bots) -> None:
        bots.until("02:00")
        await bots.live(account)
        await bots.live(account)
        assert account.done == [("mute_all", GROUP, True)]
        bots.until("06:30")
        await bots.live(account)
        assert account.done == [("mute_all", GROUP, True), ("mute_all", GROUP, False)]

    with_bots(tmp_path, play)


def test_a_refusal_is_written_down_and_tried_again(tmp_path: Path) -> None:
    account = Admin(ONE, [], admin=False)

    async def play(bots: Bots) -> None:
        await bots.live(account, moments=("23:00", "23:00:30"))
        assert account.done == []
        account.admin = True
        await bots.live(account, moments=("23:00:50",))
        assert account.done == []
        await bots.live(account, moments=("23:05",))
        assert account.done == [("mute_all", GROUP, True)]
        assert texts(account) == ["夜深了"]

    log = with_bots(tmp_path, play)
    assert '"event": "not_done"' in log
    assert '"action": "mute_all"' in log
    assert "s3cret-token" not in log


def test_whichever_account_is_an_admin_does_it(tmp_path: Path) -> None:
    one, two = Admin(ONE, [], admin=False), Admin(TWO, [])

    async def play(bots: Bots) -> None:
        await bots.live(one, two, moments=("23:00", "06:00"))

    with_bots(tmp_path, play)
    assert (one.done, two.done) == ([], [("mute_all", GROUP, True), ("mute_all", GROUP, False)])


@pytest.mark.parametrize(("muted", "expected"), [(True, []), (None, [True, False]), (False, [True, False])])
def test_a_mute_that_was_there_before_is_not_lifted_where_that_can_be_told(
    tmp_path: Path, muted: bool | None, expected: list[bool]
) -> None:
    account = Admin(ONE, [], muted=muted)

    async def play(bots: Bots) -> None:
        await bots.live(account, moments=("23:00", "06:00"))

    with_bots(tmp_path, play)
    assert [one[-1] for one in account.done] == expected


@pytest.mark.parametrize("implementation", ["napcat", "llbot-milky"])
def test_a_bot_that_begins_does_what_is_due(tmp_path: Path, implementation: str) -> None:
    now = datetime.now(CHINA)
    due = now - timedelta(minutes=10)
    cron = f"{due.minute} {due.hour} * * *"
    night = {"from": f"{now - timedelta(hours=2):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}"}
    database = Database(tmp_path / "data" / "bot.sqlite")
    mark = Mark(due - timedelta(hours=3), ((Timing(cron, CHINA).mark, ""),))
    remembered = Remember(Key("hub/schedule/plan", "last"), mark, now + timedelta(days=1))
    asyncio.run(BotMemory(database).keep(GROUP, remembered))
    database.close()
    with staged(tmp_path, implementation=implementation) as stage:
        world = stage.simulator
        plain = {"kind": "Group", "key": "hub", "id": GROUP}
        schedule = {"key": "plan", "cron": cron, "send": "今日学习计划"}
        stage.group({**plain, "schedules": [schedule], "curfew": [{**night, "at_end": "可以说话了"}]})
        server = ("--milky", world.endpoint()) if "milky" in implementation else ("--onebot", websocket(world))
        with BotProcess(tmp_path / "data", *server, "--watch", folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("said", lambda line: line["item"] == "hub/schedule/plan")
            bot.line("done", lambda line: line["action"] == "mute_all")
            assert stage.live()["mute_all"] is True
            stage.group({**plain, "schedules": [schedule]})  # the curfew is taken out of YAML
            bot.line("done", lambda line: line["action"] == "unmute_all")
            assert stage.live()["mute_all"] is False
            assert bot.stop() == 0
        assert said(world) == ["今日学习计划"]
        assert not [line for line in bot.lines if line["event"] in ("not_done", "failed", "log")]
