"""`make soak`: hours in minutes. A simulated QQ, a bot that people talk to, and one apply after the other with random
changes, while answers are lost, servers fail and processes are killed. In the end nothing may be lost or doubled, and
nobody may have grown. Written to soak.md.

Kills of the bot and faults stop at half time: what memory does is only to be seen in a process that lives.
"""

from __future__ import annotations

import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GROUP, JOBS, SELF = 731000001, 731000002, 100000000
PEOPLE = {"alice": 100000001, "bob": 100000002, "carol": 100000003}
TOKEN = "soak-token"
_WORLD = {
    "kind": "World",
    "accounts": {"main": {"qq": SELF, "nickname": "小助手", "implementation": "napcat", "token": TOKEN}},
    "people": {qq: name for name, qq in PEOPLE.items()},
    "groups": [
        {"id": number, "name": "旧群名", "owner": SELF, "members": list(PEOPLE.values()), "essence": ["总在的"]}
        for number in (GROUP, JOBS)
    ],
}
_PACE = {"write": "0ms", "announcement": "0ms", "file": "0ms", "settle": "50ms"}
# Of what an apply asks for, not of what the bot says: where no answer comes to that, nobody promises anything.
_FAULTS: tuple[Mapping[str, Any], ...] = (
    {"action": "set_*", "reset": "after"},
    {"action": "set_*", "reset": "before"},
    {"action": "_*", "writes_only": True, "reset": "after"},
    {"action": "_*", "writes_only": True, "http": 500},
    {"action": "set_*", "delay": 0.3},
    {"action": "get_*", "http": 502},
    {"action": "_get_group_notice", "body": "truncated"},
    {"action": "get_group_member_list", "body": "half"},
)
_LEAST_GROWTH, _MOST_GROWTH = 5.0, 0.05  # MB and share of the memory: less is noise


class Failed(Exception):
    """Something was lost or doubled, or nothing can be told."""


@dataclass(slots=True)
class Counts:
    """What happened."""

    applies: int = 0
    killed_applies: int = 0
    faults: int = 0
    killed_bots: int = 0
    asked: set[int] = field(default_factory=set)
    posted: set[str] = field(default_factory=set)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # seconds and MB


