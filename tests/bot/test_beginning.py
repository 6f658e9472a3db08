"""What `qqgroup bot run` refuses before it begins, and a workspace that is watched."""

from __future__ import annotations

import asyncio
import os
import socket
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.bot.records import Records
from qqgroup_provision.bot.serving import Where, is_loopback
from qqgroup_provision.bot.watching import WatchedBehaviors
from qqgroup_provision.state.lock import file_lock
from tests.cli.inside import run_inside
from tests.stage import GROUP, write_yaml

TOKENS = {"QQGROUP_BOT_TOKEN": "interface-t0ken", "QQGROUP_ONEBOT_TOKEN": "s3cret-token", "QQGROUP_LANG": "en"}


def run(*words: str, **environment: str) -> tuple[int, str]:
    ran = run_inside("bot", "run", *words, environment={**TOKENS, **environment})
    assert "t0ken" not in ran.out + ran.err
    return ran.code, ran.err


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        ((), {}, "told of no server"),
        (("--onebot", "ws://127.0.0.1:1"), {"QQGROUP_BOT_TOKEN": ""}, "QQGROUP_BOT_TOKEN is not set"),
        (("--listen", "127.0.0.1:0"), {"QQGROUP_ONEBOT_TOKEN": ""}, "QQGROUP_ONEBOT_TOKEN is not set"),
        (("--onebot", "http://127.0.0.1:3001"), {}, "--onebot takes an address"),
        (("--onebot", "ws://127.0.0.1:3001/?access_token=x"), {}, "--onebot takes an address"),
        (("--onebot", "ws://me:secret@127.0.0.1:3001"), {}, "--onebot takes an address"),
        (("--milky", "http://127.0.0.1:3000/api"), {}, "--milky takes an address"),
        (("--listen", "8080"), {}, "--listen takes a host and a port"),
        (("--listen", "127.0.0.1:99999"), {}, "--listen takes a host and a port"),
        (("--onebot", "ws://127.0.0.1:1", "--interface", "x"), {}, "--interface takes a host and a port"),
        (("--onebot", "ws://127.0.0.1:1", "--group-pause", "1"), {}, "--group-pause takes a time"),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_is_opened(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    data = tmp_path / "data"
    code, told = run("--data", str(data), *words, **environment)
    assert code == 1
    assert "QG152" in told
    assert said in told
    assert not data.exists()


def test_a_second_bot_does_not_begin_with_the_same_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with file_lock(data / "bot.lock", "bot run"):
        code, told = run("--data", str(data), "--interface", "127.0.0.1:0", "--onebot", "ws://127.0.0.1:1")

    assert code == 4
    assert "QG721" in told
    assert "bot run" in told


def test_an_address_that_is_taken_and_a_folder_that_is_none_are_said(tmp_path: Path) -> None:
    server = ("--onebot", "ws://127.0.0.1:1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, told = run("--data", str(tmp_path / "data"), *server, "--interface", where)
        assert (code, "QG153" in told, where in told) == (1, True, True)
    (tmp_path / "file").write_text("")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "bot.sqlite").write_text("no database at all, but a text that somebody has put there")
    for folder in (tmp_path / "file" / "below", broken):
        code, told = run("--data", str(folder), *server, "--interface", "127.0.0.1:0")
        assert (code, "QG153" in told) == (1, True), told


@pytest.mark.parametrize(
    ("written", "where"),
    [("127.0.0.1:80", Where("127.0.0.1", 80)), ("[::1]:0", Where("::1", 0)), ("h:1", Where("h", 1))],
)
def test_an_address_is_a_host_and_a_port(written: str, where: Where) -> None:
    assert Where.parse(written) == where


def test_only_this_machine_is_this_machine() -> None:
    assert [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "[::1]")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.0.1", "localhost.evil.example", "")] == [
        False
    ] * 5


def test_a_workspace_that_is_watched_keeps_what_was_right_until_it_is_right_again(tmp_path: Path) -> None:
    folder, log, replaced = tmp_path / "groups", StringIO(), list[int]()
    behaviors = WatchedBehaviors(folder, Records(log), replaced.append)

    def write(group: int, word: str, key: str = "hub", **more: Any) -> None:
        replies = [{"key": "ping", "when": {"equals": "ping"}, "reply": [word, {"image": "a.png"}]}]
        write_yaml(folder / f"{key}.yaml", {"kind": "Group", "key": key, "id": group, "replies": replies, **more})
        os.utime(folder / f"{key}.yaml", ns=(0, len(replaced) + len(log.getvalue())))

    def look() -> list[int]:
        replaced.clear()
        asyncio.run(behaviors.look())
        return list(replaced)

    write_yaml(
        folder / "workspace.yaml",
        {"kind": "Workspace", "accounts": {"main": {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11"}}},
    )
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    write(GROUP, "one")
    write(GROUP + 1, "two", "side")
    assert look() == [GROUP, GROUP + 1], log.getvalue()
    assert behaviors.content("a.png", "") == b"\x89PNG\r\n\x1a\n"
    assert look() == []
    write(GROUP, "other")
    assert look() == [GROUP], "and nothing of the group that is as it was"
    before = behaviors.current[GROUP]
    write(GROUP, "{nobody}")
    assert look() == []
    assert "QG334" in log.getvalue()
    assert behaviors.current[GROUP] is before
    write(GROUP, "right")
    (folder / "side.yaml").unlink()
    assert look() == [GROUP]
    assert list(behaviors.current) == [GROUP]
