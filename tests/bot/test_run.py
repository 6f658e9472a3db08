"""The bot as people run it: its own process, real sockets, a simulated QQ in which people talk."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.simulator.running import RunningSimulator
from tests.bot.running import ONEBOT_TOKEN, PATIENCE, BotProcess
from tests.stage import GROUP, SELF, WORLD, staged, write_yaml

ALICE, BOB = 100000001, 100000002


def document(**items: Any) -> dict[str, Any]:
    """A group's behaviour: replies by key, `welcome` and `assets`."""
    single = {key: items.pop(key) for key in ("welcome", "farewell") if key in items}
    assets = items.pop("assets", {})
    replies = {f"reply/{key}": item for key, item in items.items()}
    return {
        "format": 1, "group": "hub", "id": GROUP, "name": "群", "timezone": "Asia/Shanghai", "roles": {},
        "other_bots": [], "items": {**replies, **single}, "order": {"replies": list(items)}, "assets": assets,
    }  # fmt: skip


def counting(word: str) -> dict[str, Any]:
    return {"when": {"regex": "^count ([0-9]+)$"}, "reply": f"{word} {{1}}"}


ONCE = {"when": {"contains": "群规"}, "reply": "群规在公告里", "cooldown": {"group": "1h"}}


def websocket(simulator: RunningSimulator, account: str = "main") -> str:
    return simulator.endpoint(account).replace("http://", "ws://")


def said(simulator: RunningSimulator, by: Callable[[int], bool] = lambda qq: qq == SELF) -> list[str]:
    """All that the bot has said so far."""
    return [one["text"] for one in simulator.messages(GROUP) if by(one["sender"])]


def wait_for_text(bot: BotProcess, simulator: RunningSimulator, text: str) -> None:
    """Wait until the bot has said this. Whenever it has said something it writes a line."""
    with bot.seen:
        assert bot.seen.wait_for(lambda: text in said(simulator), PATIENCE), bot.lines


def wait_for_count(bot: BotProcess, count: int) -> None:
    """Wait until so many messages were said."""
    with bot.seen:
        assert bot.seen.wait_for(lambda: sum(one["event"] == "said" for one in bot.lines) >= count, PATIENCE), (
            bot.lines
        )