class Server:
    """The simulator, a process of its own."""

    def __init__(self, folder: Path) -> None:
        world = folder / "world.yaml"
        world.write_text(json.dumps(_WORLD, ensure_ascii=False), encoding="utf-8")
        command = [sys.executable, "-m", "qqgroup_provision", "simulate", str(world)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = line.split()[-1]

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_simulator/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def say(self, group: int, qq: int, text: str) -> None:
        self.ask(f"groups/{group}/say", "POST", {"qq": qq, "message": text})


class Bot:
    """`qqgroup bot run`, begun again when it was killed."""

    def __init__(self, folder: Path, workspace: Path, url: str) -> None:
        self._log = folder / "bot.log"
        self._command = [sys.executable, "-m", "qqgroup_provision", "--dir", str(workspace), "bot", "run", "--watch"]
        self._command += ["--onebot", url.replace("http", "ws"), "--data", str(folder / "bot")]
        self._command += ["--group-pause", "10ms", "--account-pause", "5ms"]
        self.process = self._begin()

    def _begin(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "QQGROUP_ONEBOT_TOKEN": TOKEN}
        with self._log.open("wb") as log:
            process = subprocess.Popen(self._command, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        deadline = time.monotonic() + 60
        while b'"connected"' not in self._log.read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"the bot did not begin: {self._log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.05)
        return process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def begin_again(self) -> None:
        self.process = self._begin()


class Soak:
    def __init__(self, folder: Path, minutes: float) -> None:
        self.counts = Counts()
        self._chance = random.Random(20261124)
        self._minutes = minutes
        self._workspace = folder / "groups"
        self._workspace.mkdir()
        self._server = Server(folder)
        self._write("workspace", self._settings())
        self._write("people", {"kind": "People", "people": PEOPLE})
        self._wanted: dict[int, dict[str, Any]] = {}
        for number in (GROUP, JOBS):
            self._want(number)
        self._bot = Bot(folder, self._workspace, self._server.url)
        self._over = threading.Event()

    def run(self) -> None:
        began = time.monotonic()
        whole, half = self._minutes * 60, self._minutes * 30
        failures: list[BaseException] = []

        def kept_up(work: Callable[[], None]) -> threading.Thread:
            def loop() -> None:
                try:
                    while not self._over.is_set():
                        work()
                except BaseException as error:
                    failures.append(error)
                    self._over.set()

            thread = threading.Thread(target=loop)
            thread.start()
            return thread

        threads = [kept_up(self._talk), kept_up(lambda: self._measure(began))]
        try:
            while time.monotonic() - began < whole and not self._over.is_set():
                rough = time.monotonic() - began < half
                self._apply_something(rough=rough)
                if rough and self._chance.random() < 0.2:
                    self._kill_the_bot()
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        if failures:
            raise failures[0]
        self._settled()
        self._all_answered()

    def end(self) -> None:
        self._bot.kill()
        self._server.process.send_signal(signal.SIGTERM)
        self._server.process.wait()

    # What people do

    def _talk(self) -> None:
        """Somebody asks a question with a number of its own, or just says something."""
        chance = random.Random(time.monotonic_ns())
        time.sleep(chance.uniform(0.02, 0.3))
        group, qq = chance.choice((GROUP, JOBS)), chance.choice(list(PEOPLE.values()))
        if chance.random() < 0.5:
            self._server.say(group, qq, "随便说说")
            return
        number = len(self.counts.asked) + 1
        self.counts.asked.add(number)
        self._server.say(group, qq, f"问{number}号")

    def _kill_the_bot(self) -> None:
        """It is away for a second or two. What it left behind or did not hear is answered when it is back."""
        self._bot.kill()
        self.counts.killed_bots += 1
        time.sleep(self._chance.uniform(0, 2))
        self._bot.begin_again()

    # What the tool does

    def _settings(self) -> dict[str, Any]:
        account = {"endpoint": self._server.url, "protocol": "onebot11", "token": "${env:SOAK_TOKEN}", "pace": _PACE}
        safety = {"max_delete_percent": 100, "max_update_percent": 100, "min_admins": 0}
        return {"kind": "Workspace", "accounts": {"main": account}, "safety": safety}

    def _want(self, number: int) -> None:
        """Something else for a group. Announcements and essence messages have texts of their own, so that each is
        known from all others."""
        chance = self._chance
        before = self._wanted.get(number, {}).get("announcements", [])
        kept = [item for item in before if chance.random() < 0.6][:4]
        fresh = [f"公告 {number} {chance.randrange(1 << 60)}" for _ in range(chance.randrange(3))]
        self.counts.posted.update(fresh)
        self._wanted[number] = {
            "kind": "Group",
            "key": f"g{number}",
            "id": number,
            "profile": {"name": f"群 {chance.randrange(1000)}"},
            "mute_all": False,
            "roles": [
                {
                    "key": f"role-{name}",
                    "members": [name],
                    "admin": chance.random() < 0.5,
                    "title": chance.choice([None, "甲", "乙"]),
                    "card": chance.choice([None, f"名片 {chance.randrange(100)}"]),
                }
                for name in PEOPLE
            ],
            "announcements": [*kept, *({"key": f"n{chance.randrange(1 << 60)}", "text": text} for text in fresh)],
            "replies": [{"key": "number", "when": {"regex": "^问(\\d+)号$"}, "reply": "答{1}号"}],
        }
        self._write(f"g{number}", self._wanted[number])

    def _write(self, name: str, data: Mapping[str, Any]) -> None:
        path = self._workspace / f"{name}.yaml"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)  # the bot may be reading it

    def _apply_something(self, *, rough: bool) -> None:
        for number in (GROUP, JOBS):
            if self._chance.random() < 0.7:
                self._want(number)
        if rough and self._chance.random() < 0.5:
            rule = {**self._chance.choice(_FAULTS), "skip": self._chance.randrange(6), "times": 1}
            self._server.ask("faults", "PUT", [rule])
            self.counts.faults += 1
        kill_after = self._chance.uniform(0.3, 1.6) if rough and self._chance.random() < 0.4 else None
        self._apply(kill_after)
        self._server.ask("faults", "PUT", [])
        self._server.ask("calls", "DELETE")
        self._settled()

    def _settled(self) -> None:
        """Whatever became of the last one, the next two at most leave nothing to do."""
        for _ in range(2):
            if self._apply(None) == 0:
                break
        else:
            raise Failed("an apply without any fault did not end well")
        planned, told = self._run("plan", "--detailed-exitcode")
        if planned != 0:
            raise Failed(f"something is left to do: {told}")

    def _apply(self, kill_after: float | None) -> int:
        self.counts.applies += 1
        code, told = self._run("apply", "--auto-approve", kill_after=kill_after)
        if code not in (0, 1, 6, -signal.SIGKILL) or "Traceback" in told:
            raise Failed(f"an apply ended with {code}: {told}")
        return code

    def _run(self, *words: str, kill_after: float | None = None) -> tuple[int, str]:
        command = [sys.executable, "-m", "qqgroup_provision", "--dir", str(self._workspace), "--lang", "en", *words]
        environment = {**os.environ, "SOAK_TOKEN": TOKEN}
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, env=environment)
            if kill_after is not None:
                try:
                    process.wait(kill_after)
                except subprocess.TimeoutExpired:
                    process.kill()
                    self.counts.killed_applies += 1
            _, status, usage = os.wait4(process.pid, 0) if process.returncode is None else (0, 0, None)
            if usage is not None:
                process.returncode = os.waitstatus_to_exitcode(status)
                if kill_after is None and words[0] == "apply":
                    self._seen("apply (the most of each)", usage.ru_maxrss / 1024)
            said.seek(0)
            return process.returncode, said.read().decode("utf-8", "replace")[-3000:]

    # What is found

    def _measure(self, began: float) -> None:
        self._over.wait(2)
        for name, process in (("simulator", self._server.process), ("bot", self._bot.process)):
            try:
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
                self._seen(name, int(status.partition("VmRSS:")[2].split()[0]) / 1024)
            except (OSError, IndexError):
                continue  # it was killed just now
        del began

    def _seen(self, name: str, megabytes: float) -> None:
        self.counts.memory.setdefault(name, []).append((time.monotonic(), megabytes))

    def _all_answered(self) -> None:
        """Wait for the last answers: as many as there are to come, or until no more come."""
        before = -1
        while len(answers := self.answers()) != before:
            before = len(answers)
            time.sleep(10)

    def answers(self) -> Counter[str]:
        said = [message for number in (GROUP, JOBS) for message in self._server.ask(f"groups/{number}/messages")]
        return Counter(message["text"] for message in said if message["sender"] == SELF and "答" in message["text"])

    def announced(self) -> Counter[str]:
        timeline = self._server.ask("timeline")
        return Counter(event["text"] for event in timeline if event["event"] == "announcement_created")


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    figure: str
    met: bool | None = None  # where there is a goal


