"""QQ's own rules, whoever asks: who may do what to whom, and what it will not take."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.simulator.ledger import RANKS, Refusal
from qqgroup_provision.simulator.seed import Seed, SeedGroup, SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World
from qqgroup_provision.workspace import limits

GROUP = 731000001
OWNER, ADMIN, OTHER_ADMIN, MEMBER, OTHER, STRANGER = range(100000001, 100000007)
ROLES = {OWNER: "owner", ADMIN: "admin", OTHER_ADMIN: "admin", MEMBER: "member", OTHER: "member"}
EVERYBODY = [*ROLES, STRANGER]
SEED = Seed(
    {},
    (
        SeedGroup(
            GROUP,
            "群",
            "",
            500,
            False,
            tuple(SeedMember(qq, role, f"n{qq}") for qq, role in ROLES.items()),
            (SeedNotice("公告", OWNER),),
        ),
    ),
)
Deed = Callable[[World, int, int], Any]


@pytest.fixture
def world() -> Iterator[World]:
    opened = World(SEED)
    yield opened
    opened.close()


def rank(qq: int) -> int:
    return RANKS[ROLES[qq]] if qq in ROLES else -1


def notice(world: World) -> str:
    return str(world.notices(GROUP)[0]["id"])


# What one does to another, and who may. Some deeds are done to nobody.
DEEDS: dict[str, tuple[Deed, Callable[[int, int], bool]]] = {
    "rename": (lambda w, a, _: w.rename(a, GROUP, "新"), lambda a, _: rank(a) >= 1),
    "remark": (lambda w, a, _: w.set_remark(a, GROUP, "备注"), lambda a, _: rank(a) >= 0),
    "mute_all": (lambda w, a, _: w.mute_all(a, GROUP, True), lambda a, _: rank(a) >= 1),
    "admin": (lambda w, a, t: w.set_admin(a, GROUP, t, True), lambda a, t: rank(a) == 2 and rank(t) >= 0),
    "title": (lambda w, a, t: w.set_title(a, GROUP, t, "头衔"), lambda a, t: rank(a) == 2 and rank(t) >= 0),
    "card": (
        lambda w, a, t: w.set_card(a, GROUP, t, "名片"),
        lambda a, t: rank(t) >= 0 and (a == t or (rank(a) >= 1 and rank(t) < 2)),
    ),
    "publish": (
        lambda w, a, _: w.publish(a, GROUP, "新公告", pinned=False, confirm=False, image=None),
        lambda a, _: rank(a) >= 1,
    ),
    "withdraw": (lambda w, a, _: w.withdraw(a, GROUP, notice(w)), lambda a, _: rank(a) >= 1),
    "mute": (lambda w, a, t: w.mute(a, GROUP, t, 60), lambda a, t: rank(a) >= 1 and -1 < rank(t) < rank(a)),
    "kick": (lambda w, a, t: w.kick(a, GROUP, t), lambda a, t: rank(a) >= 1 and -1 < rank(t) < rank(a)),
    "say": (lambda w, a, _: w.chat.say(a, GROUP, "你好"), lambda a, _: rank(a) >= 0),
}


def takes(deed: Callable[[], Any]) -> bool:
    """Whether QQ lets it be done. A refusal says why."""
    try:
        deed()
    except Refusal as error:
        return not error.words
    return True


@pytest.mark.parametrize("name", DEEDS)
def test_only_those_may_whom_qq_lets_and_a_refusal_changes_nothing(name: str) -> None:
    deed, allowed = DEEDS[name]
    verdicts = set()
    for actor in EVERYBODY:
        for target in EVERYBODY:
            world = World(SEED)
            before = world.snapshot(), world.timeline()
            done = takes(lambda world=world, actor=actor, target=target: deed(world, actor, target))
            if done:
                assert len(world.timeline()) == len(before[1]) + (not (name == "admin" and target == OWNER))
            else:
                assert before == (world.snapshot(), world.timeline())
            assert allowed(actor, target) == done, (actor, target)
            verdicts.add(done)
            world.close()

    assert verdicts == {True, False}


texts = st.text(st.sampled_from("aé中😀"), max_size=70)


@settings(max_examples=60, deadline=None)
@given(texts, st.integers(598, 602))
def test_lengths_are_counted_as_the_workspace_counts_them(text: str, characters: int) -> None:
    world = World(SEED)
    size = len(text.encode())
    assert (size <= limits.TITLE_BYTES == 18) == takes(lambda: world.set_title(OWNER, GROUP, MEMBER, text))
    assert (size <= limits.CARD_BYTES == 60) == takes(lambda: world.set_card(OWNER, GROUP, MEMBER, text))
    assert (0 < size <= limits.NAME_BYTES == 90) == takes(lambda: world.rename(OWNER, GROUP, text))
    for long, fits in (
        ("中" * characters, characters <= limits.NOTICE_CHARACTERS == 600),
        (" \n", False),
        ("", False),
    ):
        assert fits == takes(
            lambda long=long: world.publish(OWNER, GROUP, long, pinned=False, confirm=False, image=None)
        )
    world.close()


def test_an_owner_stays_one(world: World) -> None:
    world.set_admin(OWNER, GROUP, OWNER, False)

    assert "owner" == world.snapshot()[str(GROUP)]["members"][str(OWNER)]["role"]


def test_announcements_have_ids_of_their_own_and_come_newest_first(world: World) -> None:
    ids = [world.publish(OWNER, GROUP, "同", pinned=False, confirm=False, image=None) for _ in range(3)]
    world.withdraw(OWNER, GROUP, ids[1])
    again = world.publish(OWNER, GROUP, "同", pinned=False, confirm=False, image=None)

    assert 4 == len({*ids, again})
    assert [again, ids[2], ids[0]] == [n["id"] for n in world.notices(GROUP)][:3]
    assert "公告" == world.notices(GROUP)[-1]["text"]
    with pytest.raises(Refusal, match="no such"):
        world.withdraw(OWNER, GROUP, ids[1])


def test_a_mute_keeps_members_from_speaking_and_nobody_else(world: World) -> None:
    world.mute_all(ADMIN, GROUP, True)
    world.chat.say(ADMIN, GROUP, "一")
    with pytest.raises(Refusal, match="120"):
        world.chat.say(MEMBER, GROUP, "二")
    world.mute_all(ADMIN, GROUP, False)
    world.chat.say(MEMBER, GROUP, "三")
    world.chat.say(MEMBER, GROUP, "四")

    assert ["三", "四"] == [m["text"] for m in world.chat.messages(GROUP, 2)]


def test_what_is_changed_by_hand_asks_nobody(world: World) -> None:
    world.patch(
        GROUP,
        {
            "name": "手改",
            "remark": "r",
            "mute_all": True,
            "members": {
                str(MEMBER): {"card": "c" * 99},
                str(OTHER): None,
                str(STRANGER): {"nickname": "新人", "role": "admin"},
            },
            "announce": ["一"],
            "withdraw": [notice(world)],
        },
    )
    after = world.snapshot()[str(GROUP)]

    assert ("手改", "r", True) == (after["name"], after["remark"], after["mute_all"])
    assert "c" * 99 == after["members"][str(MEMBER)]["card"]
    assert str(OTHER) not in after["members"]
    assert {"role": "admin", "card": "", "title": "", "nickname": "新人"} == after["members"][str(STRANGER)]
    assert [("一", OWNER)] == [(n["text"], n["sender"]) for n in after["announcements"]]


def test_the_timeline_tells_everything_in_order(world: World) -> None:
    world.rename(OWNER, GROUP, "新")
    world.set_title(OWNER, GROUP, MEMBER, "头衔")
    world.kick(OWNER, GROUP, OTHER)

    assert [("group_name", "新"), ("member_title", "头衔"), ("left", None)] == [
        (event["event"], event.get("value")) for event in world.timeline()
    ]
    assert [1, 2, 3] == [event["n"] for event in world.timeline()]


def test_a_change_of_members_is_known_to_caches_and_another_is_not(world: World) -> None:
    before = world.version[GROUP]
    world.rename(OWNER, GROUP, "新")
    assert before == world.version[GROUP]
    world.set_card(OWNER, GROUP, MEMBER, "名片")
    assert before < world.version[GROUP]


def test_a_world_in_a_file_goes_on_where_it_was(tmp_path: Path) -> None:
    first = World(SEED, tmp_path / "world.db")
    first.rename(OWNER, GROUP, "新")
    before = first.snapshot()
    first.close()
    second = World(SEED, tmp_path / "world.db")

    assert before == second.snapshot()
    assert "新" == before[str(GROUP)]["name"]
    second.close()


def test_a_database_of_another_layout_is_refused_and_left_alone(tmp_path: Path) -> None:
    older = tmp_path / "world.db"
    with closing(sqlite3.connect(older)) as db:
        db.execute("CREATE TABLE messages (seq INTEGER PRIMARY KEY, text TEXT)")
    before = older.read_bytes()
    with pytest.raises(InvalidInput) as raised:
        World(SEED, older)

    assert "its layout is 0, and here it is" in str(raised.value.diagnostics[0].summary)
    assert before == older.read_bytes()


def test_an_account_sees_the_groups_it_is_in_with_their_size(world: World) -> None:
    assert [(GROUP, 5, OWNER)] == [(g["id"], g["size"], g["owner"]) for g in world.groups_of(MEMBER)]
    assert [] == world.groups_of(STRANGER)


def test_an_announcement_edited_by_hand_stays_the_one_it_was(world: World) -> None:
    before = notice(world)
    world.patch(GROUP, {"edit": {"公告": {"text": "改过", "pinned": True, "confirm": True}}})

    (found,) = world.snapshot()[str(GROUP)]["announcements"]
    assert (before, "改过", True, True) == tuple(found[key] for key in ("id", "text", "pinned", "confirm"))