def test_people_are_answered_in_order_while_the_behaviour_is_replaced_and_after_the_power_failed(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with staged(tmp_path) as stage:
        world = stage.simulator
        with BotProcess(data, "--onebot", websocket(world)) as bot:
            bot.line("connected")
            picture = b"\x89PNG\r\n\x1a\n picture"
            sha256 = hashlib.sha256(picture).hexdigest()
            first = document(
                count=counting("eins"),
                rules=ONCE,
                map={"when": {"equals": "地图"}, "reply": [{"image": "map.png"}], "quote": True},
                welcome={"text": "欢迎 {name}"},
                assets={"map.png": sha256},
            )
            refused = bot.ask("PUT", f"/v1/groups/{GROUP}/behavior", first, If_None_Match="*")
            assert (refused.status, refused.body["code"], refused.body["assets"]) == (422, "assets_missing", [sha256])
            assert bot.ask("PUT", f"/v1/assets/{sha256}", picture).status == 204
            etag = bot.put(first)

            world.say(GROUP, ALICE, "地图")
            world.act(GROUP, "join", qq=100000009, nickname="新人")
            wait_for_text(bot, world, "欢迎 新人")
            sent = next(one for one in world.messages(GROUP) if one["segments"][-1]["type"] == "image")
            assert [part["type"] for part in sent["segments"]] == ["reply", "image"]

            for number in range(15):
                world.say(GROUP, ALICE, f"count {number}")
            etag = bot.put(document(count=counting("zwei"), rules=ONCE), etag)
            for number in range(15, 30):
                world.say(GROUP, BOB, f"count {number}")
            wait_for_text(bot, world, "zwei 29")
            counted = [text.split() for text in said(world) if text.startswith(("eins", "zwei"))]
            assert [int(number) for _, number in counted] == list(range(30)), "each once, and in order"
            words = [word for word, _ in counted]
            assert words == sorted(words), "no old answer after a new one"
            assert words[15:] == ["zwei"] * 15, "what is said after the PUT was answered is answered the new way"

            changed = bot.ask("PUT", f"/v1/groups/{GROUP}/behavior", first, If_None_Match="*")
            assert (changed.status, changed.body["etag"]) == (412, etag)
            world.say(GROUP, ALICE, "群规？")
            wait_for_text(bot, world, "群规在公告里")
            bot.kill()

        world.say(GROUP, ALICE, "count 30")  # nobody hears it now
        with BotProcess(data, "--onebot", websocket(world)) as bot:
            assert bot.line("started")["groups"] == [GROUP]
            bot.line("connected")
            world.say(GROUP, BOB, "群规在哪里？")
            world.say(GROUP, BOB, "count 31")
            wait_for_text(bot, world, "zwei 31")
            told = said(world)
            assert told.count("群规在公告里") == 1
            last = [text for text in told if text.endswith(("29", "30", "31"))]
            assert last == ["zwei 29", "zwei 30", "zwei 31"], "what nobody heard is read when somebody listens"
            assert bot.stop() == 0
            bot.line("stopped")


def test_servers_that_connect_to_the_bot_are_answered_once_however_many_of_its_accounts_hear_it(
    tmp_path: Path,
) -> None:
    other = 100000005
    accounts = {"other": {"qq": other, "implementation": "llbot", "token": ONEBOT_TOKEN}}
    world = {
        **WORLD,
        "accounts": {**WORLD["accounts"], **accounts},
        "groups": [{**WORLD["groups"][0], "members": [ALICE, BOB, other]}],
    }
    # What somebody else's NoneBot is told is none of ours.
    (tmp_path / ".env").write_bytes(b"DRIVER=~none\nONEBOT_V11_SECRET=x\nENVIRONMENT=\xff\n")
    theirs = {"HOST": "mybox", "SUPERUSERS": "{", "ONEBOT_ACCESS_TOKEN": "wrong-token"}
    with (
        staged(tmp_path, world) as stage,
        BotProcess(tmp_path / "data", "--listen", "127.0.0.1:0", **theirs) as bot,
    ):
        simulator = stage.simulator
        address = bot.line("started")["listen"]
        url = f"ws://{address}/onebot/v11/ws"
        for path in ("", "http", "ws"):
            made_up = urllib.request.Request(
                f"http://{address}/onebot/v11/{path}", data=b"{}", headers={"X-Self-ID": str(SELF)}
            )
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(made_up, timeout=30)
        simulator.connect(url, token="wrong-token")
        bot.line("log", lambda line: "without the right token" in line["message"])
        simulator.connect(url)
        bot.line("connected", lambda line: line["account"] == SELF)
        simulator.connect(url, account="other")
        bot.line("connected", lambda line: line["account"] == other)
        bot.put(document(count=counting("eins")))
        for number in range(10):
            simulator.say(GROUP, ALICE, f"count {number}")
        wait_for_count(bot, 10)
        ours = said(simulator, lambda qq: qq in (SELF, other))
        assert ours == [f"eins {number}" for number in range(10)]
        assert bot.stop() == 0


def test_a_workspace_can_be_tried_on_milky_without_any_interface(tmp_path: Path) -> None:
    with staged(tmp_path, implementation="llbot-milky") as stage:
        group = {"kind": "Group", "key": "hub", "id": GROUP}
        stage.group({**group, "replies": [{"key": "count", **counting("eins")}], "welcome": {"text": "欢迎 {at}"}})
        words = ("--milky", stage.simulator.endpoint(), "--watch")
        with BotProcess(tmp_path / "data", *words, folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            assert "interface" not in bot.line("started")
            bot.line("connected")
            stage.simulator.say(GROUP, ALICE, "count 1")
            stage.simulator.act(GROUP, "join", qq=100000009, nickname="新人")
            wait_for_count(bot, 2)
            write_yaml(stage.folder / "hub.yaml", {**group, "replies": [{"key": "count", **counting("zwei")}]})
            bot.line("behavior_replaced", lambda line: bot.lines.index(line) > bot.lines.index(bot.line("connected")))
            stage.simulator.say(GROUP, ALICE, "count 2")
            wait_for_text(bot, stage.simulator, "zwei 2")
            assert said(stage.simulator) == ["eins 1", "欢迎 @100000009", "zwei 2"]
            assert bot.stop() == 0
