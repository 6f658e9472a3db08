"""What an apply says is so, whatever the server says; and what it does after it was cut off."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.stage import GROUP, GROUP_YAML, Stage, readable, staged


def announcements_created(stage: Stage) -> list[str]:
    return [event["text"] for event in stage.simulator.timeline() if event["event"] == "announcement_created"]


def test_a_server_that_says_ok_and_does_nothing_is_not_believed(stage: Stage) -> None:
    stage.simulator.faults({"action": "*set_*", "pretend": True}, {"action": "*send_*", "pretend": True})
    before = stage.live()
    done = stage.run("apply", "--auto-approve")

    assert (6, before) == (done.code, stage.live())
    addresses = ("profile", "admin/alice", "title/alice", "card/alice", "announcement/rules", "mute_all")
    for address in addresses:
        assert f"hub/{address}  NOT APPLIED" in done.out
    assert "" == stage.run("state", "list").out
    assert done.err.count("QG601") == done.out.count("NOT APPLIED") == 9


def test_a_refused_write_is_told_in_the_servers_words_and_the_rest_goes_on(stage: Stage) -> None:
    stage.simulator.faults({"action": "set_group_name", "refuse": {"retcode": 200, "message": "名字不行"}})
    done = stage.run("apply", "--auto-approve")

    assert 6 == done.code
    assert "hub/profile  REFUSED: 名字不行" in done.out
    assert "维护者" == stage.live()["members"]["100000001"]["title"]
    assert "hub/profile" not in stage.run("state", "list").out.split()


@pytest.mark.parametrize("fault", [{"reset": "after"}, {"http": 500}, {"body": "html"}, {"body": "truncated"}])
def test_a_lost_answer_is_settled_by_looking_and_nothing_is_posted_twice(
    stage: Stage, fault: dict[str, object]
) -> None:
    stage.simulator.faults({"action": "_send_group_notice", "times": 1, **fault})
    first = stage.run("apply", "--auto-approve")
    stage.simulator.faults()
    second = stage.run("apply", "--auto-approve")

    assert (6 if "http" in fault else 0, 0) == (first.code, second.code)
    assert ["消息", "群规 <1>\n  二 & 三"] == sorted(announcements_created(stage))
    assert "No changes" in stage.run("plan").out


def test_the_old_announcement_stays_when_the_new_one_cannot_be_seen(stage: Stage) -> None:
    stage.run("apply", "--auto-approve")
    changed = {**GROUP_YAML, "announcements": [{"key": "news", "text": "新消息"}, GROUP_YAML["announcements"][0]]}
    stage.group(changed)
    stage.simulator.faults({"action": "_send_group_notice", "pretend": True})
    done = stage.run("apply", "--auto-approve")

    assert 6 == done.code
    assert "消息" in {notice["text"] for notice in stage.live()["announcements"]}


def test_two_lost_answers_in_a_row_stop_the_account(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "*set_*", "reset": "before"})
    done = napcat.run("apply", "--auto-approve")

    assert 6 == done.code
    assert 2 == len(napcat.writes())
    assert "not begun: the account was stopped" in done.out
    assert ("QG605" in done.err, "QG606" in done.err) == (True, False)


def test_killed_at_every_request_the_next_apply_ends_in_the_same_world(tmp_path: Path) -> None:
    with staged(tmp_path / "whole") as stage:
        stage.run("apply", "--auto-approve")
        expected = readable(stage.live())
        requests = len(stage.writes())
    for number in range(requests):
        for when in ("before", "after"):
            with staged(tmp_path / f"{when}{number}") as stage:
                killed_at_write(stage, number, done=when == "after")
                assert 0 == stage.run("apply", "--auto-approve").code
                assert expected == readable(stage.live()), (number, when)
                created = announcements_created(stage)
                assert sorted(set(created)) == sorted(created), (number, when)
                assert "No changes" in stage.run("plan").out


def killed_at_write(stage: Stage, number: int, *, done: bool) -> None:
    """Start an apply and kill it while its write number `number` has no answer, done or not done."""
    hang = {"timeout": 30} if done else {"delay": 30}
    stage.simulator.faults({"writes_only": True, "action": "*", "skip": number, "times": 1, **hang})
    process = subprocess.Popen(
        stage.command("apply", "--auto-approve"),
        env=stage.process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    while not any(call["fault"] for call in stage.simulator.control("calls")):
        assert process.poll() is None, number
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stage.simulator.faults()
    stage.simulator.take_calls()


def test_killed_at_any_moment_the_next_apply_ends_in_the_same_world(tmp_path: Path) -> None:
    with staged(tmp_path / "whole") as stage:
        stage.run("apply", "--auto-approve")
        expected = readable(stage.live())
    moments = random.Random(20261123)
    for number in range(8):
        with staged(tmp_path / str(number)) as stage:
            process = subprocess.Popen(
                stage.command("apply", "--auto-approve"),
                env=stage.process_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
            )
            time.sleep(moments.uniform(0.3, 1.3))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert 0 == stage.run("apply", "--auto-approve").code
            assert expected == readable(stage.live())
            created = announcements_created(stage)
            assert sorted(set(created)) == sorted(created)


def test_apply_prints_what_it_settled_of_a_run_that_was_cut_off(napcat: Stage) -> None:
    killed_at_write(napcat, 0, done=True)
    done = napcat.run("apply", "--auto-approve")

    assert "An earlier run was cut off at: hub/profile: rename the group to “新群名”. It was done." in done.out


def test_ctrl_c_lets_the_step_at_hand_end_and_says_what_was_not_begun(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "set_group_name", "delay": 1})
    process = subprocess.Popen(
        napcat.command("apply", "--auto-approve"),
        env=napcat.process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
    )
    while not any(call["fault"] for call in napcat.simulator.control("calls")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert 6 == process.returncode
    assert "新群名" == napcat.live()["name"]
    assert ["set_group_name"] == napcat.writes()
    assert "not begun: the run was stopped" in out
    assert "Stopping after the step at hand" in err
    assert ("QG606" in err, "QG605" in err) == (True, False)
    assert "Traceback" not in err


def test_a_saved_plan_is_refused_before_any_write_naming_each_object_that_changed(stage: Stage) -> None:
    file = str(stage.folder / "plan.json")
    stage.run("plan", "--out", file)
    stage.simulator.patch(GROUP, {"name": "别的名字", "members": {"100000001": {"card": "手改"}}})
    stage.simulator.take_calls()
    done = stage.run("apply", file)

    assert (5, []) == (done.code, stage.writes())
    assert ("hub/profile" in done.err, "hub/card/alice" in done.err) == (True, True)
    assert "hub/title/alice" not in done.err
    assert 2 == done.err.count("QG704")


def test_a_saved_plan_is_carried_out_as_it_stands(stage: Stage) -> None:
    file = str(stage.folder / "plan.json")
    stage.run("plan", "--out", file)
    done = stage.run("apply", file)

    assert 0 == done.code
    assert "No changes" in stage.run("plan").out


def test_a_saved_plan_is_refused_once_yaml_or_state_have_moved_on(stage: Stage) -> None:
    file = str(stage.folder / "plan.json")
    stage.run("plan", "--out", file)
    stage.group({**GROUP_YAML, "mute_all": False})
    assert (5, True) == ((done := stage.run("apply", file)).code, "The YAML has changed" in done.err)
    stage.group(GROUP_YAML)
    stage.run("apply", "--auto-approve", "--target", "hub/profile")
    assert (5, True) == ((done := stage.run("apply", file)).code, "state" in done.err or "applied" in done.err)


@pytest.mark.parametrize("action", ["get_group_list", "get_group_member_list", "_get_group_notice"])
@pytest.mark.parametrize(
    "fault",
    [
        {"refuse": {"retcode": 200, "message": "出错了"}},
        {"http": 500},
        {"body": "html"},
        {"body": "truncated"},
        {"body": "wrong_types"},
        {"reset": "before"},
    ],
)
def test_what_cannot_be_read_is_never_taken_for_absent(napcat: Stage, action: str, fault: dict[str, object]) -> None:
    napcat.run("apply", "--auto-approve")
    napcat.group({**GROUP_YAML, "manage": {"announcements": "exclusive", "admins": "exclusive"}})
    napcat.simulator.faults({"action": action, **fault})
    plan = napcat.run("plan", "--json")
    document = json.loads(plan.out)

    assert 1 == plan.code
    assert document["errored"]
    blind = {
        "get_group_list": {"profile", "mute_all", "admin", "title", "card", "announcement"},
        "get_group_member_list": {"admin", "title", "card"},
        "_get_group_notice": {"announcement"},
    }[action]
    assert set() == blind & {change["type"] for change in document["resource_changes"]}
    napcat.simulator.take_calls()
    refused = napcat.run("apply", "--auto-approve")
    assert (1, [], True) == (refused.code, napcat.writes(), "QG612" in refused.err)


def test_two_applies_at_once_do_not_mix(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "set_group_name", "delay": 4})
    first = subprocess.Popen(
        napcat.command("apply", "--auto-approve"), env=napcat.process_environment(), stdin=subprocess.DEVNULL
    )
    while not any(call["fault"] for call in napcat.simulator.control("calls")):
        assert first.poll() is None
        time.sleep(0.01)
    second = napcat.run("apply", "--auto-approve")

    assert (4, True) == (second.code, f"process {first.pid}" in second.err)
    assert 0 == first.wait(60)


def test_a_saved_plan_takes_no_targets(napcat: Stage) -> None:
    file = str(napcat.folder / "plan.json")
    napcat.run("plan", "--out", file)
    done = napcat.run("apply", file, "--target", "hub/profile")

    assert (1, []) == (done.code, napcat.writes())
    assert "A saved plan is carried out as it is" in done.err
