"""`qqgroup backtest`: a log replayed to the YAML, and to what was in force before."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from qqgroup_provision.workspace.load import load_workspace
from tests.bot.running import INTERFACE_TOKEN, BotProcess
from tests.cli.inside import run_inside
from tests.cli.test_loading import NETWORK, SERVER, loaded
from tests.cli.test_why import workspace
from tests.stage import Ran, write_yaml

__all__ = ["workspace"]

LOG = """\
2026-11-01 12:00:00 小明(123456789)
请问怎么装 python
2026-11-01 12:00:10 某人(987654321)
刷单加 13800138000
2026-11-01 12:00:20 某人(987654321)
早
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.txt"
    path.write_text(LOG, encoding="utf-8")
    return path


def backtest(folder: Path, *words: str, language: str = "en", **how: Any) -> Ran:
    return run_inside("--dir", str(folder), "--lang", language, "backtest", "hub", *words, **how)


def changed(folder: Path, **keys: Any) -> None:
    path = folder / "hub.yaml"
    write_yaml(path, {**yaml.safe_load(path.read_text(encoding="utf-8")), **keys})


def other(workspace: Path, folder: Path, **keys: Any) -> Path:
    """Another workspace, in which the group says something else."""
    shutil.copytree(workspace, folder)
    changed(folder, **keys)
    return folder


def test_what_would_be_hit_is_told_with_shares_and_masked_examples(workspace: Path, log: Path) -> None:
    ran = backtest(workspace, "--log", str(log), "--warn-above", "50")

    assert (0, "") == (ran.code, ran.err)
    assert "Messages: 3, from 2026-11-01 12:00 to 2026-11-01 12:00." in ran.out
    assert "33.333 %  warn 1" in ran.out
    assert "98***21: 刷单加 13***00" in ran.out
    assert "Never: 1 (reply/night)" in ran.out
    assert not {"123456789", "987654321", "13800138000"} & set(ran.out.replace(":", " ").split())


def test_a_rule_that_hits_too_much_is_warned_of(workspace: Path, log: Path) -> None:
    ran = backtest(workspace, "--log", str(log))

    assert 0 == ran.code
    assert "QG391" in ran.err
    assert 2 == backtest(workspace, "--log", str(log), "--detailed-exitcode").code


def test_two_workspaces_are_compared(workspace: Path, log: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = other(workspace, tmp_path_factory.mktemp("other") / "before", replies=[])
    words = ("--log", str(log), "--against", str(before), "--warn-above", "100")
    ran = backtest(workspace, *words)

    assert "  + Only now something is done: 1\n" in ran.out
    assert "12***89: 请问怎么装 python" in ran.out
    assert "nothing → say (reply/install)" in ran.out
    assert 2 == backtest(workspace, *words, "--detailed-exitcode").code
    assert 0 == backtest(workspace, *words[:2], "--against", str(workspace), "--detailed-exitcode", *words[4:]).code


def test_a_document_of_a_bot_can_be_compared_with(workspace: Path, log: Path, tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(document_of(workspace)), encoding="utf-8")
    changed(workspace, replies=[])
    ran = backtest(workspace, "--log", str(log), "--against", str(file))

    assert "  - Nothing is done any more: 1\n" in ran.out


def test_a_commit_can_be_compared_with(workspace: Path, log: Path) -> None:
    git = ["git", "-C", str(workspace), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "before"]):
        subprocess.run([*git, *words], check=True)
    changed(workspace, replies=[])
    ran = backtest(workspace, "--log", str(log), "--against", "HEAD")

    assert "  - Nothing is done any more: 1\n" in ran.out
    assert "no such folder, file or commit" in backtest(workspace, "--log", str(log), "--against", "HEAD~7").err
    assert "no such folder, file or commit" in backtest(workspace, "--log", str(log), "--against=--output=x").err
    assert not (workspace / "x").exists()


def document_of(folder: Path) -> Mapping[str, Any]:
    document = load_workspace(folder).required().groups["hub"].behavior_document
    assert document is not None
    return document


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    with BotProcess(tmp_path_factory.mktemp("bot"), "--listen", "127.0.0.1:0") as running:
        yield running


