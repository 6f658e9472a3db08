"""Chat logs: both formats are read line by line, and nothing in a file can stop it, or be kept without a bound."""

from __future__ import annotations

import io
import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import CHINA
from qqgroup_provision.behavior.event import At, Image, Text
from qqgroup_provision.ports import Rank
from qqgroup_provision.rehearsal.logs import LONGEST_LINE, Kind, Log, Logged

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=CHINA)
EXPORT = """\
\ufeff消息记录（此消息记录为文本格式，不支持重新导入）

================================================================
消息分组:我的QQ群
================================================================
消息对象:交流群
================================================================

2026-11-01 12:00:00 【管理员】小艾(100000001)
大家好 [图片]

2026-11-01 9:05:07 小(明)(123456789)
第一行

第三行

2026-11-01 12:00:02 系统消息(10000)
某某加入本群

2026-11-01 12:00:03 邮箱<a@qq.com>
没有号码

================================================================
消息对象:另一个群
================================================================

2026-11-01 12:00:04 小艾(100000001)
别处的话
"""


def read(content: str | bytes, **how: object) -> tuple[list[Logged], Log]:
    raw = content if isinstance(content, bytes) else content.encode()
    log = Log(io.BytesIO(raw), CHINA, **how)  # type: ignore[arg-type]
    return list(log), log


def line(**written: object) -> str:
    return json.dumps({"time": "2026-11-01T12:00", "qq": 7, "text": "你好", **written}, ensure_ascii=False) + "\n"


def test_an_export_of_qq_is_read_with_ranks_pictures_and_lines() -> None:
    found, log = read(EXPORT)

    assert [100000001, 123456789, 100000001] == [one.person.qq for one in found]
    assert [(Text("大家好 "), Image()), (Text("第一行\n\n第三行"),), (Text("别处的话"),)] == [
        one.segments for one in found
    ]
    assert [Rank.ADMIN, Rank.MEMBER] == [one.person.rank for one in found[:2]]
    assert ["小艾", "小(明)"] == [one.person.name for one in found[:2]]
    assert NOON == found[0].at
    assert (9, 5, 7) == (found[1].at.hour, found[1].at.minute, found[1].at.second)
    assert (0, 2, ["交流群", "另一个群"]) == (log.damaged, log.skipped, log.chats)


def test_of_an_export_with_several_chats_one_can_be_chosen() -> None:
    found, _ = read(EXPORT, chat="另一个群")

    assert [(Text("别处的话"),)] == [one.segments for one in found]


@pytest.mark.parametrize("time", ["2026-11-01T12:00", "2026-11-01T04:00:00+00:00", 1793505600, 1793505600000.0])
def test_json_lines_tell_the_time_in_any_way(time: object) -> None:
    ((one,), _) = read(line(time=time))

    assert NOON == one.at


def test_json_lines_tell_who_came_and_went_and_what_rank_somebody_has() -> None:
    written = line(event="join") + line(event="leave") + line(rank="owner", level=3, name="小明")
    found, _ = read(written, rank_of=lambda _: Rank.ADMIN)

    assert [Kind.JOIN, Kind.LEAVE, Kind.MESSAGE] == [one.kind for one in found]
    assert [Rank.ADMIN, Rank.ADMIN, Rank.OWNER] == [one.person.rank for one in found]
    assert (3, "小明") == (found[2].person.level, found[2].person.name)


def test_a_rank_that_the_log_tells_counts_more_than_the_yaml() -> None:
    ((one,), _) = read(line(rank="member"), rank_of=lambda _: Rank.ADMIN)

    assert Rank.MEMBER == one.person.rank


def test_a_mention_of_a_name_the_bot_had_is_one_of_the_bot() -> None:
    found, _ = read(line(qq=42, name="小助手") + line(text="@小助手 帮助"), me=42)

    assert (At(42), Text(" 帮助")) == found[1].segments


@pytest.mark.parametrize(
    "damaged",
    ["{", "[]", "null", '"x"', "{}", line(qq="x"), line(qq=0), line(qq=10**30), line(qq=None), line(time="morgen"),
     line(time="9999-12-31T23:59"), line(time=0), line(time="0001-01-01T00:00"),
     line(time=1e300), line(time=True), line(time=float("nan")), line(text=["a"]), line(name=3), line(rank="boss"),
     line(rank=["admin"]), line(event="dance"), line(level="high"), '{"time": 1, "qq": 7}', "[" * 50_000, "\x00\xff"],
)  # fmt: skip
def test_a_damaged_line_is_counted_and_ends_nothing(damaged: str) -> None:
    found, log = read(line() + damaged.rstrip("\n") + "\n" + line())

    assert (2, 1, [2]) == (len(found), log.damaged, log.first_damaged)


def test_a_date_that_is_none_damages_its_line_alone() -> None:
    found, log = read("2026-11-01 12:00:00 甲(100001)\n一\n2026-13-01 12:00:00 乙(100002)\n二\n")

    assert ([100001], 1, [3]) == ([one.person.qq for one in found], log.damaged, log.first_damaged)


def test_a_line_without_end_is_cut_and_the_next_is_read() -> None:
    huge = "x" * (3 * LONGEST_LINE)
    found, log = read(f"2026-11-01 12:00:00 甲(100001)\n{huge}\n2026-11-01 12:00:01 乙(100002)\n二\n")
    kept = found[0].segments[0]

    assert isinstance(kept, Text)
    assert len(kept.text) <= 5000
    assert (2, 4) == (len(found), log.lines)
    assert 1 == read(line() + line(text=huge))[1].damaged


def test_a_message_of_endless_lines_is_cut() -> None:
    found, _ = read("2026-11-01 12:00:00 甲(100001)\n" + "一二三四五六七八九十\n" * 10_000)
    kept = found[0].segments[0]

    assert isinstance(kept, Text)
    assert 5000 == len(kept.text)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_end_in_an_error(content: bytes) -> None:
    read(content)
    read(b"2026-11-01 12:00:00 a(100001)\n" + content)
    read(line().encode() + content)
