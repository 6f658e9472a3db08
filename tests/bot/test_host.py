"""The bot without sockets: who speaks, what is ours, and what goes wrong without harm to what follows."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from qqgroup_provision.behavior.conditions import Has, How, Trait, Words
from qqgroup_provision.behavior.configuration import (
    Configuration,
    Cooldown,
    Greeting,
    Penalty,
    Picture,
    Reply,
    Rule,
    Saying,
    Spoken,
)
from qqgroup_provision.behavior.decision import Kick
from qqgroup_provision.behavior.event import At, Image, Joined, Member, Message, Person, Segment, Text
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot.behaviors import Behavior, Behaviors
from qqgroup_provision.bot.database import Database
from qqgroup_provision.bot.doing import PictureOf
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.hearing import likeness
from qqgroup_provision.bot.host import Host
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.pace import Pace
from qqgroup_provision.bot.records import Records
from tests.bot.accounts import Idle

GROUP, ONE, TWO, ALICE = 731000001, 100000000, 100000005, 100000001


@dataclass
class Mouth(Idle):
    """An account that writes down what it says; `groups_of` is where it is."""

    number: int
    said: list[tuple[int, int, tuple[Segment, ...], str | None]]
    fails: bool = False
    nameless: bool = False
    groups_of: frozenset[int] = frozenset((GROUP,))
    content: list[bytes] = field(default_factory=list)
    done: list[tuple[object, ...]] = field(default_factory=list)

    async def say(self, group: int, segments: tuple[Segment, ...], quote: str | None, picture: PictureOf) -> str:
        if self.fails:
            raise RuntimeError("muted, with s3cret-token in it")
        self.content += [picture(part.source) for part in segments if isinstance(part, Image)]
        self.said.append((self.number, group, segments, quote))
        return "77"

    async def recall(self, group: int, message: str) -> None:
        self._act("recall", group, message)

    async def mute(self, group: int, qq: int, seconds: int) -> None:
        self._act("mute", group, qq, seconds)

    async def kick(self, group: int, qq: int) -> None:
        self._act("kick", group, qq)

    def _act(self, *what: object) -> None:
        if self.fails:
            raise RuntimeError("not an admin, with s3cret-token in it")
        self.done.append(what)

    async def name_of(self, qq: int) -> str:
        if self.nameless:
            raise RuntimeError("no such action")
        return f"n{qq}"

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        raise AssertionError("nobody asks for them here")

    async def groups(self) -> frozenset[int]:
        return self.groups_of


def saying(text: str) -> tuple[Saying, ...]:
    return (Saying((Spoken(parse(text)),)),)


CONFIGURATION = Configuration(
    "hub",
    GROUP,
    replies=(
        Reply("me", Has(Trait.AT_ME), saying("yes?"), quote=True),
        Reply("map", Words(How.EQUALS, "map"), (Saying((Picture("a/map.png", "00ff"),)),)),
        Reply("hi", Words(How.CONTAINS, "hi"), saying("hello {name}"), Cooldown(), quote=True),
    ),
    welcome=Greeting(saying("welcome {name}")),
)


@dataclass
class Bot:
    host: Host
    behaviors: Behaviors
    records: Records
    said: list[Any]
    log: StringIO

    async def done(self) -> None:
        """Wait until everything heard so far is done."""
        while self.host.queues._workers:
            await asyncio.gather(*self.host.queues._workers.values())

    def lines(self, event: str) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.log.getvalue().splitlines()) if line["event"] == event]


def with_bot(
    folder: Path,
    play: Callable[[Bot], Awaitable[None]],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Bot:
    async def run() -> Bot:
        _at.cache_clear()
        log = StringIO()
        database = Database(folder / "bot.sqlite")
        records = Records(log, ["s3cret-token"])
        behaviors = Behaviors()
        behaviors.enforce(GROUP, Behavior(Prepared(CONFIGURATION), dict(CONFIGURATION.pictures())))
        content = {("a/map.png", "00ff"): b"picture"}
        host = Host(behaviors, BotMemory(database), lambda *which: content[which], Pace(0, 0), records, now)
        bot = Bot(host, behaviors, records, [], log)
        try:
            host.start()
            await play(bot)
            await bot.done()
        finally:
            await host.stop()
            database.close()
        return bot

    return asyncio.run(run())


def message(me: int, *segments: Segment, number: int = 1, sender: int = ALICE, group: int = GROUP) -> Heard:
    said = Message(group, f"{me}/{number}", Person(sender, "Alice"), segments, _at(number), me)
    return Heard(said, likeness(said), str(number))


@functools.cache
def _at(number: int) -> datetime:
    """When a message was said: the same one again was not said later."""
    return datetime.now(UTC)


EVERYTHING = Penalty(warn=True, recall=True, mute=600.0, kick=True)
JUDGING = Configuration(
    "hub",
    GROUP,
    rules=(
        Rule("trial", "试", Words(How.CONTAINS, "ad"), (Penalty(kick=True),), 60.0, trial=True),
        Rule("ads", "禁止广告", Words(How.CONTAINS, "ad"), (EVERYTHING,), 60.0),
    ),
    bots=frozenset((2854196310,)),
)


def judging(bot: Bot) -> None:
    bot.behaviors.enforce(GROUP, Behavior(Prepared(JUDGING)))


def test_what_a_rule_asks_for_is_done_once_and_a_trial_is_told(tmp_path: Path) -> None:
    mouth = Mouth(ONE, [])

    async def play(bot: Bot) -> None:
        judging(bot)
        bot.host.connect(mouth)
        bot.host.hear(message(ONE, Text("an ad")))
        bot.host.hear(message(ONE, Text("an ad")))
        bot.host.hear(message(ONE, Text("an ad"), number=2, sender=2854196310))

    bot = with_bot(tmp_path, play)
    assert mouth.done == [("recall", GROUP, "100000000/1"), ("mute", GROUP, ALICE, 600), ("kick", GROUP, ALICE)]
    assert [part for part in mouth.said[0][2] if isinstance(part, At)] == [At(ALICE)]
    assert [(line["action"], line["item"], line["qq"]) for line in bot.lines("done")] == [
        (what, "hub/rule/ads", ALICE) for what in ("recall", "mute", "kick")
    ]
    assert [(line["item"], line["qq"]) for line in bot.lines("trial")] == [("hub/rule/trial", ALICE)]


def test_what_is_refused_hinders_nothing_else_and_is_not_tried_again(tmp_path: Path) -> None:
    mouth = Mouth(ONE, [], fails=True)

    async def play(bot: Bot) -> None:
        judging(bot)
        bot.host.connect(mouth)
        bot.host.hear(message(ONE, Text("an ad")))
        await bot.done()
        mouth.fails = False
        bot.host.hear(message(ONE, Text("an ad")))
        bot.host.hear(message(ONE, Text("harmless"), number=2))

    bot = with_bot(tmp_path, play)
    assert mouth.done == []
    assert [line["action"] for line in bot.lines("not_done")] == ["recall", "mute", "kick"]
    assert "s3cret-token" not in bot.log.getvalue()


def test_a_message_that_another_account_heard_is_not_recalled_by_its_id(tmp_path: Path) -> None:
    mouth = Mouth(TWO, [])

    async def play(bot: Bot) -> None:
        judging(bot)
        bot.host.connect(mouth)
        await bot.host._look_around(mouth)
        bot.host.hear(message(ONE, Text("an ad")))

    bot = with_bot(tmp_path, play)
    assert [what[0] for what in mouth.done] == ["mute", "kick"]
    assert [line["action"] for line in bot.lines("not_done")] == ["recall"]


def test_one_of_ours_is_never_punished_whatever_was_decided(tmp_path: Path) -> None:
    mouth = Mouth(ONE, [])

    async def play(bot: Bot) -> None:
        judging(bot)
        bot.host.connect(mouth)
        heard = message(ONE, Text("an ad"))
        for qq in (ONE, 2854196310):
            await bot.host._hands.do(mouth, GROUP, heard, Kick(qq), bot.behaviors.current[GROUP])

    with_bot(tmp_path, play)
    assert mouth.done == []


def texts(bot: Bot) -> list[tuple[int, str, str | None]]:
    return [(one[0], one[2][0].text, one[3]) for one in bot.said]


def test_what_is_ours_or_of_a_group_without_behaviour_is_not_answered(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        bot.host.connect(Mouth(ONE, bot.said))
        bot.host.connect(Mouth(TWO, bot.said))
        bot.host.hear(message(ONE, Text("hi"), sender=TWO))
        bot.host.hear(message(ONE, Text("hi"), number=2, group=GROUP + 1))
        bot.host.hear(message(TWO, Text("hi"), number=3))
        bot.host.hear(message(ONE, Text("hi"), number=3))
        bot.host.hear(message(ONE, Text("else"), number=4))

    bot = with_bot(tmp_path, play)
    assert texts(bot) == [(TWO, "hello Alice", "100000005/3")], "the one that heard it first quotes its own id"
    assert dict(bot.records.counts) == {"events": 4, "duplicates": 1, "said": 1}
    [line] = bot.lines("said")
    assert (line["item"], line["group"], line["account"], line["message"]) == ("hub/reply/hi", GROUP, TWO, "77")


def test_a_mention_of_an_account_counts_for_it_whichever_account_hears_it_first(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        for number in (ONE, TWO):
            bot.host.connect(Mouth(number, bot.said))
        bot.host.hear(message(ONE, At(TWO), Text(" ?")))
        bot.host.hear(message(TWO, At(TWO), Text(" ?")))

    assert texts(with_bot(tmp_path, play)) == [(ONE, "yes?", "100000000/1")]


def test_an_account_that_went_is_stood_in_for_by_one_that_is_in_the_group(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        where = ((ONE, GROUP), (3, GROUP + 1), (TWO, GROUP))
        one, _, two = [Mouth(number, bot.said, groups_of=frozenset((groups,))) for number, groups in where]
        for mouth in (one, _, two):
            bot.host.connect(mouth)
        await asyncio.sleep(0.01)
        bot.host.hear(message(ONE, Text("hi")))
        bot.host.disconnect(one)
        await bot.done()
        bot.host.connect(Mouth(ONE, bot.said))
        bot.host.disconnect(one)
        assert bot.host.accounts == [3, ONE, TWO], "what ended before the new one began ends nothing"
        bot.host.disconnect(two)
        bot.host._accounts.connected.clear()
        bot.host.hear(message(TWO, Text("hi"), number=2))

    assert texts(with_bot(tmp_path, play)) == [(TWO, "hello Alice", None)], "and it quotes no id that is not its own"


def test_what_fails_is_written_down_without_a_token_and_not_tried_again(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        mouth = Mouth(ONE, bot.said, fails=True, nameless=True)
        bot.host.connect(mouth)
        bot.host.hear(message(ONE, Text("hi")))
        await bot.done()
        mouth.fails = False
        bot.host.hear(Heard(Joined(GROUP, Person(5), datetime.now(UTC), ONE), "joined/5"))
        bot.host.hear(message(ONE, Text("map"), number=2))
        await bot.done()
        assert mouth.content == [b"picture"]
        bot.behaviors.enforce(GROUP, Behavior(Prepared(CONFIGURATION)))
        bot.host.hear(message(ONE, Text("map"), number=3))  # a picture that is not there any more
        bot.host.hear(message(ONE, Text("hi"), number=4))

    bot = with_bot(tmp_path, play)
    assert [one[2] for one in bot.said] == [(Text("welcome 5"),), (Image("a/map.png"),), (Text("hello Alice"),)]
    failed, gone = bot.lines("not_said")
    assert failed["reason"] == "muted, with (sensitive) in it"
    assert gone["item"] == "hub/reply/map"
    assert bot.lines("nameless")
    assert bot.records.counts["failures"] == 2


def test_a_newcomer_is_greeted_by_name(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        bot.host.connect(Mouth(ONE, bot.said))
        bot.host.hear(Heard(Joined(GROUP, Person(5), datetime.now(UTC), ONE), "joined/5"))
        bot.host.hear(Heard(Joined(GROUP, Person(ONE), datetime.now(UTC), ONE), "joined/me"))

    assert texts(with_bot(tmp_path, play)) == [(ONE, "welcome n5", None)]