def test_what_a_bot_has_in_force_is_compared_with(workspace: Path, log: Path, bot: BotProcess) -> None:
    path = workspace / "workspace.yaml"
    endpoint = f"http://{bot.line('started')['interface']}"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    write_yaml(path, {**written, "bots": {"main": {"endpoint": endpoint, "token": "${env:QQGROUP_BOT_TOKEN}"}}})
    environment = {"QQGROUP_BOT_TOKEN": INTERFACE_TOKEN}
    words = ("--log", str(log), "--live")
    nothing = backtest(workspace, *words, environment=environment)
    bot.put(document_of(workspace))
    same = backtest(workspace, *words, environment=environment)
    changed(workspace, replies=[])
    ran = backtest(workspace, *words, environment=environment)

    assert (1, True) == (nothing.code, "QG393" in nothing.err)
    assert "nothing changes for any message" in same.out
    assert "  - Nothing is done any more: 1\n" in ran.out
    assert INTERFACE_TOKEN not in ran.out + ran.err + nothing.err
    assert "the bot refuses the token" in backtest(workspace, *words, environment={"QQGROUP_BOT_TOKEN": "wrong"}).err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--log", "{folder}/none.jsonl"], "QG392", "it cannot be read"),
        (["--log", "{folder}/hub.yaml"], "QG392", "is a message"),
        (["--log", "{log}", "--chat", "别的群"], "QG392", "the log has no chat `别的群`"),
        (["--log", "{log}", "--live"], "QG393", "names no bot"),
        (["--log", "{log}", "--against", "{log}"], "QG393", "neither a workspace nor"),
        (["--log", "{log}", "--against", "{folder}", "--live"], "--against", "give one of them"),
    ],
)
def test_what_is_not_there_is_an_error(workspace: Path, log: Path, words: list[str], code: str, said: str) -> None:
    ran = backtest(workspace, *(word.format(folder=workspace, log=log) for word in words))

    assert (1, "") == (ran.code, ran.out)
    assert code in ran.err
    assert said in ran.err


def test_json_says_the_same_and_damaged_lines_are_told(workspace: Path, tmp_path: Path) -> None:
    lines = ['{"time": 1793505600, "qq": 123456789, "text": "怎么装 python"}', "{", "nonsense"]
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines), encoding="utf-8")
    ran = backtest(workspace, "--log", str(log), "--against", str(workspace), "--json")
    document = json.loads(ran.out)

    assert (1, 3, {"count": 2, "first": [2, 3]}) == (document["messages"], document["lines"], document["damaged"])
    assert (1, 100.0, {"say": 1}) == tuple(
        document["items"]["hub/reply/install"][key] for key in ("hits", "share", "actions")
    )
    assert ({}, []) == (document["changes"], document["too_broad"])
    assert "123456789" not in ran.out
    assert "Lines that could not be read: 2, the first are 2, 3." in backtest(workspace, "--log", str(log)).out


def test_standard_input_is_a_log_too_and_chinese_is_chinese(workspace: Path) -> None:
    ran = backtest(workspace, "--log", "-", stdin=LOG, language="zh_CN")

    assert ran.out.startswith("消息：3")
    assert "Messages" not in ran.out
    assert "Never" not in ran.out


def test_what_a_log_has_cannot_steer_the_terminal(workspace: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text(
        "消息对象:\x1b[2J\n消息对象:b\n2026-11-01 12:00:00 \x1b]0;x\x07(123456789)\n刷单\x1b[2J\u202e\x9b\n"
    )
    ran = backtest(workspace, "--log", str(log))

    assert "刷单\\u001b[2J\\u202e\\u009b" in ran.out
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ran.out + ran.err)


def test_nothing_of_a_network_is_loaded_unless_a_bot_is_asked(workspace: Path, log: Path) -> None:
    assert set() == loaded("--dir", str(workspace), "backtest", "hub", "--log", str(log)) & (NETWORK | SERVER)
