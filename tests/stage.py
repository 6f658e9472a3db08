"""A workspace and a simulated QQ to try it on: what most tests begin with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed

GROUP = 731000001
SELF = 100000000

WORLD: Mapping[str, Any] = {
    "kind": "World",
    "accounts": {"main": {"qq": SELF, "nickname": "小助手", "implementation": "napcat", "token": "s3cret-token"}},
    "people": {100000001: "Alice", 100000002: "Bob"},
    "groups": [
        {
            "id": GROUP,
            "name": "旧群名",
            "owner": SELF,
            "members": [100000001, 100000002, {"qq": 100000003, "card": "旧名片", "title": "旧头衔"}],
            "strangers": 5,
            "announcements": [{"text": "别人的公告", "sender": 100000001}],
        }
    ],
}

GROUP_YAML: Mapping[str, Any] = {
    "kind": "Group",
    "key": "hub",
    "id": GROUP,
    "profile": {"name": "新群名", "remark": "备注"},
    "mute_all": True,
    "roles": [
        {"key": "maintainers", "members": ["alice"], "admin": True, "title": "维护者", "card": "【维护】{name}"},
        {"key": "old", "members": [100000003], "title": None, "card": None},
    ],
    "announcements": [
        {"key": "rules", "text": "群规 <1>\n  二 & 三  ", "pinned": True, "confirm": True},
        {"key": "news", "text": "消息"},
    ],
}


def wanted_of(implementation: str) -> Mapping[str, Any]:
    """The group as an implementation can have it: most set no remark, and pin no announcement."""
    if implementation in ("napcat", "llbot"):
        return GROUP_YAML
    rules, news = GROUP_YAML["announcements"]
    unpinned = {key: value for key, value in rules.items() if key != "pinned"}
    return {**GROUP_YAML, "profile": {"name": GROUP_YAML["profile"]["name"]}, "announcements": [unpinned, news]}


PEOPLE_YAML: Mapping[str, Any] = {
    "kind": "People",
    "people": {"alice": {"qq": 100000001, "name": "小艾"}, "bob": 100000002},
}


def write_yaml(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Stage:
    """A folder with a workspace, and the world its account lives in."""

    folder: Path
    simulator: RunningSimulator
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> Mapping[str, Any]:
        """The group as YAML wants it in the beginning."""
        return wanted_of(self.simulator.seed.accounts["main"].implementation)

    def workspace(self, **pace: object) -> None:
        """Write workspace.yaml with an account that asks the simulator."""
        accounts = {
            key: {
                "endpoint": self.simulator.endpoint(key),
                "protocol": "milky" if account.implementation.endswith("-milky") else "onebot11",
                "token": "${env:TEST_TOKEN}",
                "pace": {"write": "0ms", "announcement": "0ms", "file": "0ms", "settle": "20ms", **pace},
            }
            for key, account in self.simulator.seed.accounts.items()
        }
        path = self.folder / "workspace.yaml"
        write_yaml(path, {"kind": "Workspace", "accounts": accounts})
        with path.open("a", encoding="utf-8") as file:
            file.write("secrets: [HUB_ANSWER, ANSWER]\n")

    def group(self, data: Mapping[str, Any], file: str = "hub.yaml") -> None:
        write_yaml(self.folder / file, dict(data))

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "qqgroup_provision", "--dir", str(self.folder), "--lang", "en", *words]

    def run(self, *words: str, stdin: str = "") -> Ran:
        """Run the command on this workspace, in English, within this process: quicker than one of its own."""
        from tests.cli.inside import run_on

        return run_on(self, *words, stdin=stdin)

    def process_environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("QQGROUP_", "LC_", "LANG"))}
        return {**kept, "TEST_TOKEN": "s3cret-token", "NO_COLOR": "1", "COLUMNS": "120", **self.environment}

    def live(self, group: int = GROUP) -> dict[str, Any]:
        found: dict[str, Any] = self.simulator.world()[str(group)]
        return found

    def writes(self) -> list[str]:
        """The writes since this was last asked, by action."""
        return [call["action"] for call in self.simulator.take_calls() if call["writes"]]


@contextmanager
def staged(folder: Path, world: Mapping[str, Any] = WORLD, **account: object) -> Iterator[Stage]:
    """A stage on a world, with the usual group and people. `account` overrides the account's seed."""
    main = {**world["accounts"]["main"], **account}
    seed = parse_seed(yaml.safe_dump({**world, "accounts": {**world["accounts"], "main": main}}, allow_unicode=True))
    with RunningSimulator(seed) as simulator:
        stage = Stage(folder / "groups", simulator)
        stage.workspace()
        write_yaml(stage.folder / "people.yaml", PEOPLE_YAML)
        stage.group(stage.wanted)
        yield stage


def readable(live: Mapping[str, Any]) -> dict[str, Any]:
    """A group without what differs between equal worlds: the ids and times of its announcements."""
    notices = [{k: v for k, v in n.items() if k not in ("id", "time")} for n in live["announcements"]]
    return {**live, "announcements": sorted(notices, key=lambda n: (n["text"], n["sender"]))}
