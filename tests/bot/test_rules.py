"""Rules as the bot carries them out against a simulated QQ, which refuses what QQ refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.running import BotProcess
from tests.bot.test_run import ALICE, BOB, said, websocket
from tests.stage import GROUP, SELF, staged

RULES = [
    {
        "key": "ads",
        "text": "禁止广告",
        "detect": {"contains": "刷单"},
        "penalties": ["warn", {"recall": True, "mute": "10m"}, "kick"],
    }
]


@pytest.mark.parametrize("implementation", ["napcat", "llbot-milky"])
def test_who_breaks_a_rule_is_warned_then_muted_and_then_removed(tmp_path: Path, implementation: str) -> None:
    with staged(tmp_path, implementation=implementation) as stage:
        world = stage.simulator
        stage.group({"kind": "Group", "key": "hub", "id": GROUP, "rules": {"items": RULES}})
        server = ("--milky", world.endpoint()) if "milky" in implementation else ("--onebot", websocket(world))
        with BotProcess(tmp_path / "data", *server, "--watch", folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("connected")
            world.say(GROUP, ALICE, "刷 单")
            bot.line("said")
            world.say(GROUP, ALICE, "刷单二")
            bot.line("done", lambda line: line["action"] == "mute")
            assert {"刷 单": None, "刷单二": SELF} == {
                one["text"]: one["recalled_by"] for one in world.messages(GROUP) if one["sender"] == ALICE
            }
            assert said(world) == [f"@{ALICE} 请遵守群规：禁止广告"]
            world.advance(601)
            world.say(GROUP, ALICE, "刷单三")
            bot.line("done", lambda line: line["action"] == "kick")
            assert bot.stop() == 0
        members = world.world()[str(GROUP)]["members"]
        assert (str(ALICE) in members, str(BOB) in members) == (False, True)
        assert not [line for line in bot.lines if line["event"] in ("not_done", "failed", "log")]
