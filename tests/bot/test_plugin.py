"""The bot as a plugin of somebody's own NoneBot, beside a plugin of theirs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from loguru import logger

from qqgroup_provision.bot.guest import Guest
from qqgroup_provision.bot.run import Options
from qqgroup_provision.bot.serving import Where
from qqgroup_provision.workspace.behavior_document import canonical
from qqgroup_provision.workspace.load import load_workspace
from tests.bot.running import PATIENCE, Line
from tests.contracts.homes import ALICE, HOMES, TOKEN, Homes, served
from tests.stage import write_yaml

ONEBOT, MILKY = HOMES["napcat"], HOMES["llbot-milky"]
PORT_TOKEN = "interface-t0ken"

BOT = """\
import nonebot
from nonebot.adapters import milky
from nonebot.adapters.onebot import v11

nonebot.init()
for adapter in (v11.Adapter, milky.Adapter):
    nonebot.get_driver().register_adapter(adapter)
loaded = nonebot.load_plugin("nonebot_plugin_qqgroup"), nonebot.load_plugin("echo")
meta = loaded[0].metadata
print("LOADED", all(loaded), "|".join((
    meta.name, meta.description, meta.usage, meta.type, meta.config.__name__, *sorted(meta.supported_adapters),
    str(len(meta.get_supported_adapters())),
)), flush=True)
nonebot.run()
"""
# It blocks whatever stands after it, as many plugins do.
ECHO = """\
from nonebot import on_message

echo = on_message(priority=1, block=True)

@echo.handle()
async def answer(event):
    await echo.send("echo " + event.get_plaintext())
    print("ECHOED", event.get_plaintext(), flush=True)
"""


class OwnBot:
    """Somebody's NoneBot while it is entered, and what it writes."""

    def __init__(self, folder: Path, **environment: Any) -> None:
        (folder / "bot.py").write_text(BOT, encoding="utf-8")
        (folder / "echo.py").write_text(ECHO, encoding="utf-8")
        written = (
            f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in environment.items()
        )
        (folder / ".env").write_text("\n".join(("DRIVER=~aiohttp", *written)) + "\n", encoding="utf-8")
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("QQGROUP_", "ONEBOT", "MILKY"))
        }
        self.written: list[str] = []
        self._seen = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "bot.py"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={**kept, "PYTHONIOENCODING": "utf-8"},
            cwd=folder,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> OwnBot:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(PATIENCE)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def heard(self, wanted: Callable[[str], object]) -> str:
        """Wait until a line is written that fits."""
        with self._seen:
            self._seen.wait_for(lambda: self._ended or any(map(wanted, self.written)), PATIENCE)
            found = next(filter(wanted, self.written), None)
        assert found is not None, "".join(self.written)
        return found

    def line(self, event: str, wanted: Callable[[Line], object] = lambda _: True) -> Line:
        """Wait until the plugin writes a line of this event that fits."""

        def fits(written: str) -> bool:
            told = _told(written)
            return told.get("event") == event and bool(wanted(told))

        return _told(self.heard(fits))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for written in self._process.stdout:
            with self._seen:
                self.written.append(written)
                self._seen.notify_all()
        with self._seen:
            self._ended = True
            self._seen.notify_all()


def _told(written: str) -> Line:
    begin = written.find('{"at": ')
    return json.loads(written[begin:]) if begin >= 0 else {}


@pytest.fixture(scope="module")
def homes() -> Iterator[Homes]:
    with served(("napcat", "llbot-milky")) as found:
        yield found


def workspace(folder: Path) -> Path:
    account = {"endpoint": "http://127.0.0.1:9", "protocol": "onebot11"}
    write_yaml(folder / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}})
    for home in (ONEBOT, MILKY):
        replies = [{"key": "hi", "when": {"contains": "在吗"}, "reply": "在的"}]
        body = {"kind": "Group", "key": home.kind, "id": home.group, "replies": replies}
        write_yaml(folder / f"{home.kind}.yaml", body)
    return folder


def connections(homes: Homes) -> Mapping[str, Any]:
    host, _, port = homes.endpoint(MILKY).removeprefix("http://").partition(":")
    return {
        "ONEBOT_WS_URLS": [homes.endpoint(ONEBOT).replace("http:", "ws:") + "/"],
        "ONEBOT_ACCESS_TOKEN": TOKEN,
        "MILKY_CLIENTS": [{"host": host, "port": int(port.rstrip("/")), "access_token": TOKEN}],
        "QQGROUP_GROUP_PAUSE": "0.01",
        "QQGROUP_ACCOUNT_PAUSE": "0.01",
    }


