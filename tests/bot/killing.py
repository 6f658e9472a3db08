"""Bots that are killed while people talk, and what must be the same as if nobody had been.

A script is what people do, step by step, drawn from a seed. It is played to bots that live and to bots that are
killed; `Outcome` is what is left of each in the world and in the bots' memory.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qqgroup_provision.simulator.running import RunningSimulator
from tests.bot.running import ONEBOT_TOKEN, PATIENCE, BotProcess
from tests.stage import GROUP, SELF, Stage

OTHER = 100000005
OWNER = 100000006
FIRST = 200000000
SPEAKERS = 60
OFFENCES = 3
_ASKED = "99999"  # how the numbers begin by which a test waits for a bot; none is asked for while one is dead

Step = tuple[str, dict[str, Any]]

BEHAVIOR: Mapping[str, Any] = {
    "kind": "Group",
    "key": "hub",
    "id": GROUP,
    "account": "main",
    "replies": [
        {"key": "count", "when": {"regex": "^count ([0-9]+)$"}, "reply": "got {1}"},
        {"key": "ping", "when": {"equals": "ping"}, "reply": "pong", "quote": True},
        {"key": "once", "when": {"contains": "群规"}, "reply": "群规在公告里", "cooldown": {"group": "10h"}},
    ],
    "rules": {
        "items": [
            {
                "key": "ads", "text": "禁止广告", "detect": {"contains": "刷单"},
                "penalties": ["warn", {"recall": True, "warn": True}, "kick"], "strikes": {"decay": "30d"},
            },
            {
                "key": "spam", "text": "禁止刷屏", "detect": {"contains": "刷屏"},
                "penalties": [{"mute": "1h"}], "strikes": {"decay": "30d"},
            },
        ],
    },
    "welcome": {"text": "欢迎 {name}"},
    "join": {"review": [
        {"approve": {"answer": {"contains": "爬虫"}}},
        {"reject": {"answer": {"contains": "广告"}, "reason": "不收广告"}},
        {"otherwise": "leave_to_admins"},
    ]},
}  # fmt: skip


def world(implementation: str) -> dict[str, Any]:
    """A group of two bots' accounts and of people who talk."""
    members = [{"qq": FIRST + number} for number in range(SPEAKERS)]
    account = {"implementation": implementation, "token": ONEBOT_TOKEN}
    return {
        "kind": "World",
        "accounts": {"main": {"qq": SELF, **account}, "other": {"qq": OTHER, **account}},
        "groups": [
            {
                "id": GROUP, "name": "群", "owner": OWNER, "admins": [SELF, OTHER], "members": members,
                "capacity": 2000, "settings": {"method": "review"},
            }
        ],
    }  # fmt: skip


