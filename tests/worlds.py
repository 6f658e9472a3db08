"""Worlds and what YAML wants of them as Hypothesis makes them, and an apply on them that may die at any point.

All of it within one process: requests go straight to the simulated implementation, and what dies is an exception
that takes everything in memory with it. The state's folder is a real one, and is all that is left.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import yaml
from hypothesis import strategies as st

from qqgroup_provision.applying.apply import Applied, Applying, apply
from qqgroup_provision.applying.preview import preview
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.clock import Clock
from qqgroup_provision.platforms.connection import Connection
from qqgroup_provision.platforms.http import HttpAnswer
from qqgroup_provision.platforms.milky.introduce import introduce as introduce_milky
from qqgroup_provision.platforms.onebot11.introduce import introduce as introduce_onebot11
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.seed import parse_seed
from qqgroup_provision.simulator.server import _KINDS
from qqgroup_provision.simulator.world import World
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace

SELF = 100000000
GROUPS = {"hub": 731000001, "jobs": 731000002}
PEOPLE = {"alice": 100000001, "bob": 100000002, "carol": 100000003}
FILES = {"a.txt": b"one", "b.txt": b"two!"}
IMPLEMENTATIONS = ("napcat", "llbot", "lagrange", "llbot-milky")
PINS = frozenset({"napcat", "llbot"})  # those that take the flags of an announcement, and a remark
_TEXTS = ["群规", "消息 一\n  二 & 三", "<b>\"'", "第六\n\n段"]
_PACE = {"write": "0ms", "announcement": "0ms", "file": "0ms", "settle": "0ms"}


@dataclass(frozen=True, slots=True)
class Case:
    """A world, what was applied to it before (nothing, perhaps), and what is wanted now: YAML as plain data."""

    world: Mapping[str, Any]
    before: tuple[Mapping[str, Any], ...]
    wanted: tuple[Mapping[str, Any], ...]

    @property
    def implementation(self) -> str:
        return str(self.world["accounts"]["main"]["implementation"])


def _some(values: list[Any], most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most)


@st.composite
def _roles(draw: st.DrawFn) -> list[dict[str, Any]]:
    people = draw(st.permutations(list(PEOPLE)))
    cut = draw(st.integers(0, len(people)))
    return [
        {
            "key": f"role{number}",
            "members": part,
            **({"admin": draw(st.booleans())} if draw(st.booleans()) else {}),
            "title": draw(st.none() | st.sampled_from(["甲", "乙乙", "title"])),
            "card": draw(st.none() | st.sampled_from(["【{name}】", "{name}·招聘"])),
        }
        for number, part in enumerate((people[:cut], people[cut:]))
        if part
    ]


@st.composite
def _wanted(draw: st.DrawFn, key: str, implementation: str) -> dict[str, Any]:
    flags = st.booleans() if implementation in PINS else st.just(False)
    texts = draw(_some(_TEXTS, 3))
    names = draw(st.permutations(["rules", "news", "faq"]))
    found: dict[str, Any] = {"kind": "Group", "key": key, "id": GROUPS[key]}
    found["profile"] = {"name": draw(st.sampled_from(["新群名", "旧群名", "<名> & “名”"]))}
    found["mute_all"] = draw(st.booleans())
    found["roles"] = draw(_roles())
    found["announcements"] = [
        {"key": name, "text": text, **({"pinned": True} if draw(flags) else {})}
        for name, text in zip(names, texts, strict=False)
    ]
    paths = draw(_some(["说明.txt", "资料/指南.txt", "资料/表.txt"], 2))
    items = [{"path": path, "source": draw(st.sampled_from(list(FILES)))} for path in paths]
    found["files"] = {"items": items, "folders": draw(_some(["代码", "资料"], 2))}
    essence = draw(_some(["精华：资料", "精华：提示"], 2))
    found["essence"] = [{"key": f"e{number}", "text": text} for number, text in enumerate(essence)]
    lists = draw(_some(["admins", "titles", "cards", "announcements", "files", "essence"], 3))
    found["manage"] = dict.fromkeys(lists, "exclusive")
    return found


@st.composite
def _live(draw: st.DrawFn, key: str) -> dict[str, Any]:
    """A group as people made it. Everybody whom YAML may name is there: others are left to a person."""
    people = [
        {"qq": qq, "title": draw(st.sampled_from(["", "甲"])), "card": draw(st.sampled_from(["", "旧名片"]))}
        for qq in PEOPLE.values()
    ]
    ranks = draw(st.lists(st.booleans(), min_size=len(people), max_size=len(people)))
    notices = draw(_some([*_TEXTS, "别人的"], 3))
    senders = st.sampled_from([SELF, PEOPLE["alice"]])
    uploads = draw(_some(["说明.txt", "资料/指南.txt", "多的.txt"], 2))
    return {
        "id": GROUPS[key],
        "name": "旧群名",
        "owner": SELF,
        "mute_all": draw(st.booleans()),
        "admins": [person for person, admin in zip(people, ranks, strict=True) if admin],
        "members": [*(person for person, admin in zip(people, ranks, strict=True) if not admin), 100000009],
        "announcements": [{"text": text, "sender": draw(senders)} for text in notices],
        "files": {
            "folders": ["资料", *draw(_some(["旧的"], 1))],
            "upload": [{"path": path, "content": draw(st.sampled_from(["one", "six666"]))} for path in uploads],
        },
        # One is always there: of an empty list a server may just know nothing, and the plan says so.
        "essence": ["总在的", *draw(_some(["精华：资料", "多的精华"], 2))],
    }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    implementation = draw(st.sampled_from(IMPLEMENTATIONS))
    keys = list(GROUPS)[: draw(st.integers(1, 2))]
    account = {"qq": SELF, "nickname": "小助手", "implementation": implementation, "token": "s3cret-token"}
    world = {
        "kind": "World",
        "clock": 1_790_000_000,
        "accounts": {"main": account},
        "people": {qq: name for name, qq in PEOPLE.items()},
        "groups": [draw(_live(key)) for key in keys],
    }
    wanted = tuple(draw(_wanted(key, implementation)) for key in keys)
    before = tuple(draw(_wanted(key, implementation)) for key in keys) if draw(st.booleans()) else ()
    return Case(world, before, wanted)


def write_workspace(folder: Path, case: Case, endpoint: str = "http://127.0.0.1:1") -> None:
    """The folder of a case, without its groups."""
    folder.mkdir(parents=True)
    protocol = "milky" if case.implementation.endswith("-milky") else "onebot11"
    account = {"endpoint": endpoint, "protocol": protocol, "token": "${env:TEST_TOKEN}", "pace": _PACE}
    # What limits do is shown elsewhere.
    safety = {"max_delete_percent": 100, "max_update_percent": 100, "min_admins": 0}
    _write(folder / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}, "safety": safety})
    people = {key: {"qq": qq, "name": key.title()} for key, qq in PEOPLE.items()}
    _write(folder / "people.yaml", {"kind": "People", "people": people})
    for name, content in FILES.items():
        (folder / name).write_bytes(content)


def write_groups(folder: Path, groups: tuple[Mapping[str, Any], ...]) -> None:
    for group in groups:
        _write(folder / f"{group['key']}.yaml", group)


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")  # which is YAML, and quick


class Died(BaseException):
    """The process is dead."""


@dataclass(slots=True)
class Fate:
    """Counts the points at which a process may die, and has it die at one of them. The dead do nothing more."""

    at: int | None = None
    passed: list[str] = field(default_factory=list)
    dead: bool = False

    def point(self, name: str, last: Callable[[], object] = lambda: None) -> None:
        """`last` is what is still done by one who dies here."""
        if self.dead:
            raise Died
        if self.at == len(self.passed):
            self.dead = True
            last()
            raise Died(name)
        self.passed.append(name)


class Direct:
    """`Transport` (platforms/transport.py) to an implementation in this process."""

    def __init__(self, service: Service, fate: Fate) -> None:
        self.sent = 0
        self.clock = Clock()
        self._service = service
        self._fate = fate

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        action = path.removeprefix("api/")
        self.sent += 1
        await asyncio.sleep(0)  # others have their turn, as over a network
        writes = self._service.writes(action)
        if writes:
            self._fate.point(f"before {action}")
        reply = self._service.call(action, json.loads(body))
        if writes:
            self._service.world.clock.advance(1)
            self._fate.point(f"after {action}")
        return HttpAnswer(reply.status, json.dumps(reply.body).encode())

    async def close(self) -> None:
        """There is nothing to close."""


async def _ask(caller: Caller, action: str, read: Callable[[Any], Any]) -> Any:
    return read(await caller.read(action, {}))


@contextmanager
def mortal(fate: Fate) -> Iterator[None]:
    """What reaches the disk are points too: a line of the journal, of which half may be there, and every
    replacement of a file. Nothing is synced: a process that dies takes no disk with it."""
    write, replace = os.write, Path.replace

    def written(handle: int, data: bytes) -> int:
        fate.point("before a line", lambda: write(handle, data[: len(data) // 2]))
        done = write(handle, data)
        fate.point("after a line")
        return done

    def replaced(path: Path, target: Path) -> Path:
        fate.point(f"before {target.name}")
        done = replace(path, target)
        fate.point(f"after {target.name}")
        return done

    with ExitStack() as patches:
        patches.enter_context(patch.object(os, "write", written))
        patches.enter_context(patch.object(Path, "replace", replaced))
        patches.enter_context(patch.object(os, "fsync", lambda _: None))
        yield


class Trial:
    """A case being tried: a world, a workspace, and the state that runs leave."""

    def __init__(self, case: Case, folder: Path) -> None:
        seed = parse_seed(yaml.safe_dump(dict(case.world), allow_unicode=True))
        account = seed.accounts["main"]
        self.case = case
        self.folder = folder
        self.world = World(seed)
        self.service = _KINDS[account.implementation](self.world, account)
        self._runs = itertools.count()
        write_workspace(folder, case)
        if case.before:
            self.want(case.before)
            self.run()
        self.want(case.wanted)
        self.began = len(self.world.timeline())

    def want(self, groups: tuple[Mapping[str, Any], ...]) -> None:
        write_groups(self.folder, groups)

    @property
    def store(self) -> FileStore:
        return FileStore(self.folder / ".qqgroup" / "state.json")

    @property
    def state(self) -> State:
        return self.store.load()

    def run(self, at: int | None = None) -> tuple[Fate, Applied | None]:
        """Apply, and die at that point; gives the points passed, and what the apply gave if it lived."""
        fate = Fate(at)
        applied: Applied | None = None
        how = Applying(run=Run(at=f"run {next(self._runs)}"))
        workspace = load_workspace(self.folder).required()

        async def work() -> Applied:
            sessions = await self._sessions(workspace, fate)
            with self.store.lock("apply"):
                return await apply(sessions, self.store, how)

        with mortal(fate), suppress(Died):
            try:
                applied = asyncio.run(work())
            except BaseExceptionGroup as group:
                if group.split(Died)[1] is not None:
                    raise
        assert fate.dead is (applied is None)
        return fate, applied

    def plan(self) -> Plan:
        workspace = load_workspace(self.folder).required()

        async def work() -> Plan:
            return await preview(await self._sessions(workspace, Fate()), self.state)

        return asyncio.run(work())

    async def _sessions(self, workspace: Workspace, fate: Fate) -> Sessions:
        transport = Direct(self.service, fate)
        introduce = introduce_milky if self.case.implementation.endswith("-milky") else introduce_onebot11
        introduced = await introduce(transport, cast(Any, _ask), 0.0)
        return Sessions(workspace, {"main": Connection(transport, introduced)}, {})

    def close(self) -> None:
        self.world.close()
        shutil.rmtree(self.folder)


@contextmanager
def tried(case: Case, folder: Path) -> Iterator[Trial]:
    trial = Trial(case, folder)
    try:
        yield trial
    finally:
        trial.close()
