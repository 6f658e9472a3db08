"""What stands beside plain rules, as the bot carries it out against a simulated QQ: pictures, cards, appeals."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import Adapter as OneBot

from qqgroup_provision.behavior.cards import CardFormat
from qqgroup_provision.behavior.conditions import Expression
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Recall
from qqgroup_provision.behavior.event import CardChanged, Person
from qqgroup_provision.bot import hearing
from qqgroup_provision.bot.admission import looked_up
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.recalling import take_back
from qqgroup_provision.bot.records import Records
from qqgroup_provision.ports import Rank
from tests.bot.accounts import Idle
from tests.bot.running import BotProcess
from tests.bot.test_pictures import code
from tests.bot.test_run import ALICE, BOB, said, websocket
from tests.stage import GROUP, SELF, staged

RULES = {
    "items": [
        {
            "key": "codes",
            "text": "不发群码",
            "detect": {"qr": {"invitation": True}},
            "penalties": [{"recall": {"last": 3, "within": "10m"}, "mute": "10m"}],
        }
    ],
    "card_format": {"parts": [{"one_of": ["北京", "上海"]}, "-", {"any": "1-20"}], "example": "北京-小明"},
    "appeal": True,
}


@pytest.mark.parametrize("implementation", ["napcat", pytest.param("llbot-milky", marks=pytest.mark.long)])
def test_a_code_that_invites_is_read_and_what_was_said_before_is_recalled_too(
    tmp_path: Path, implementation: str
) -> None:
    with staged(tmp_path, implementation=implementation) as stage:
        world = stage.simulator
        people = {"key": "team", "members": [BOB], "may": ["recall", "appeal"]}
        stage.group({"kind": "Group", "key": "hub", "id": GROUP, "rules": RULES, "roles": [people]})
        server = ("--milky", world.endpoint()) if "milky" in implementation else ("--onebot", websocket(world))
        with BotProcess(tmp_path / "data", *server, "--watch", folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("connected")
            world.patch(GROUP, {"members": {ALICE: {"card": "北京-爱丽"}, BOB: {"card": "小波"}}})
            for text in ("一", "二", "三"):
                world.say(GROUP, ALICE, text)
            for text in ("https://docs.python.org/", "https://qm.qq.com/q/abc"):
                world.act(GROUP, "picture", qq=ALICE, content=b64encode(code(text)).decode())
            bot.line("done", lambda line: line["action"] == "mute")
            assert [None, None, SELF, SELF, SELF] == [
                one["recalled_by"] for one in world.messages(GROUP) if one["sender"] == ALICE
            ]
            world.say(GROUP, BOB, "大家好")
            bot.line("said", lambda line: line["item"] == "hub/card_format")
            assert f"@{BOB} 请把群名片改成这样：北京-小明" == said(world)[-1]
            at = [{"type": "text", "data": {"text": "/申诉通过 "}}, {"type": "at", "data": {"qq": str(ALICE)}}]
            world.say(GROUP, BOB, at)
            bot.line("said", lambda line: line["item"] == "hub/role_permission/team")
            assert f"@{ALICE} 的申诉已通过，上一次违规不再计数。" == said(world)[-1]
            world.say(GROUP, ALICE, "又可以说话了")  # which QQ would refuse to who is muted
            world.say(GROUP, BOB, [{**at[0], "data": {"text": "/撤回 "}}, at[1], {**at[0], "data": {"text": " 2"}}])
            bot.line("done", lambda line: line["action"] == "recall" and line.get("by") == BOB)
            bot.line("done", lambda line: line["action"] == "recall" and line["item"] == "hub/role_permission/team")
            assert bot.stop() == 0
    assert not [line for line in bot.lines if line["event"] in ("not_done", "failed", "log", "unread")]


# What servers tell

CHANGED = {
    "time": 1700000000, "self_id": 10001, "post_type": "notice", "notice_type": "group_card", "group_id": GROUP,
    "user_id": ALICE, "card_new": "北京-爱丽", "card_old": "爱丽",
}  # fmt: skip


def heard(told: Any) -> Heard | None:
    event = OneBot.json_to_event(told)
    return hearing.heard(event) if event is not None else None


def test_a_new_card_is_heard_and_an_empty_one_too() -> None:
    for card in ("北京-爱丽", ""):
        found = heard({**CHANGED, "card_new": card})
        assert found is not None
        assert isinstance(found.event, CardChanged)
        assert (ALICE, card, None) == (found.event.person.qq, found.event.person.card, found.event.person.rank)


@pytest.mark.parametrize(
    "change", [{"card_new": None}, {"card_new": 7}, {"user_id": 0}, {"group_id": "x"}, {"time": -1e20}]
)
def test_a_change_of_a_card_that_makes_no_sense_is_none(change: dict[str, Any]) -> None:
    assert heard({**CHANGED, **change}) is None


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://multimedia.nt.qq.com.cn/download?x=1", True),
        ("http://gchat.qpic.cn/a", True),
        ("file:///etc/passwd", False),
        ("ftp://a/b", False),
        ("https://a/" + "x" * 5000, False),
        (7, False),
        (None, False),
    ],
)
def test_where_a_picture_is_is_taken_only_for_an_address(url: Any, taken: bool) -> None:
    assert (url if taken else "") == hearing.address_of(url)


class Seen(Idle):
    """An account that knows what people are, and whose messages are."""

    def __init__(self, number: int, rank: Rank | None = Rank.MEMBER, sender: int = ALICE) -> None:
        self.number = number
        self.recalled: list[str] = []
        self._rank, self._sender = rank, sender

    async def person_of(self, group: int, qq: int) -> Person:
        if self._rank is None:
            raise RuntimeError("nobody tells")
        return Person(qq, "", self._rank)

    async def sender_of(self, group: int, message: str) -> int:
        return self._sender

    async def recall(self, group: int, message: str) -> None:
        self.recalled.append(message)


@pytest.mark.parametrize("rank", [Rank.MEMBER, Rank.ADMIN, None])
def test_what_somebody_with_a_new_card_is_in_the_group_is_looked_up(rank: Rank | None) -> None:
    found = heard(CHANGED)
    assert found is not None
    wanted = CardFormat(Expression("x"), "x")
    for configuration, seen in (
        (Configuration("hub", GROUP, card_format=wanted), rank),
        (Configuration("hub", GROUP), None),
    ):
        account: Any = Seen(10001, rank)
        event = asyncio.run(looked_up(found.event, configuration, account, Records(), 5))
        assert isinstance(event, CardChanged)
        assert seen is event.person.rank


def test_an_earlier_message_is_taken_back_only_by_who_heard_it_and_only_if_it_is_theirs() -> None:
    mine, other, wrong = Seen(1), Seen(2), Seen(3, sender=BOB)
    accounts: Any = {1: mine, 2: other, 3: wrong}

    def take(account: int, by: int = 1) -> None:
        asyncio.run(take_back(Recall("7", ALICE, account=account), GROUP, accounts[1], accounts, by))

    take(2)
    take(0)
    for account, by in ((3, 1), (9, 1), (0, 2)):
        with pytest.raises(RuntimeError):
            take(account, by)
    assert (["7"], ["7"], []) == (mine.recalled, other.recalled, wrong.recalled)
