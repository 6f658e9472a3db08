"""`qqgroup simulate`: serves until it is told to stop, and stops without a word of complaint."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.inside import clean_environment, run_inside
from tests.stage import GROUP, WORLD, write_yaml


@pytest.fixture
def world(tmp_path: Path) -> Path:
    file = tmp_path / "world.yaml"
    other = {"qq": 100000009, "implementation": "llbot", "token": "other-token"}
    write_yaml(file, {**WORLD, "accounts": {**WORLD["accounts"], "other": other}})
    return file


@contextmanager
def serving(*words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, list[str]]]]:
    """A simulator in a process of its own, and the line of each account: implementation and address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qqgroup_provision", "--lang", "en", "simulate", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=clean_environment(),
    )
    assert process.stdout is not None
    accounts: dict[str, list[str]] = {}
    try:
        for line in process.stdout:
            if line == "Serving until Ctrl-C.\n":
                break
            key, *rest = line.split()
            accounts[key] = rest
        yield process, accounts
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(url: str, action: str, token: str, **parameters: object) -> Any:
    request = urllib.request.Request(
        f"{url}/{action}",
        data=json.dumps(parameters).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of the other kind")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_each_account_at_the_address_it_prints_until_it_is_told_to_stop(
    world: Path, number: signal.Signals
) -> None:
    with serving(str(world)) as (process, accounts):
        assert {"main": "napcat", "other": "llbot"} == {key: words[0] for key, words in accounts.items()}
        answer = ask(accounts["main"][1], "get_group_info", "s3cret-token", group_id=GROUP)
        other = ask(accounts["other"][1], "get_login_info", "other-token")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    assert ("旧群名", 100000009) == (answer["data"]["group_name"], other["data"]["user_id"])
    assert (0, "", "") == (process.returncode, out, err)


def test_a_world_kept_in_a_file_is_there_again_after_a_restart(world: Path, tmp_path: Path) -> None:
    words = (str(world), "--database", str(tmp_path / "world.sqlite"))
    names = []
    for name in ("第一", "第二"):
        with serving(*words) as (process, accounts):
            url = accounts["main"][1]
            names.append(ask(url, "get_group_info", "s3cret-token", group_id=GROUP)["data"]["group_name"])
            ask(url, "set_group_name", "s3cret-token", group_id=GROUP, group_name=name)
            process.terminate()
            process.communicate(timeout=60)

    assert ["旧群名", "第一"] == names


WRONG: dict[str, tuple[object, str]] = {
    "no mapping": (["x"], "it does not begin with `kind: World`"),
    "another kind": ({"kind": "Group"}, "it does not begin with `kind: World`"),
    "no accounts": ({"kind": "World"}, "accounts"),
    "an unknown implementation": (
        {"kind": "World", "accounts": {"main": {"qq": 10001, "implementation": "mirai"}}},
        "mirai is none of napcat, llbot",
    ),
    "a port that is none": ({"kind": "World", "accounts": {"main": {"qq": 10001, "port": 70000}}}, "out of bounds"),
}


def refused(*words: Sequence[str] | str) -> str:
    """What a simulator that does not begin says."""
    ran = run_inside("simulate", *map(str, words))
    assert (1, "") == (ran.code, ran.out)
    assert "QG607" not in ran.err
    return ran.err


@pytest.mark.parametrize("case", WRONG)
def test_a_world_file_that_cannot_be_used_is_told_with_the_reason(tmp_path: Path, case: str) -> None:
    content, reason = WRONG[case]
    file = tmp_path / "world.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    said = refused(file)

    assert "error QG151" in said
    assert reason in said
    assert f"--> {file.as_posix()}" in said


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [", b""])
def test_a_file_that_is_no_yaml_is_told_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "world.yaml"
    file.write_bytes(content)

    assert "error QG151" in refused(file)


def test_a_world_that_is_not_there_is_told_with_its_name(tmp_path: Path) -> None:
    assert f"--> {(tmp_path / 'none.yaml').as_posix()}" in refused(tmp_path / "none.yaml")


def test_a_port_that_is_taken_is_told_and_is_no_fault_of_the_tool(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        account = {**WORLD["accounts"]["main"], "port": taken.getsockname()[1]}
        write_yaml(tmp_path / "world.yaml", {**WORLD, "accounts": {"main": account}})
        done = subprocess.run(
            [sys.executable, "-m", "qqgroup_provision", "simulate", str(tmp_path / "world.yaml")],
            capture_output=True,
            encoding="utf-8",
            env={**clean_environment(), "QQGROUP_LANG": "en"},
            check=False,
        )

    assert (1, "") == (done.returncode, done.stdout)
    assert "error QG151  The simulator cannot listen at 127.0.0.1: Address already in use." in done.stderr


def test_a_database_that_cannot_be_opened_is_told_and_is_no_fault_of_the_tool(world: Path, tmp_path: Path) -> None:
    assert "Could not open file" in refused(world, "--database", tmp_path / "no" / "world.sqlite")


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(world: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("这不是数据库 " * 100)
    told = refused(world, "--database", file)

    assert "QG151" in told
    assert "这不是数据库 " * 100 == file.read_text()
