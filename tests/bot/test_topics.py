"""Topics as the bot carries them out against a simulated QQ: tagged, found, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qqgroup_provision.behavior.memory import Key, Mark, Remember, Shelf
from qqgroup_provision.bot.database import Database
from qqgroup_provision.bot.memory import Marks
from qqgroup_provision.simulator.seed import IMPLEMENTATIONS
from tests.bot.running import BotProcess
from tests.bot.test_run import ALICE, BOB, said, websocket
from tests.stage import GROUP, staged

GROUP_YAML = {
    "kind": "Group",
    "key": "hub",
    "id": GROUP,
    "roles": [{"key": "team", "members": [ALICE]}],
    "topics": {
        "tags": [{"key": "help", "name": "求助"}, {"key": "share", "name": "分享"}],
        "markers": ["team"],
        "search": {"cooldown": "0s"},
    },
}


OTHERS = sorted({*IMPLEMENTATIONS} - {"napcat"})


@pytest.mark.parametrize(
    "implementation", ["napcat", *(pytest.param(each, marks=pytest.mark.long) for each in OTHERS)]
)
def test_what_was_tagged_is_found_and_not_what_was_taken_back(tmp_path: Path, implementation: str) -> None:
    with staged(tmp_path, implementation=implementation) as stage:
        world = stage.simulator
        stage.group(GROUP_YAML)
        server = ("--milky", world.endpoint()) if "milky" in implementation else ("--onebot", websocket(world))
        options = (*server, "--watch")
        with BotProcess(tmp_path / "data", *options, folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("connected")
            world.say(GROUP, BOB, "#求助 怎么取消协程")
            secret = world.say(GROUP, BOB, "#求助 协程的密码是一二三")
            plain = world.say(GROUP, BOB, "这篇协程的文章不错")
            world.act(GROUP, "recall", qq=BOB, sequence=secret)
            world.say(GROUP, ALICE, f"[CQ:reply,id={plain}]标记 分享")
            world.say(GROUP, ALICE, "搜索 协程")
            bot.line("said", lambda _: len(said(world)) == 2)
        assert said(world)[0].endswith("已标记为 分享")
        found = said(world)[1]
        assert found.startswith("找到 2 条")
        assert "怎么取消协程" in found
        assert "【分享】" in found
        assert "密码" not in found


def test_a_shelf_of_the_database_has_its_last_marks_in_order_and_those_of_nobody_else(tmp_path: Path) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)

    def remembered(item: str, what: str) -> Remember:
        return Remember(Key(item, what, 5), Mark(now, ((5, "小艾"),)), now + timedelta(days=1))

    database = Database(tmp_path / "bot.sqlite")
    with database.transaction() as connection:
        ours = [remembered("hub/topics", f"text/{number}/100/7") for number in (3, 1, 2)]
        others = [remembered("hub/topics", "told"), remembered("hub/topics2", "text/9"), remembered("hub", "text/9")]
        Marks(connection, GROUP).change((*ours, *others))
        Marks(connection, GROUP + 1).change((remembered("hub/topics", "text/9"),))
    database.close()
    database = Database(tmp_path / "bot.sqlite")
    with database.transaction() as connection:
        found = Marks(connection, GROUP).recall([Shelf("hub/topics", "text/", 2)])
    database.close()
    assert [key.what for key in found] == ["text/2/100/7", "text/3/100/7"]
    assert set(found.values()) == {Mark(now, ((5, "小艾"),))}