def test_ours_and_theirs_both_answer_on_either_protocol(homes: Homes, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "groups")
    with OwnBot(tmp_path, **connections(homes), QQGROUP_WATCH=str(folder)) as bot:
        name, about, usage, *rest = bot.heard(lambda line: line.startswith("LOADED True")).strip().split("|")
        assert all((name, about, usage)), "what shops of plugins ask for"
        assert ["application", "Config", "~milky", "~onebot.v11", "2"] == rest
        for home in (ONEBOT, MILKY):
            bot.line("connected", lambda line, home=home: line["account"] == home.qq)  # type: ignore[misc]
            homes.hand(home, "say", qq=ALICE, message=f"在吗 {home.kind}")
            bot.line("said", lambda line, home=home: line["account"] == home.qq)  # type: ignore[misc]
            bot.heard(lambda line, home=home: f"ECHOED 在吗 {home.kind}" in line)  # type: ignore[misc]
            texts = yaml.safe_dump(homes.messages(home), allow_unicode=True)
            assert "在的" in texts
            assert f"echo 在吗 {home.kind}" in texts
        assert 0 == bot.stop()
        bot.line("stopped")
    assert (tmp_path / "data" / "nonebot_plugin_qqgroup" / "bot.sqlite").is_file()
    assert TOKEN not in "".join(line for line in bot.written if '"event"' in line)


def test_what_it_does_can_be_delivered_to_its_interface(homes: Homes, tmp_path: Path) -> None:
    loaded = load_workspace(workspace(tmp_path / "groups")).required()
    document = canonical(loaded.groups["napcat"].behavior_document or {})
    settings = {**connections(homes), "QQGROUP_INTERFACE_TOKEN": PORT_TOKEN, "QQGROUP_INTERFACE_PORT": 0}
    with OwnBot(tmp_path, **settings) as bot:
        where = bot.line("started")["interface"]
        request = urllib.request.Request(
            f"http://{where}/v1/groups/{ONEBOT.group}/behavior", data=document, method="PUT",
            headers={"Authorization": f"Bearer {PORT_TOKEN}", "If-None-Match": "*"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert 200 == answer.status
        bot.line("connected", lambda line: line["account"] == ONEBOT.qq)
        homes.hand(ONEBOT, "say", qq=ALICE, message="在吗 再来")
        bot.line("said")
    assert PORT_TOKEN not in "".join(bot.written)


# What keeps it from beginning keeps nobody else from anything.


@contextmanager
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    number = logger.add(lambda text: lines.append(str(text)), format="{message}")
    try:
        yield lines
    finally:
        logger.remove(number)


@pytest.mark.parametrize("busy", [False, True])
def test_what_keeps_it_from_beginning_is_told_and_goes_no_further(tmp_path: Path, busy: bool) -> None:
    with socket.socket() as other, log() as lines:
        other.bind(("127.0.0.1", 0))
        other.listen()
        token = PORT_TOKEN if busy else ""
        guest = Guest(Options(tmp_path / "data", Where("127.0.0.1", other.getsockname()[1]), token), list)

        async def live() -> None:
            await guest.start()
            await guest.hear(None, None)  # type: ignore[arg-type]  # nobody looks at it
            await guest.stop()

        asyncio.run(live())
    (line,) = lines
    assert "not_started" == json.loads(line)["event"]
    assert PORT_TOKEN not in line


def test_events_of_other_platforms_are_none_of_ours_and_a_fault_ends_nothing(tmp_path: Path) -> None:
    class Stranger:
        type = "Elsewhere"
        self_id = "1"

    guest = Guest(Options(tmp_path / "data", Where("127.0.0.1", 0), watch=workspace(tmp_path / "groups")), list)

    async def live() -> None:
        await guest.start()
        await guest.connected(Stranger())  # type: ignore[arg-type]
        await guest.hear(Stranger(), object())  # type: ignore[arg-type]
        await guest.hear(object(), object())  # type: ignore[arg-type]
        await guest.disconnected(Stranger())  # type: ignore[arg-type]
        await guest.stop()

    with log() as lines:
        asyncio.run(live())
    events = [json.loads(line)["event"] for line in lines if line.startswith("{")]
    assert ["failed"] == [event for event in events if event not in ("behavior_replaced", "started", "stopped")]