def script(seed: int, events: int) -> list[Step]:
    """So many things that people do. Whoever is to be removed or muted does nothing afterwards."""
    draw = random.Random(seed)
    offences: Counter[int] = Counter()
    gone: set[int] = set()
    steps: list[Step] = []
    come = 0
    for number in range(events):
        people = [FIRST + one for one in range(SPEAKERS) if FIRST + one not in gone]
        qq, kind = draw.choice(people), draw.random()
        if kind < 0.30:
            steps.append(("say", {"qq": qq, "message": f"count {number}"}))
        elif kind < 0.36:
            steps.append(("say", {"qq": qq, "message": "ping"}))
        elif kind < 0.38:
            steps.append(("say", {"qq": qq, "message": f"群规 {number}"}))
        elif kind < 0.42 and len(people) > SPEAKERS // 2:
            steps.append(("say", {"qq": qq, "message": f"刷单 {number}"}))
            offences[qq] += 1
            if offences[qq] == OFFENCES:
                gone.add(qq)
        elif kind < 0.43 and len(people) > SPEAKERS // 2:
            steps.append(("say", {"qq": qq, "message": f"刷屏 {number}"}))
            gone.add(qq)
        elif kind < 0.47:
            come += 1
            steps.append(("join", {"qq": FIRST + 10_000 + come, "nickname": f"新人{come}"}))
        elif kind < 0.50:
            come += 1
            answer = draw.choice(("学爬虫", "发广告", "看看"))
            steps.append(("ask", {"qq": FIRST + 10_000 + come, "nickname": f"来客{come}", "answer": answer}))
        else:
            steps.append(("say", {"qq": qq, "message": f"闲聊 {number}"}))
    return steps


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left when all is done."""

    said: Counter[str]
    recalled: frozenset[str]
    members: frozenset[int]
    kicked: Counter[int]
    muted: Counter[int]
    requests: Mapping[int, str]
    strikes: Mapping[tuple[str, int], int]


@dataclass
class Play:
    """One run of a script. `bots` begin a bot each."""

    stage: Stage
    bots: Sequence[Callable[[], BotProcess]]
    strikes: Callable[[], Iterator[Any]]
    living: list[BotProcess | None] = field(default_factory=list)
    kills: int = 0
    pause: float = 0.0  # seconds between two steps

    def run(self, steps: Sequence[Step], kills: Mapping[int, int], *, every: int = 40, dead_for: int = 12) -> Outcome:
        """Play it. `kills` says at which step which bot is killed; it begins again some steps later."""
        self.living = [begin() for begin in self.bots]
        comes_back: dict[int, int] = {}
        try:
            for bot in self.living:
                assert bot is not None
                assert bot.line("started")["groups"] == [GROUP], bot.lines
                bot.line("connected")
            self._sync(1)
            for number, (deed, body) in enumerate(steps):
                if number in kills:
                    self._kill(kills[number])
                    comes_back[kills[number]] = number + dead_for
                for which in [one for one, at in comes_back.items() if at <= number]:
                    self.living[which] = self.bots[which]()
                    del comes_back[which]
                self.stage.simulator.act(GROUP, deed, **body)
                time.sleep(self.pause)
                if number % every == every - 1 and not comes_back:
                    self._sync(number + 10)
            for which in comes_back:
                self.living[which] = self.bots[which]()
            for bot in self.living:
                assert bot is not None
                bot.line("connected")
            self._sync(2)
            self._sync(3)
            for bot in self.living:
                assert bot is not None
                assert bot.stop() == 0, bot.lines[-5:]
        finally:
            for bot in self.living:
                if bot is not None:
                    bot.kill()
        return self.outcome()

    def _kill(self, which: int) -> None:
        bot = self.living[which]
        if bot is not None:
            bot.kill()
            self.kills += 1
        self.living[which] = None

    def _sync(self, number: int) -> None:
        """Wait until everything before is done: it is done in its order, and so is the answer to this."""
        name = f"{_ASKED}{number}"
        asked = self.stage.simulator.say(GROUP, OWNER, f"count {name}")
        patience = time.monotonic() + PATIENCE
        there = False
        while not there and time.monotonic() < patience:  # whichever bot it is that answers
            there = f"got {name}" in _said(self.stage.simulator, asked)
            time.sleep(0.01)
        assert there, [one.lines[-30:] for one in self.living if one is not None]

    def outcome(self) -> Outcome:
        simulator = self.stage.simulator
        messages, timeline = simulator.messages(GROUP), simulator.timeline()
        listed = simulator.control(f"groups/{GROUP}/requests")
        return Outcome(
            said=Counter(
                one["text"]
                for one in messages
                if one["sender"] in (SELF, OTHER) and not one["text"].startswith(f"got {_ASKED}")
            ),
            recalled=frozenset(one["text"] for one in messages if one["recalled_by"]),
            members=frozenset(map(int, simulator.world()[str(GROUP)]["members"])),
            kicked=Counter(one["qq"] for one in timeline if one["event"] == "left"),
            muted=Counter(one["qq"] for one in timeline if one["event"] == "member_muted_until"),
            requests={one["qq"]: one["state"] for one in listed},
            strikes={(row[0], row[1]): json.loads(row[2])[0][0] for row in self.strikes()},
        )


def _said(simulator: RunningSimulator, after: int) -> set[str]:
    return {one["text"] for one in simulator.messages(GROUP, after=after) if one["sender"] in (SELF, OTHER)}


STRIKES = "SELECT item, subject, people FROM {schema}marks WHERE item LIKE '%/rule/%'"


def in_file(path: Path) -> Callable[[], Iterator[Any]]:
    def strikes() -> Iterator[Any]:
        connection = sqlite3.connect(path)
        try:
            yield from connection.execute(STRIKES.format(schema="")).fetchall()
        finally:
            connection.close()

    return strikes


def killing(seed: int, events: int, times: int, bots: int = 1) -> dict[int, int]:
    """At which steps which bot is killed."""
    draw = random.Random(f"kills {seed}")
    span = events // (times + 1)
    return {(number + 1) * span + draw.randrange(max(span // 2, 1)): draw.randrange(bots) for number in range(times)}


def differences(dies: Outcome, lives: Outcome) -> dict[str, Any]:
    """What is not the same, in few words."""
    found: dict[str, Any] = {"lost": lives.said - dies.said, "twice": dies.said - lives.said}
    for name in ("recalled", "members", "kicked", "muted", "requests", "strikes"):
        pair = (getattr(dies, name), getattr(lives, name))
        found[name] = pair if pair[0] != pair[1] else ()
    return {name: value for name, value in found.items() if value}


def expected(steps: Sequence[Step]) -> Outcome:
    """What a script comes to, told from what the behaviour says."""
    said: Counter[str] = Counter()
    strikes: Counter[tuple[str, int]] = Counter()
    recalled, requests = set(), {}
    members = {OWNER, SELF, OTHER, *(FIRST + number for number in range(SPEAKERS))}
    kicked: Counter[int] = Counter()
    muted: Counter[int] = Counter()
    for deed, body in steps:
        qq, text = body["qq"], str(body.get("message", ""))
        if deed == "ask":
            requests[qq] = {"学爬虫": "accepted", "发广告": "rejected"}.get(body["answer"], "pending")
        if deed == "join" or requests.get(qq) == "accepted":
            members.add(qq)
            said[f"欢迎 {body['nickname']}"] += 1
        elif text.startswith("count"):
            said[text.replace("count", "got")] += 1
        elif text == "ping":
            said["pong"] += 1
        elif "群规" in text:
            said["群规在公告里"] = 1
        elif "刷单" in text:
            strikes["hub/rule/ads", qq] += 1
            if strikes["hub/rule/ads", qq] == OFFENCES:
                kicked[qq] += 1
                members.remove(qq)
            else:
                said[f"@{qq} 请遵守群规：禁止广告"] += 1
            if strikes["hub/rule/ads", qq] == OFFENCES - 1:
                recalled.add(text)
        elif "刷屏" in text:
            strikes["hub/rule/spam", qq] += 1
            muted[qq] += 1
    return Outcome(said, frozenset(recalled), frozenset(members), kicked, muted, requests, dict(strikes))
