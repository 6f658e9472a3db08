"""Pictures of words: the same for the same words, with a font that has Chinese, and a list where there is none."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image as Pictures

from qqgroup_provision.behavior.configuration import CHINA, Configuration
from qqgroup_provision.behavior.event import Cloud, Image, Member, Person, Segment, Text
from qqgroup_provision.behavior.memory import Add, Key
from qqgroup_provision.behavior.observing import Report, Statistics, Vocabulary
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.bot import clouds
from qqgroup_provision.bot.behaviors import Behavior
from qqgroup_provision.bot.clouds import Clouds, found_font, has_chinese, picture
from qqgroup_provision.bot.records import Records
from tests.bot.running import BotProcess
from tests.bot.test_census import change, waiting, yearly
from tests.bot.test_host import ONE, Bot, Mouth, with_bot
from tests.bot.test_run import websocket
from tests.stage import GROUP, staged

WORDS = (("协程", 9), ("爬虫", 5), ("asyncio", 2))
CLOUD = Cloud(WORDS, "协程 9、爬虫 5、asyncio 2")

with_font = pytest.mark.skipif(found_font() is None, reason="no font with Chinese on this machine")


def drawn(clouds: Clouds, *segments: Segment) -> tuple[tuple[Segment, ...], dict[str, bytes]]:
    return asyncio.run(clouds.drawn(segments))


@pytest.mark.long
@with_font
def test_the_same_words_are_the_same_picture() -> None:
    content = picture(WORDS, None)
    with Pictures.open(io.BytesIO(content)) as opened:
        assert (opened.format, opened.size) == ("PNG", (900, 600))
        assert len(opened.convert("L").getcolors(256) or ()) > 10, "something is drawn on it"
    assert picture(WORDS, None) == content != picture((("别的", 1),), None)


@with_font
def test_a_message_has_the_picture_in_place_of_the_words() -> None:
    said, pictures = drawn(Clouds(Records(io.StringIO())), Text("看"), CLOUD)
    assert said == (Text("看"), Image("cloud:0"))
    assert pictures["cloud:0"].startswith(b"\x89PNG")


def _no_chinese(folder: Path) -> Path:
    path = folder / "broken.ttf"
    path.write_bytes(b"no font at all")
    return path


def test_without_a_font_that_has_chinese_the_list_is_said_and_it_is_written_down_once(tmp_path: Path) -> None:
    stream = io.StringIO()
    some = Clouds(Records(stream), _no_chinese(tmp_path))
    assert [drawn(some, CLOUD) for _ in range(2)] == [((Text(CLOUD.instead),), {})] * 2
    (line,) = stream.getvalue().splitlines()
    assert "--font" in json.loads(line)["reason"]


def test_a_font_whose_signs_are_all_the_same_box_has_no_chinese() -> None:
    plain = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not plain.exists():
        pytest.skip("no such font here")
    assert not has_chinese(plain)


def test_without_any_font_the_list_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "found_font", lambda: None)
    assert drawn(Clouds(Records(io.StringIO())), CLOUD) == ((Text(CLOUD.instead),), {})


def test_what_has_no_words_to_draw_is_said_as_it_is() -> None:
    said: tuple[Segment, ...] = (Text("a"), Image("b.png"))
    assert drawn(Clouds(Records(io.StringIO())), *said) == (said, {})


@pytest.mark.parametrize("broken", [False, True])
def test_a_report_is_said_as_a_picture_or_else_as_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    def drawing(words: object, font: object) -> bytes:
        if broken:
            raise ImportError("no wordcloud")
        return repr(words).encode()

    monkeypatch.setattr(clouds, "picture", drawing)
    now = datetime.now(UTC)
    day = now - timedelta(days=3)
    report = Report(yearly(day), ("words",))
    marks = [one for one in waiting(now, yearly(day)) if "statistics" in one.key.item]
    what = f"{day.astimezone(CHINA).date()}/协程"
    change(tmp_path, *marks, Add(Key("hub/statistics/words", what), 4, now, now + timedelta(days=30)))
    mouths: list[Crowd] = []

    async def play(bot: Bot) -> None:
        watched = Configuration("hub", GROUP, statistics=Statistics(report=report, words=Vocabulary()))
        bot.behaviors.enforce(GROUP, Behavior(Prepared(watched)))
        mouths.append(Crowd(ONE, bot.said))
        bot.host.connect(mouths[0])
        async with asyncio.timeout(60):
            while not bot.lines("said"):
                await bot.done()
                await asyncio.sleep(0.001)

    bot = with_bot(tmp_path, play)
    ((_, _, segments, _),) = bot.said
    assert [type(part) for part in segments] == [Text if broken else Image]
    assert mouths[0].content == ([] if broken else [repr((("协程", 4),)).encode()])


class Crowd(Mouth):
    """An account that knows who is there."""

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        return (Member(Person(ONE)),), 1


@pytest.mark.long
def test_a_report_of_words_is_a_picture_to_a_server(tmp_path: Path) -> None:
    now, data = datetime.now(UTC), tmp_path / "data"
    day = now - timedelta(days=3)
    report = {"at": yearly(day), "kinds": ["words"]}
    with staged(tmp_path) as stage:
        world = stage.simulator
        written = {"words": True, "report": report}
        stage.group({"kind": "Group", "key": "hub", "id": GROUP, "statistics": written})
        what = f"{day.astimezone(CHINA).date()}/协程"
        marks = [one for one in waiting(now, yearly(day)) if "statistics" in one.key.item]
        change(data, *marks, Add(Key("hub/statistics/words", what), 4, now, now + timedelta(days=30)))
        options = ("--onebot", websocket(world), "--watch")
        with BotProcess(data, *options, folder=stage.folder, TEST_TOKEN="s3cret-token") as bot:
            bot.line("said", lambda line: line["item"] == "hub/statistics")
        (message,) = world.messages(GROUP)
        kinds = [part["type"] for part in message["segments"]]
        assert kinds == (["image"] if found_font() is not None else ["text"])