def rows(soak: Soak, minutes: float) -> list[Row]:
    counts, answers, announced = soak.counts, soak.answers(), soak.announced()
    unanswered = {n for n in counts.asked if not answers[f"答{n}号"]}
    twice = [text for text, times in answers.items() if times > 1]
    double = [text for text, times in announced.items() if times > 1]
    strange = announced.keys() - counts.posted
    found = [
        Row("minutes", f"{minutes:g}"),
        Row("applies, of which killed", f"{counts.applies}, {counts.killed_applies}"),
        Row("faults put into the server", f"{counts.faults}"),
        Row("announcements put up", f"{sum(announced.values())}"),
        Row("announcements put up twice, or that nobody wanted", f"{len(double)}, {len(strange)}",
            not double and not strange),
        Row("nothing left to do after each apply that was not disturbed", "yes", True),
        Row("kills of the bot", f"{counts.killed_bots}"),
        Row("questions asked, and answered", f"{len(counts.asked)}, {len(counts.asked) - len(unanswered)}"),
        Row("answered twice", f"{len(twice)}", not twice),
        Row("never answered", f"{len(unanswered)}", not unanswered),
    ]  # fmt: skip
    for name, seen in sorted(counts.memory.items()):
        calm = [item for item in seen if item[0] >= seen[0][0] + (seen[-1][0] - seen[0][0]) * 0.55]
        if len(calm) < 4:
            continue
        first, last = (
            statistics.median(mb for _, mb in part) for part in (calm[: len(calm) // 3], calm[-(len(calm) // 3) :])
        )
        slope = statistics.linear_regression(*zip(*calm, strict=True)).slope * 3600
        flat = last - first <= max(_LEAST_GROWTH, _MOST_GROWTH * first)
        # A world remembers all that ever happened in it, so that tests can ask: it grows.
        goal = None if name == "simulator" else flat
        found.append(Row(f"memory of the {name}, MB", f"{first:.1f} → {last:.1f}, {slope:+.1f} an hour", goal))
    return found


def report(found: list[Row]) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"
    words = {None: "", True: "yes", False: "**no**"}
    return "\n".join(
        [
            "# Soak",
            "",
            f"Written by `make soak` on {datetime.now(UTC):%Y-%m-%d}: Python {platform.python_version()}, {machine}.",
            "A bot in two groups that people talk to, and one apply after the other with random changes. For half of",
            "the time answers are lost, the server fails, bot and applies are killed; memory is that of the rest.",
            "",
            "| what | | as it should be |",
            "|---|--:|:-:|",
            *(f"| {row.what} | {row.figure} | {words[row.met]} |" for row in found),
            "",
        ]
    )


def main() -> int:
    minutes = float(os.environ.get("SOAK_MINUTES", "30"))
    with tempfile.TemporaryDirectory() as scratch:
        soak = Soak(Path(scratch), minutes)
        try:
            soak.run()
            found = rows(soak, minutes)
        finally:
            soak.end()
    (HERE / "soak.md").write_text(report(found), encoding="utf-8")
    print(report(found))
    return 0 if all(row.met is not False for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
