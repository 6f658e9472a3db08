"""An apply over Milky trusts as little as one over OneBot; and what nobody can read is sent again, not believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.applying.test_truth import announcements_created, killed_at_write
from tests.stage import GROUP, Stage, readable, staged

MUTED = {"kind": "Group", "key": "hub", "id": GROUP, "mute_all": True}
NAMED = {"kind": "Group", "key": "hub", "id": GROUP, "profile": {"name": "新群名"}}


@pytest.fixture
def llbot(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, implementation="llbot-milky") as found:
        yield found


def test_a_server_that_says_ok_and_does_nothing_is_not_believed(llbot: Stage) -> None:
    llbot.simulator.faults({"action": "*", "writes_only": True, "pretend": True})
    before = llbot.live()
    done = llbot.run("apply", "--auto-approve")

    assert (6, before) == (done.code, llbot.live())
    for address in ("profile", "admin/alice", "title/alice", "card/alice", "announcement/rules"):
        assert f"hub/{address}  NOT APPLIED" in done.out
    # Nobody can see that this one was not done, which is why state says that it was not verified.
    assert ["hub/mute_all  (not verified: mute_all)"] == llbot.run("state", "list").out.splitlines()


@pytest.mark.parametrize(
    "fault", [{"body": "truncated"}, {"refuse": {"retcode": 500, "message": "Internal error: x"}}]
)
def test_a_lost_answer_is_settled_by_looking_and_nothing_is_posted_twice(
    llbot: Stage, fault: dict[str, object]
) -> None:
    llbot.simulator.faults({"action": "send_group_announcement", "times": 1, **fault})
    first = llbot.run("apply", "--auto-approve")
    llbot.simulator.faults()
    second = llbot.run("apply", "--auto-approve")

    assert (6 if "refuse" in fault else 0, 0) == (first.code, second.code)
    assert ["消息", "群规 <1>\n  二 & 三"] == sorted(announcements_created(llbot))
    assert "No changes" in llbot.run("plan").out


def test_a_mute_whose_answer_was_lost_is_sent_again(llbot: Stage) -> None:
    llbot.group(MUTED)
    llbot.simulator.faults({"action": "set_group_whole_mute", "times": 1, "reset": "before"})
    first = llbot.run("apply", "--auto-approve")
    assert (6, True, False) == (first.code, "QG603" in first.err, llbot.live()["mute_all"])
    assert 0 == llbot.run("apply", "--auto-approve").code

    assert llbot.live()["mute_all"]
    assert "No changes" in llbot.run("plan").out


@pytest.mark.parametrize("done", [False, True], ids=["undone", "done"])
def test_killed_at_any_kind_of_write_the_next_apply_ends_in_the_same_world(tmp_path: Path, done: bool) -> None:
    with staged(tmp_path / "whole", implementation="llbot-milky") as stage:
        stage.run("apply", "--auto-approve")
        expected = readable(stage.live())
        writes = stage.writes()
    for function in ("send_group_announcement", "set_group_whole_mute"):
        with staged(tmp_path / function, implementation="llbot-milky") as stage:
            killed_at_write(stage, writes.index(function), done=done)
            stage.run("apply", "--auto-approve")
            assert expected == readable(stage.live()), function
            assert 2 == len(announcements_created(stage))
            assert "No changes" in stage.run("plan").out


def test_a_refusal_that_lagrange_crashes_over_is_told_as_a_lost_answer(tmp_path: Path) -> None:
    with staged(tmp_path, implementation="lagrange-milky") as stage:
        stage.group(NAMED)
        stage.simulator.faults({"action": "set_group_name", "http": 500})
        done = stage.run("apply", "--auto-approve")

    assert (6, True, True) == (done.code, "QG603" in done.err, "answer lost" in done.out)
