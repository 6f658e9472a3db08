"""What an apply shows while it runs: on a terminal, in a log, to a program; and how it is stopped."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

import pytest

from qqgroup_provision.applying.apply import Applied
from qqgroup_provision.applying.outcome import Outcome, Result
from qqgroup_provision.applying.settle import Settled, Settlement
from qqgroup_provision.cli.apply_display import JsonDisplay, LineDisplay, ProgressDisplay, display_for
from qqgroup_provision.messages import say
from qqgroup_provision.resources.profile import Rename
from tests.cli.inside import Terminal, run_on
from tests.reports.samples import GROUP, admin, plan
from tests.stage import Stage

if sys.platform != "win32":
    from tests.cli.on_terminal import on_terminal

on_unix = pytest.mark.skipif(sys.platform == "win32", reason="a terminal of the other kind")
QUESTION = "Carry this out? Only `yes` will do"
HOLD = {"action": "set_group_name", "delay": 30}


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def terminal(stage: Stage, *words: str, **environment: str) -> Any:
    """The command on a terminal, with colour unless the variables say otherwise."""
    variables = stage.process_environment()
    variables.pop("NO_COLOR")
    return on_terminal(stage.command("apply", *words), {**variables, **environment})


def wait_for_the_first_write(stage: Stage) -> None:
    for _ in range(6000):
        if any(call["fault"] for call in stage.simulator.control("calls")):
            return
        time.sleep(0.01)
    raise AssertionError("nothing was written")


def test_a_log_gets_a_line_an_outcome_and_nothing_that_moves(napcat: Stage) -> None:
    done = run_on(napcat, "apply", "--auto-approve")
    lines = done.out.splitlines()

    assert 0 == done.code
    assert 9 == sum(line.endswith("  done") for line in lines[:-1]) == len(lines) - 1
    assert lines[-1].startswith("Applied: 9 of 9 changes in ")
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.out + done.err


def test_a_log_is_coloured_where_that_is_asked_for(napcat: Stage) -> None:
    done = run_on(napcat, "--color", "apply", "--auto-approve")

    assert "\x1b[32mdone\x1b[0m" in done.out


def test_nothing_to_do_is_said_and_nothing_else(napcat: Stage) -> None:
    run_on(napcat, "apply", "--auto-approve")
    done = run_on(napcat, "apply", "--auto-approve")

    assert (0, "No changes. The groups are as the YAML says (9 resources).\n") == (done.code, done.out)


def test_a_program_gets_one_json_object_a_line_with_terraforms_names(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "set_group_card", "refuse": {"retcode": 200, "message": "不行"}})
    done = run_on(napcat, "apply", "--auto-approve", "--json")
    records = lines_of(done.out)
    kinds = [record["type"] for record in records]

    assert 6 == done.code
    assert ("version", "change_summary") == (kinds[0], kinds[-1])
    assert {"version", "planned_change", "apply_start", "apply_complete", "apply_errored", "change_summary"} == set(
        kinds
    )
    assert kinds.count("planned_change") == kinds.count("apply_complete") + kinds.count("apply_errored") == 9
    for record in records:
        assert {"@level", "@message", "@module", "@timestamp", "type"} <= set(record)
        assert ("error" if record["type"] == "apply_errored" else "info") == record["@level"]
    errors = {record["hook"]["resource"]["addr"]: record for record in records if record["type"] == "apply_errored"}
    failed = errors["hub/card/alice"]
    assert {"addr": "hub/card/alice", "resource_type": "card", "resource_name": "alice"} == failed["hook"]["resource"]
    assert ("create", "refused", "不行 (retcode 200)") == (
        failed["hook"]["action"],
        failed["result"],
        failed["@message"],
    )
    assert {"total": 9, "failed": 2, "operation": "apply"} == records[-1]["changes"]


def test_a_program_is_told_what_was_settled_of_an_earlier_run(capsys: pytest.CaptureFixture[str]) -> None:
    address = admin("alice", 1).address
    JsonDisplay().settled((Settled(address, Rename(GROUP, "新群名"), Settlement.NOT_DONE),))
    record = lines_of(capsys.readouterr().out)[-1]

    assert ("settled", "hub/admin/alice", "not_done") == (record["type"], record["address"], record["settlement"])


def test_a_log_is_told_what_was_settled_of_an_earlier_run(capsys: pytest.CaptureFixture[str]) -> None:
    display = display_for(Terminal(), color=False)
    display.settled((Settled(admin("alice", 1).address, Rename(GROUP, "新群名"), Settlement.DONE),))

    assert capsys.readouterr().out.endswith(" It was done.\n")


def test_who_said_no_is_told_that_nothing_was_changed(capsys: pytest.CaptureFixture[str]) -> None:
    display_for(Terminal(), color=False).closed(Applied(plan(admin("alice", 1)), approved=False), 1.0)

    assert "Nothing was changed.\n" == capsys.readouterr().out


def test_the_display_is_chosen_by_where_the_output_goes() -> None:
    assert LineDisplay is type(display_for(Terminal(), color=True))
    assert ProgressDisplay is type(display_for(Terminal(tty=True), color=True))


def test_what_a_stranger_wrote_is_no_markup_in_the_moving_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal(tty=True)
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    change = admin("alice", 1, "[red]x[/red] :smile:")
    display = display_for(screen, color=False)
    with display:
        display.planned(plan(change))
        display.started(change, Rename(GROUP, "[bold]新[/bold]\x1b[2J :smile:"))
        display.finished(Outcome(change, Result.REFUSED, say("{words}", words="[red]不行[/red] :smile:\x1b]0;t\x07")))

    assert "rename the group to “[bold]新[/bold]\\u001b[2J :smile:”" in screen.text()
    assert "hub/admin/alice  REFUSED: [red]不行[/red] :smile:\\u001b]0;t\\u0007" in screen.text()
    assert "\x1b[2J" not in screen.text()
    assert "\x1b]" not in screen.text()


@on_unix
def test_a_terminal_shows_progress_and_keeps_a_line_an_outcome(napcat: Stage) -> None:
    with terminal(napcat, "--auto-approve") as screen:
        assert 0 == screen.ended()

    assert 9 == screen.text.count("  done\n")
    assert "Applied: 9 of 9 changes in " in screen.text
    assert "/9" in screen.text
    assert "\x1b[32mdone" in screen.raw
    assert screen.raw.count("\x1b[?25l") == screen.raw.count("\x1b[?25h") > 0


@on_unix
@pytest.mark.parametrize("how", ["NO_COLOR", "--no-color"])
def test_a_terminal_without_colour_gets_none_though_it_gets_progress(napcat: Stage, how: str) -> None:
    variables = napcat.process_environment()
    words = ["apply", "--auto-approve"] if how == "NO_COLOR" else [how, "apply", "--auto-approve"]
    if how != "NO_COLOR":
        variables.pop("NO_COLOR")
    with on_terminal(napcat.command(*words), variables) as screen:
        assert 0 == screen.ended()

    assert "/9" in screen.text
    assert "\x1b[3" not in screen.raw
    assert "\x1b[9" not in screen.raw


@on_unix
def test_the_plan_is_shown_and_yes_carries_it_out(napcat: Stage) -> None:
    with terminal(napcat) as screen:
        screen.wait_for(QUESTION)
        assert [] == napcat.writes()
        screen.type("yes\n")
        assert 0 == screen.ended()

    assert "~ profile [everybody sees it]" in screen.text
    assert "新群名" == napcat.live()["name"]


@on_unix
@pytest.mark.parametrize("answer", ["y", "YES", "no", ""])
def test_any_other_answer_changes_nothing(napcat: Stage, answer: str) -> None:
    with terminal(napcat) as screen:
        screen.wait_for(QUESTION)
        screen.type(f"{answer}\n")
        assert 0 == screen.ended()

    assert "Nothing was changed." in screen.text
    assert [] == napcat.writes()


@on_unix
def test_ctrl_c_at_the_question_ends_the_run_with_nothing_changed(napcat: Stage) -> None:
    with terminal(napcat) as screen:
        screen.wait_for(QUESTION)
        screen.signal(signal.SIGINT)
        # Python looks for signals before it begins to read; one that comes between is seen with the next key.
        screen.type("\n")
        assert 130 == screen.ended()

    assert [] == napcat.writes()
    assert "Nothing was changed" not in screen.text


@on_unix
def test_ctrl_c_while_groups_are_read_ends_the_run_at_once(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "get_group_member_list", "delay": 30})
    with terminal(napcat, "--auto-approve") as screen:
        wait_for_the_first_write(napcat)
        screen.signal(signal.SIGINT)
        assert 130 == screen.ended()

    assert [] == napcat.writes()


@on_unix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_ends_the_run_at_once_and_leaves_a_terminal_as_it_was(
    napcat: Stage, number: signal.Signals
) -> None:
    napcat.simulator.faults(HOLD)
    with terminal(napcat, "--auto-approve") as screen:
        wait_for_the_first_write(napcat)
        screen.signal(number)
        screen.wait_for("Stopping after the step at hand. Once more to stop at once.")
        screen.signal(number)
        assert 130 == screen.ended()

    assert "done" not in screen.text
    assert screen.raw.count("\x1b[?25l") == screen.raw.count("\x1b[?25h") > 0
    assert ["set_group_name"] == napcat.writes()
    napcat.simulator.faults()
    again = run_on(napcat, "apply", "--auto-approve")
    assert "An earlier run was cut off at: hub/profile: rename the group to “新群名”." in again.out
    assert 0 == again.code


@on_unix
def test_a_terminal_is_told_that_groups_are_being_read(napcat: Stage) -> None:
    napcat.simulator.faults({"action": "get_group_member_list", "delay": 0.3})
    with on_terminal(napcat.command("plan"), napcat.process_environment()) as screen:
        assert 0 == screen.ended()

    assert "Reading the groups…" in screen.text
    assert "\x1b[3" not in screen.raw
