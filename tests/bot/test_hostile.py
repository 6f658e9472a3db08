"""What strangers and broken servers send: nothing stops the bot, and nothing it keeps grows with it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nonebot.adapters.milky import Adapter as Milky
from sqlalchemy import func, select

from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.event import DEEPEST, Joined, Message, Person, Text, text_of
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot import milky
from qqgroup_provision.bot.behaviors import Behavior
from qqgroup_provision.bot.database import MARKS, Database
from qqgroup_provision.bot.heard import Heard, Seen
from qqgroup_provision.bot.hearing import likeness
from qqgroup_provision.bot.host import MOST
from qqgroup_provision.bot.queues import Queues
from tests.behavior.hostile import EVERYTHING, TURNS, endless
from tests.behavior.test_hostile import FEW, lines
from tests.bot.test_hearing import ALICE, AT, ME, MESSAGE, onebot
from tests.bot.test_host import GROUP, ONE, Bot, Mouth, with_bot

READY = Prepared(EVERYTHING)
NOW = datetime.fromtimestamp(AT, UTC)
NASTY: list[Any] = [
    None, True, math.nan, math.inf, 10**400, -(10**30), 2**63, 0, -1, 1e308, "", "\ud800", "\x00\x1b", "a" * 20_000,
    "nan", [], {}, [[]], {"a": {}}, ["\udfff"], "１２", "²", "-0",
]  # fmt: skip
KINDS: list[Any] = [
    "text", "at", "image", "file", "json", "share", "reply", "forward", "node", "xml", "mention", "light_app", "",
    "\ud800", "made_up", None, 5, [],
]  # fmt: skip
FIELDS = ["text", "qq", "file", "data", "id", "content", "title", "url", "user_id", "json_payload", "message_seq"]
AD = {"type": "text", "data": {"text": "代充"}}


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


def told_by_milky(*parts: Any, **changes: Any) -> Heard | None:
    member = {
        "user_id": ALICE, "nickname": "n", "sex": "unknown", "group_id": GROUP, "card": "", "title": "", "level": 9,
        "role": "member", "join_time": 0, "last_sent_time": 0, "shut_up_end_time": None,
    }  # fmt: skip
    data = {
        "message_scene": "group", "peer_id": GROUP, "message_seq": 8967, "sender_id": ALICE, "time": AT,
        "segments": list(parts), "group": {"group_id": GROUP, "group_name": "g", "member_count": 1,
        "max_member_count": 2}, "group_member": member,
    }  # fmt: skip
    told = {"event_type": "message_receive", "time": AT, "self_id": ME, "data": {**data, **changes}}
    event = Milky.json_to_event(milky.understood(over_the_wire(told)))
    return milky.heard(event) if event is not None else None


def told_by_onebot(*parts: Any, **changes: Any) -> Heard | None:
    return onebot(over_the_wire({**MESSAGE, "message": list(parts), **changes}))


def judged(heard: Heard | None) -> None:
    """Whatever became of it can be judged, and told from others."""
    if heard is not None:
        decide(heard.event, READY, Notebook(), heard.event.at)
        Seen().is_new(heard, 0.0)
        assert heard.identity


@pytest.mark.parametrize("value", NASTY, ids=range(len(NASTY)))
def test_a_part_that_makes_no_sense_hides_nothing_that_stands_beside_it(value: Any) -> None:
    for kind in KINDS:
        for data in (value, *({field: value} for field in FIELDS)):
            found = told_by_onebot({"type": kind, "data": data}, AD)
            judged(found)
            if isinstance(kind, str) and isinstance(data, dict):
                assert found is not None
                assert "代充" in text_of(found.event.segments)  # type: ignore[union-attr]
    for kind in ("made_up", "", 5, None):
        found = told_by_milky({"type": kind, "data": value}, AD)
        assert found is not None
        assert isinstance(found.event, Message)
        assert found.event.segments == (Text("代充"),)


@pytest.mark.parametrize("value", NASTY, ids=range(len(NASTY)))
def test_a_field_that_makes_no_sense_is_no_error(value: Any) -> None:
    for field in MESSAGE:
        judged(told_by_onebot(AD, **{field: value}))
        judged(told_by_onebot(AD, sender={**MESSAGE["sender"], field: value}))
    for field in ("peer_id", "message_seq", "sender_id", "time", "segments", "group", "group_member"):
        judged(told_by_milky(AD, **{field: value}))
    judged(
        told_by_onebot({"type": "forward", "data": {"content": [value, {"message": value}, {"content": [value]}]}})
    )


junk = st.recursive(
    st.sampled_from(NASTY) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "data", *FIELDS]), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(junk | st.fixed_dictionaries({"type": st.sampled_from(KINDS), "data": junk}), max_size=4))
def test_no_made_up_message_is_an_error(parts: list[Any]) -> None:
    judged(told_by_onebot(*parts))
    judged(told_by_milky(*parts))


def test_a_forwarded_message_without_a_bottom_is_heard() -> None:
    part: dict[str, Any] = AD
    for _ in range(100):
        part = {"type": "forward", "data": {"content": [{"message": [part, AD]}] * 2}}
    judged(told_by_onebot_as_it_is(part))


def told_by_onebot_as_it_is(part: Any) -> Heard | None:
    """Not over the wire: written out, what is there twice at each depth would fill the world."""
    from qqgroup_provision.bot.hearing import _segments

    segments = tuple(_segments([(part["type"], part["data"])], DEEPEST))
    said = Message(GROUP, "1", Person(ALICE), segments, NOW, ME)
    return Heard(said, likeness(said))


def said(number: int, text: str, sender: int = ALICE) -> Heard:
    return heard_now(Message(GROUP, str(number), Person(sender, text), (Text(text),), NOW, ONE), number)


def heard_now(message: Message, number: int) -> Heard:
    return Heard(message, likeness(message), str(number))


def in_everything(bot: Bot) -> Mouth:
    bot.behaviors.enforce(GROUP, Behavior(READY))
    mouth = Willing(ONE, [])
    bot.host.connect(mouth)
    return mouth


class Willing(Mouth):
    """Whoever is asked about is a plain member."""

    async def person_of(self, group: int, qq: int) -> Person:
        return Person(qq)


def test_whatever_is_said_the_next_message_is_answered_and_nothing_fails(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        mouth = in_everything(bot)
        for number, name in enumerate(TURNS, 1):
            bot.host.hear(said(number, endless(name, 20_000), ALICE + number))
            await bot.done()
        mouth.said.clear()
        bot.host.hear(said(1000, "装机", ALICE - 1))
        await bot.done()
        assert len(mouth.said) == 1

    bot = with_bot(tmp_path, play, lambda: NOW)
    assert bot.records.counts["failures"] == 0
    assert bot.records.counts["events"] == len(TURNS) + 1


def test_numbers_beyond_what_a_file_holds_stop_nothing(tmp_path: Path) -> None:
    async def play(bot: Bot) -> None:
        mouth = in_everything(bot)
        for number, qq in enumerate((2**63, 10**30, -(2**70)), 1):
            bot.host.hear(said(number, "代充", qq))
        bot.host.hear(said(9, "装机"))
        await bot.done()
        assert len(mouth.said) == 1

    with_bot(tmp_path, play, lambda: NOW)


def test_ten_thousand_members_at_once_fill_neither_queue_nor_memory(tmp_path: Path) -> None:
    members = 10_000

    async def play(bot: Bot) -> None:
        in_everything(bot)
        bot.behaviors.enforce(GROUP, Behavior(FEW))
        for number in range(members):
            bot.host.hear(said(number, f"说了 {number}", 10_000 + number))
            assert len(bot.host.queues) <= MOST + 2  # accounts that have just come wait as well
        assert bot.host.queues.dropped == members - MOST
        await bot.done()
        assert len(bot.host._seen._by) <= 20_000

    bot = with_bot(tmp_path, play, lambda: NOW)
    assert bot.records.counts["failures"] == 0
    database = Database(tmp_path / "bot.sqlite")
    with database.transaction() as connection:
        assert connection.execute(select(func.count()).select_from(MARKS)).scalar_one() <= 2 * (MOST + 1)
    database.close()


def test_what_was_heard_is_known_of_so_many_messages_and_no_more() -> None:
    seen = Seen()
    for number in range(30_000):
        assert seen.is_new(said_cheaply(number), 0.0)
    assert len(seen._by) == 20_000
    assert not seen.is_new(said_cheaply(29_999), 0.0)


def said_cheaply(number: int) -> Heard:
    return Heard(Message(GROUP, str(number), Person(number), (), NOW, ONE), f"like {number}", str(number))


def test_room_for_a_message_is_made_at_once_however_many_wait_who_came() -> None:
    """Those who come and go are never dropped, and each message would have to look past them all."""

    def flood(waiting: int) -> None:
        async def run() -> None:
            async def work(_group: int, _items: Sequence[Heard]) -> None:
                await asyncio.Event().wait()

            queues: Queues[Heard] = Queues(work, lambda heard: isinstance(heard.event, Message), most=10)
            for heard in came(waiting):
                queues.put(GROUP, heard)
            for number in range(500):
                queues.put(GROUP, said_cheaply(number))
            assert (queues.dropped, len(queues)) == (490, waiting + 10)
            await queues.close(0)

        asyncio.run(run())

    assert lines(lambda: flood(2000)) - lines(lambda: flood(1000)) < 1000 * 40


def came(count: int) -> Iterator[Heard]:
    return (Heard(Joined(GROUP, Person(n), NOW, ONE), f"joined/{n}") for n in range(count))
