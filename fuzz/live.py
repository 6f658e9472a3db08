"""A group on a simulated implementation, without any network: what answers and files of live groups begin with."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from fuzz.stage import GROUP, SELF, set_up
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.clock import Clock
from qqgroup_provision.platforms.http import HttpAnswer
from qqgroup_provision.platforms.introduction import Introduced
from qqgroup_provision.platforms.milky.introduce import introduce as introduce_milky
from qqgroup_provision.platforms.onebot11.introduce import introduce as introduce_onebot11
from qqgroup_provision.platforms.read_groups import Request, read_groups
from qqgroup_provision.ports import AccountFacts
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.dialects.lagrange import Lagrange
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.milky import LLBotMilky
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.seed import parse_seed
from qqgroup_provision.simulator.world import World
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace

Answer = Callable[[str, Mapping[str, Any]], bytes]
_KINDS: Mapping[str, type[Service]] = {
    "napcat": NapCat, "llbot": LLBot, "lagrange": Lagrange, "llbot-milky": LLBotMilky
}  # fmt: skip
_WORLD = {
    "kind": "World",
    "clock": 1_790_000_000,
    "people": {100000001: "Alice", 100000002: "Bob"},
    "groups": [
        {
            "id": GROUP,
            "name": "旧群名",
            "owner": SELF,
            "members": [100000001, {"qq": 100000002, "card": "旧名片", "title": "旧头衔"}],
            "announcements": [{"text": "别人的 <公告>", "sender": 100000001}],
            "files": {"folders": ["资料"], "upload": [{"path": "资料/b.txt", "content": "two"}]},
            "essence": ["精华：旧的"],
        }
    ],
}


def _workspace() -> Workspace:
    with tempfile.TemporaryDirectory() as root:
        return load_workspace(set_up(Path(root))).required()


WORKSPACE = _workspace()  # that of stage.py; its files are gone, and only what was read of them is needed


class Answers:
    """`Transport` (platforms/transport.py) to a function."""

    def __init__(self, answer: Answer) -> None:
        self.sent = 0
        self.clock = Clock()
        self._answer = answer

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        self.sent += 1
        return HttpAnswer(200, self._answer(path.removeprefix("api/"), json.loads(body)))

    async def close(self) -> None:
        """There is nothing to close."""


def simulated(implementation: str) -> Answer:
    """What an implementation would answer."""
    account = {"qq": SELF, "nickname": "小助手", "implementation": implementation}
    seed = parse_seed(yaml.safe_dump({**_WORLD, "accounts": {"main": account}}))
    service = _KINDS[implementation](World(seed), seed.accounts["main"])
    return lambda action, params: json.dumps(service.call(action, params).body, ensure_ascii=False).encode()


def read_by(answer: Answer, protocol: str) -> tuple[Workspace, dict[str, LiveGroup], AccountFacts]:
    """Everything of a group, as a plan would read it."""

    async def ask(caller: Caller, action: str, read: Callable[[Any], Any]) -> Any:
        return read(await caller.read(action, {}))

    async def work() -> tuple[Introduced, dict[str, LiveGroup]]:
        introduce = introduce_milky if protocol == "milky" else introduce_onebot11
        found = await introduce(Answers(answer), cast(Any, ask), 0.0)
        requests = {"hub": Request(GROUP, frozenset(Collection) - {Collection.BEHAVIOR})}
        return found, await read_groups(requests, found.reader, found.facts.self_id)

    introduced, groups = asyncio.run(work())
    return WORKSPACE, groups, introduced.facts


def read(implementation: str) -> tuple[Workspace, dict[str, LiveGroup], AccountFacts]:
    return read_by(simulated(implementation), "milky" if implementation.endswith("-milky") else "onebot11")


def planned(implementation: str) -> Plan:
    found, groups, facts = read(implementation)
    return make_plan(found, groups, State(), {"main": facts})
