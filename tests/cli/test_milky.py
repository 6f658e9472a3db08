"""What Milky or one of its implementations cannot do: said by the plan, where it is asked for, and only there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stage import GROUP, WORLD, Stage, staged

BARE: dict[str, Any] = {"kind": "Group", "key": "hub", "id": GROUP}
CARDS: dict[str, Any] = {
    **BARE,
    "profile": {"name": "新群名"},
    "roles": [{"key": "all", "members": ["alice"], "card": "【{name}】", "title": "头衔"}],
}


@pytest.fixture
def llbot(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation="llbot-milky") as found:
        yield found


@pytest.fixture
def lagrange(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation="lagrange-milky") as found:
        yield found


def announced(**flags: object) -> dict[str, Any]:
    return {**BARE, "announcements": [{"key": "rules", "text": "群规", **flags}]}


def test_names_and_cards_work_on_lagrange_from_end_to_end(lagrange: Stage) -> None:
    lagrange.group(CARDS)
    assert 0 == lagrange.run("apply", "--auto-approve").code
    live = lagrange.live()

    assert ("新群名", "【小艾】", "头衔") == (
        live["name"],
        live["members"]["100000001"]["card"],
        live["members"]["100000001"]["title"],
    )
    assert "No changes" in lagrange.run("plan").out
    assert {call["action"] for call in lagrange.simulator.take_calls()} <= {
        "get_impl_info", "get_login_info", "get_group_list", "get_group_member_list", "get_group_member_info",
        "set_group_name", "set_group_member_card", "set_group_member_special_title",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "place", "what"),
    [
        ({"announcements": [{"key": "rules", "text": "群规"}]}, "hub/announcement/rules", "read_notices"),
        ({"roles": [{"key": "all", "members": ["alice"], "admin": True}]}, "hub/admin/alice", "set_admin"),
        ({"profile": {"remark": "备注"}}, "hub/profile", "set_remark"),
    ],
)
def test_what_lagrange_cannot_do_is_an_error_of_the_plan_and_nothing_is_sent(
    lagrange: Stage, asked: dict[str, Any], place: str, what: str
) -> None:
    lagrange.group({**CARDS, **asked})
    done = lagrange.run("apply", "--auto-approve")

    assert (1, []) == (done.code, lagrange.writes())
    for part in ("QG512", place, what, "Lagrange.Milky 58a4f99ac", "run an implementation that can"):
        assert part in " ".join(done.err.split()) + " ".join(done.out.split()), part


@pytest.mark.parametrize("flags", [{"pinned": True}, {"confirm": False}, {"pinned": True, "confirm": True}])
def test_a_flag_that_cannot_be_chosen_is_an_error_of_the_plan_and_not_dropped(
    llbot: Stage, flags: dict[str, bool]
) -> None:
    llbot.group(announced(**flags))
    done = llbot.run("apply", "--auto-approve")
    said = " ".join((done.out + done.err).split())

    assert (1, []) == (done.code, llbot.writes())
    for part in ("QG512", "hub/announcement/rules", "LLBot (Milky) 8.1.7", "notice_flags", next(iter(flags))):
        assert part in said, part


def test_a_flag_is_an_error_also_where_the_announcement_is_up_already(llbot: Stage) -> None:
    llbot.simulator.patch(GROUP, {"announce": ["群规"]})
    llbot.group(announced(pinned=True))

    assert "QG512" in llbot.run("plan").err + llbot.run("plan").out


@pytest.mark.parametrize("flags", [{}, {"pinned": False}, {"confirm": True}])
def test_flags_that_are_what_every_announcement_gets_may_be_asked_for(llbot: Stage, flags: dict[str, bool]) -> None:
    llbot.group(announced(**flags))

    assert 0 == llbot.run("apply", "--auto-approve").code
    (posted,) = [notice for notice in llbot.live()["announcements"] if notice["text"] == "群规"]
    assert (False, True) == (posted["pinned"], posted["confirm"])
    assert "No changes" in llbot.run("plan").out


def test_a_mute_nobody_can_read_is_sent_once_and_again_when_yaml_changes(llbot: Stage) -> None:
    llbot.group({**BARE, "mute_all": True})
    planned = llbot.run("plan").out
    first = llbot.run("apply", "--auto-approve")
    assert (0, True, ["set_group_whole_mute"]) == (first.code, llbot.live()["mute_all"], llbot.writes())
    assert "cannot be read back: mute_all" in planned
    assert "cannot be read back" in llbot.run("state", "show", "hub/mute_all").out

    llbot.simulator.patch(GROUP, {"mute_all": False})
    assert "No changes" in llbot.run("plan").out  # nobody can see that it was lifted by hand
    llbot.group({**BARE, "mute_all": False})
    assert 0 == llbot.run("apply", "--auto-approve").code
    assert ["set_group_whole_mute"] == llbot.writes()


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_a_picture_is_uploaded_once_and_a_description_is_left_to_a_person(llbot: Stage) -> None:
    (llbot.folder / "face.png").write_bytes(PICTURE)
    llbot.group({**BARE, "profile": {"avatar": "face.png", "description": "新简介"}})
    first = llbot.run("apply", "--auto-approve")

    assert (0, ["set_group_avatar"]) == (first.code, llbot.writes())
    assert "hub/profile/description  by hand" in first.out
    assert hashlib.sha256(PICTURE).hexdigest() == llbot.live()["settings"]["avatar"]
    llbot.run("apply", "--auto-approve")
    assert [] == llbot.writes()


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"join": {"method": "review"}}, "read_settings"),
        ({"join": {"member_invites": "disabled"}}, "read_settings"),
        ({"permissions": {"create_group": False}}, "read_settings"),
    ],
)
def test_settings_that_milky_has_no_words_for_are_an_error_of_the_plan(
    llbot: Stage, asked: dict[str, Any], what: str
) -> None:
    llbot.group({**BARE, **asked})
    done = llbot.run("plan")

    assert (1, True, True) == (done.code, "QG512" in done.out + done.err, what in done.out + done.err)


def test_accounts_of_both_protocols_work_side_by_side_in_one_run(tmp_path: Path) -> None:
    other = 100000009
    second = {"id": GROUP + 1, "name": "旧", "owner": other, "members": [100000001]}
    world = {
        **WORLD,
        "accounts": {
            **WORLD["accounts"],
            "second": {"qq": other, "implementation": "llbot-milky", "token": "s3cret-token"},
        },
        "groups": [*WORLD["groups"], second],
    }
    with staged(tmp_path, world) as stage:
        stage.group({**CARDS, "account": "main"})
        stage.group({**CARDS, "key": "other", "id": GROUP + 1, "account": "second"}, "other.yaml")
        assert 0 == stage.run("apply", "--auto-approve").code

        assert {"新群名"} == {stage.live(number)["name"] for number in (GROUP, GROUP + 1)}
        assert {"set_group_card", "set_group_member_card"} < set(stage.writes())
        assert "No changes" in stage.run("plan").out


def test_a_group_is_imported_with_what_lagrange_can_read(lagrange: Stage) -> None:
    (lagrange.folder / "hub.yaml").unlink()
    done = lagrange.run("import", "--account", "main", str(GROUP))
    written = (lagrange.folder / f"group-{GROUP}.yaml").read_text(encoding="utf-8")

    assert (0, True, False) == (done.code, "旧头衔" in written, "announcements" in written)
    assert 0 == lagrange.run("apply", "--auto-approve").code
    assert [] == lagrange.writes()
