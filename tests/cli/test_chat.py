"""`qqgroup chat`: from a pipe and on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.inside import run_inside
from tests.cli.test_why import workspace
from tests.stage import Ran

__all__ = ["workspace"]


def chat(folder: Path, typed: str, *words: str, language: str = "en", **how: object) -> Ran:
    return run_inside("--dir", str(folder), "--lang", language, "chat", "hub", *words, stdin=typed, **how)  # type: ignore[arg-type]


def test_a_conversation_can_come_from_a_pipe(workspace: Path) -> None:
    ran = chat(workspace, "alice: 怎么装 python\n/wait 1m\nbob: 早\n刷单\n")

    assert (0, "") == (ran.code, ran.err)
    assert [
        "10:00:01 alice: 怎么装 python",
        "10:00:01 bot: @alice 看文档  (hub/reply/install)",
        "It is 2026-01-05 10:01:01.",
        "10:01:02 bob: 早",
        "10:01:03 member: 刷单",
        "10:01:03 bot: @member 请遵守群规：禁止广告  (hub/rule/ads)",
    ] == ran.out.splitlines()


def test_a_command_in_a_pipe_that_means_nothing_fails_it(workspace: Path) -> None:
    ran = chat(workspace, "/jump\n怎么装 python\n")

    assert 1 == ran.code
    assert "There is no command `/jump`." in ran.out
    assert "看文档" in ran.out


def test_on_a_terminal_there_is_a_prompt_with_clock_and_speaker_and_the_end_of_input_ends_it(workspace: Path) -> None:
    ran = chat(workspace, "/as alice\n/nonsense\n早\n", "--at", "23:40", tty=True)

    assert 0 == ran.code
    assert "23:40:00 member> " in ran.out
    assert "23:40:01 alice> " in ran.out
    assert "\x1b[" in ran.out
    assert "早\n" not in ran.out  # it stands there already: somebody has just typed it


def test_quitting_reads_nothing_more(workspace: Path) -> None:
    assert "看文档" not in chat(workspace, "/quit\n怎么装 python\n").out


def test_ctrl_c_ends_it_without_an_error(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    ran = chat(workspace, "", tty=True)

    assert (0, "") == (ran.code, ran.err)


def test_in_chinese_it_is_chinese(workspace: Path) -> None:
    ran = chat(workspace, "/帮助\n/等 1m\n/as nobody\n", language="zh_CN")

    assert "等待" in ran.out or "时间" in ran.out
    assert "let time go by" not in ran.out
    assert "Nobody" not in ran.out


def test_what_is_typed_cannot_steer_the_terminal(workspace: Path) -> None:
    ran = chat(workspace, "alice: 早\x1b[2J\u202e\n/as \x1b[2J\n/\x1b[2J\n")

    assert not {"\x1b", "\u202e"} & set(ran.out)
