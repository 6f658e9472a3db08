"""Commands as the bot carries them out against a simulated QQ, asked of it by people in the group."""

from __future__ import annotations

import asyncio
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.behavior.commands import WORDS
from qqgroup_provision.behavior.event import Person
from qqgroup_provision.bot.doing import OneBotAccount
from qqgroup_provision.ports import Rank
from qqgroup_provision.simulator.running import RunningSimulator
from tests.bot.running import PATIENCE, BotProcess, Line
from tests.bot.test_run import ALICE, BOB, said, wait_for_text, websocket
from tests.stage import GROUP, SELF, WORLD, Stage, staged

CAROL, CHIEF = 100000003, 100000009
BODY = {
    "kind": "Group",
    "key": "hub",
    "id": GROUP,
    "roles": [
        {
            "key": "keepers",
            "members": ["alice"],
            "may": ["mute", "recall", "kick", "announce", "set_essence"],
        }
    ],
    "activities": [
        {
            "key": "draw",
            "kind": "lottery",
            "title": "抽奖",
            "prizes": [{"name": "书", "count": 1}],
            "opens": "2020-01-01T00:00",
            "closes": "2099-01-01T00:00",
        }
    ],
}


@contextmanager
def running(stage: Stage, path: Path, implementation: str) -> Iterator[BotProcess]:
    world = stage.simulator
    server = ("--milky", world.endpoint()) if "milky" in implementation else ("--onebot", websocket(world))
    with BotProcess(path / "data", *server, "--watch", folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
        bot.line("connected")
        yield bot


@pytest.mark.parametrize("implementation", ["napcat", "llbot-milky"])
def test_people_of_a_role_have_the_bot_do_what_their_role_may(tmp_path: Path, implementation: str) -> None:
    seeded = {**WORLD, "groups": [{**WORLD["groups"][0], "admins": [CHIEF], "members": [ALICE, BOB, CAROL]}]}
    with staged(tmp_path, seeded, implementation=implementation) as stage:
        world = stage.simulator
        stage.group(BODY)
        with running(stage, tmp_path, implementation) as bot:

            def done(action: str) -> Line:
                return bot.line("done", lambda line: line["action"] == action)

            bad = world.say(GROUP, CAROL, "坏话")
            world.say(GROUP, CAROL, f"/禁言 [CQ:at,qq={BOB}] 10m")
            world.say(GROUP, ALICE, "/撤回")
            wait_for_text(bot, world, f"@{ALICE} 这样说：{WORDS['撤回'][1]}")
            world.say(GROUP, ALICE, f"[CQ:reply,id={bad}][CQ:at,qq={CAROL}] /撤回")
            recalled = done("recall")
            assert (recalled["qq"], recalled["by"]) == (CAROL, ALICE)
            assert recalled["item"] == "hub/role_permission/keepers"
            good = world.say(GROUP, BOB, "好话")
            world.say(GROUP, ALICE, f"[CQ:reply,id={good}][CQ:at,qq={BOB}] [CQ:at,qq={SELF}] 设精")
            done("set_essence")
            world.say(GROUP, ALICE, f"[CQ:at,qq={SELF}] 禁言 [CQ:at,qq={BOB}] 1小时")
            assert done("mute")["qq"] == BOB
            with pytest.raises(urllib.error.HTTPError) as muted:
                world.say(GROUP, BOB, "喂")
            muted.value.close()
            world.say(GROUP, ALICE, "/公告 明天 20:00 分享")
            world.say(GROUP, ALICE, f"确认 {code_after(bot, world, '公告')}")
            done("announce")
            world.say(GROUP, ALICE, f"/踢出 [CQ:at,qq={CAROL}]")
            world.say(GROUP, ALICE, f"确认 {code_after(bot, world, '踢出')}")
            done("kick")
            world.say(GROUP, ALICE, f"/禁言 [CQ:at,qq={CHIEF}]")
            wait_for_text(bot, world, f"@{ALICE} 不会对群主和管理员这样做")
            assert bot.stop() == 0
        live = world.world()[str(GROUP)]
        assert [bad] == [one["sequence"] for one in world.messages(GROUP) if one["recalled_by"]]
        assert "好话" in live["essence"]
        assert "明天 20:00 分享" in [notice["text"] for notice in live["announcements"]]
        assert str(CAROL) not in live["members"]
        assert not [line for line in bot.lines if line["event"] in ("not_done", "failed", "log", "unknown")]


def code_after(bot: BotProcess, world: RunningSimulator, what: str) -> str:
    """The code the bot asks for."""

    def found() -> str | None:
        return next((text[-4:] for text in said(world) if what in text and "请在一分钟内回复" in text), None)

    with bot.seen:
        assert bot.seen.wait_for(found, PATIENCE), bot.lines
    code = found()
    assert code is not None
    return code


def test_an_account_without_the_rank_says_that_nothing_came_of_it_and_a_draw_is_opened_once(tmp_path: Path) -> None:
    seeded = {**WORLD, "groups": [{**WORLD["groups"][0], "owner": CHIEF, "members": [SELF, ALICE, BOB]}]}
    with staged(tmp_path, seeded) as stage:
        world = stage.simulator
        stage.group(BODY)
        with running(stage, tmp_path, "napcat") as bot:
            bot.line("said", lambda line: line["item"] == "hub/activity/draw")
            world.say(GROUP, ALICE, f"/禁言 [CQ:at,qq={BOB}]")
            assert bot.line("not_done")["by"] == ALICE
            wait_for_text(bot, world, f"@{ALICE} 没有办成：机器人的账号可能没有这项权限")
            bot.kill()
        with running(stage, tmp_path, "napcat") as bot:
            world.say(GROUP, BOB, "参加抽奖")
            world.say(GROUP, ALICE, "/撤回")
            wait_for_text(bot, world, f"@{ALICE} 这样说：{WORDS['撤回'][1]}")
            assert bot.stop() == 0
        assert 1 == sum("承诺：" in text for text in said(world))


class Server:
    """Answers of a OneBot server."""

    self_id = str(SELF)

    def __init__(self, listed: str, told: str) -> None:
        self._answers = {
            "get_group_member_list": [{"user_id": BOB, "role": listed}, {"user_id": ALICE, "role": "owner"}],
            "get_group_member_info": {"user_id": BOB, "role": told, "card": "", "nickname": "b"},
        }

    async def call_api(self, api: str, **data: object) -> object:
        return self._answers[api]


@pytest.mark.parametrize(
    ("listed", "told", "rank"),
    [
        ("member", "member", Rank.MEMBER),
        ("admin", "member", None),
        ("member", "admin", None),
        ("admin", "admin", Rank.ADMIN),
        ("member", "boss", None),
    ],
)
def test_where_a_servers_answers_differ_nobody_knows_what_somebody_is(
    listed: str, told: str, rank: Rank | None
) -> None:
    bot: Any = Server(listed, told)
    assert asyncio.run(OneBotAccount(bot).person_of(GROUP, BOB)) == Person(BOB, "b", rank)
