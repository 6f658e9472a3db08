"""What QQ lets people say, recall and mark, and the clock all of it goes by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from qqgroup_provision.simulator.clock import LONGEST_STEP, Clock, moment
from qqgroup_provision.simulator.content import (
    EVERYBODY,
    At,
    Card,
    Face,
    Forward,
    Image,
    Node,
    Reply,
    SentFile,
    Text,
    Video,
    Voice,
    from_json,
    shown,
    to_json,
)
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.world import World
from tests.simulator.people import ADMIN, ALICE, BOB, GROUP, NOW, SELF, STRANGER, seed

OTHER = 100000009
EVERYBODY_HERE = {SELF: 2, ADMIN: 1, OTHER: 1, ALICE: 0, BOB: 0, STRANGER: -1}


@pytest.fixture
def world() -> Iterator[World]:
    opened = World(seed(group={"admins": [ADMIN, OTHER]}))
    yield opened
    opened.close()


def test_a_muted_member_is_refused_until_the_mute_ends(world: World) -> None:
    world.mute(SELF, GROUP, ALICE, 600)
    with pytest.raises(Refusal, match="120 muted"):
        world.chat.say(ALICE, GROUP, "一")
    world.clock.advance(599)
    with pytest.raises(Refusal, match="120 muted"):
        world.chat.say(ALICE, GROUP, "二")
    world.clock.advance(1)
    world.chat.say(ALICE, GROUP, "三")
    world.mute(SELF, GROUP, ALICE, 600)
    world.mute(SELF, GROUP, ALICE, 0)
    world.chat.say(ALICE, GROUP, "四")

    assert ["三", "四"] == [row["text"] for row in world.chat.messages(GROUP, 9)]


def test_a_mute_of_all_does_not_keep_admins_from_speaking_and_one_of_theirs_does(world: World) -> None:
    world.mute_all(SELF, GROUP, True)
    world.chat.say(ADMIN, GROUP, "一")
    world.mute(SELF, GROUP, ADMIN, 60)
    with pytest.raises(Refusal, match="120 muted"):
        world.chat.say(ADMIN, GROUP, "二")


@pytest.mark.parametrize("sender", [SELF, ADMIN, ALICE])
@pytest.mark.parametrize("late", [False, True])
def test_one_recalls_ones_own_in_two_minutes_and_an_admin_those_below_at_any_time(sender: int, late: bool) -> None:
    for actor, rank in EVERYBODY_HERE.items():
        world = World(seed(group={"admins": [ADMIN, OTHER]}))
        sequence = world.chat.say(sender, GROUP, "一")
        world.clock.advance(121 if late else 120)
        expected = (rank >= 1 or not late) if actor == sender else rank > EVERYBODY_HERE[sender]
        try:
            world.chat.recall(actor, sequence)
            done = True
        except Refusal:
            done = False
        assert expected == done, (actor, sender)
        assert expected == (world.chat.messages(GROUP, 9) == [])
        assert actor * expected == world.chat.everything(GROUP)[0]["recalled_by"]
        world.close()


def test_a_message_is_recalled_once_and_one_that_never_was_is_not(world: World) -> None:
    sequence = world.chat.say(ALICE, GROUP, "一")
    world.chat.recall(ALICE, sequence)
    for wrong in (sequence, 99):
        with pytest.raises(Refusal, match="not found"):
            world.chat.recall(ALICE, wrong)


def test_what_somebody_said_who_has_left_is_recalled_by_an_admin(world: World) -> None:
    sequence = world.chat.say(ALICE, GROUP, "广告")
    world.kick(ADMIN, GROUP, ALICE)
    world.chat.recall(ADMIN, sequence)

    assert [] == world.chat.messages(GROUP, 9)


def test_a_face_counts_once_for_each_who_puts_it_there(world: World) -> None:
    heard = []
    world.listen(heard.append)
    sequence = world.chat.say(ALICE, GROUP, "一")
    for qq in (BOB, BOB, ADMIN):
        world.chat.react(qq, sequence, "76", on=True)
    world.chat.react(BOB, sequence, "76", on=False)
    world.chat.react(BOB, sequence, "76", on=False)
    with pytest.raises(Refusal):
        world.chat.react(STRANGER, sequence, "76", on=True)

    assert [(1, True), (2, True), (1, False)] == [(each.count, each.on) for each in heard[1:]]


def test_a_history_ends_where_it_is_told_to(world: World) -> None:
    sequences = [world.chat.say(ALICE, GROUP, str(number)) for number in range(5)]

    assert ["3", "4"] == [row["text"] for row in world.chat.messages(GROUP, 2)]
    assert ["1", "2"] == [row["text"] for row in world.chat.messages(GROUP, 2, sequences[2])]


def test_who_speaks_is_known_to_have_spoken(world: World) -> None:
    world.clock.advance(5)
    world.chat.say(ALICE, GROUP, "一")

    alice, bob = (world.member(GROUP, qq) for qq in (ALICE, BOB))
    assert alice is not None
    assert bob is not None
    assert NOW + 5 == alice["spoke"] > bob["spoke"]


def test_a_stranger_is_written_to_only_through_a_group_that_allows_it(world: World) -> None:
    world.whisper(SELF, ALICE, GROUP, (Text("你好"),), friend=False)
    world.whisper(SELF, STRANGER, 0, (Text("你好"),), friend=True)
    world.change_settings(SELF, GROUP, temporary_session=False)
    for target, group in ((ALICE, GROUP), (ALICE, 0), (STRANGER, GROUP)):
        with pytest.raises(Refusal, match="not a friend"):
            world.whisper(SELF, target, group, (Text("你好"),), friend=False)


EVERY_PART = (
    Text("一"), At(ALICE), At(EVERYBODY), Face("1"), Image("A.jpg", "u", 5, "s"), Voice("a.amr", "u"),
    Video("v.mp4", "u"), Reply(1), SentFile("/1", "a.txt", 5), Card("{}"),
    Forward((Node(ALICE, "Alice", (Text("二"), Forward(()))),)),
)  # fmt: skip


def test_every_part_of_a_message_is_kept_and_shown() -> None:
    assert EVERY_PART == from_json(to_json(EVERY_PART))
    assert f"一@{ALICE}@全体成员[表情][图片][语音][视频][文件]a.txt[卡片消息][聊天记录]" == shown(EVERY_PART)


def test_a_clock_stands_still_or_runs_and_only_goes_forward() -> None:
    clock = Clock(NOW)
    clock.advance(60)
    assert (NOW + 60, False) == (clock.now(), clock.runs)
    for wrong in (-1, LONGEST_STEP + 1):
        with pytest.raises(ValueError, match="advanced"):
            clock.advance(wrong)
    clock.set(None)
    assert clock.runs
    ahead = clock.now()
    clock.advance(1000)
    assert clock.now() >= ahead + 1000


def test_a_moment_is_a_date_with_a_zone_or_seconds() -> None:
    expected = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())
    for written in ("2026-11-23T20:00:00+08:00", datetime(2026, 11, 23, 12, tzinfo=UTC), expected):
        assert expected == moment(written)
    assert moment("real") is None
    for wrong in ("2026-11-23T20:00:00", "soon", True, -1, None, 1.5, 1 << 60):
        with pytest.raises((ValueError, TypeError)):
            moment(wrong)
