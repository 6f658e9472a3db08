"""An apply that uses every kind, and in which one call, or each from one on, is answered wrongly.

All within one process, and in a time of its own that leaps over every wait. What a call meets is made by the
simulator's own faults; only a connection that is refused is the transport's doing.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import yaml

from qqgroup_provision.applying.apply import Applied, Applying, apply
from qqgroup_provision.applying.outcome import Result
from qqgroup_provision.applying.preview import preview
from qqgroup_provision.errors import EndpointError, QQGroupError
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.caller import Caller, ReadFailed
from qqgroup_provision.platforms.clock import Clock
from qqgroup_provision.platforms.connection import Connection
from qqgroup_provision.platforms.http import Broken, HttpAnswer, Silent, Unreachable
from qqgroup_provision.platforms.milky.introduce import introduce as introduce_milky
from qqgroup_provision.platforms.onebot11.introduce import introduce as introduce_onebot11
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.platforms.shape import WrongShape
from qqgroup_provision.platforms.websocket import _status
from qqgroup_provision.ports import Capability
from qqgroup_provision.simulator.answered import spoilt
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.seed import Seed, parse_seed
from qqgroup_provision.simulator.server import Endpoint
from qqgroup_provision.simulator.world import World
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.history import Run
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace
from tests.oracle import effects, state_of, world_of

SELF, GROUP = 100000000, 731000001
ALICE, BOB, CAROL, DORA = 100000001, 100000002, 100000003, 100000004
_AT_ONCE = {"write": "0ms", "announcement": "0ms", "file": "0ms", "settle": "2s"}
PATIENCE = 5.0  # seconds an answer may take

# What a call may meet. Those of HTTP alone cannot come over a WebSocket.
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "refused": {"reset": "before"},
    "reset undone": {"reset": "before"},
    "reset done": {"reset": "after"},
    "silent undone": {"delay": 2 * PATIENCE, "reset": "before"},
    "silent done": {"timeout": 2 * PATIENCE},
    "late": {"delay": 1.1 * PATIENCE},
    "500": {"http": 500},
    "403": {"http": 403},
    "429": {"http": 429, "retry_after": 1},
    "html": {"body": "html"},
    "truncated": {"body": "truncated"},
    "wrong types": {"body": "wrong_types"},
    "half": {"body": "half"},
    "ok and nothing": {"pretend": True},
    "refusal": {"refuse": {"retcode": 100, "message": "出错了"}},
}
OF_HTTP = frozenset({"500", "403", "429"})
LASTING = ("refused", "reset undone", "silent undone", "403", "html", "refusal")  # from one call on, all of them too


@dataclass(frozen=True, slots=True)
class Line:
    """An implementation, and how it is spoken to."""

    implementation: str
    way: str

    def __str__(self) -> str:
        return f"{self.implementation} {self.way}"


LINES = (*(Line(name, way) for name in ("napcat", "llbot", "lagrange", "gocq") for way in ("http", "websocket")),
         Line("llbot-milky", "http"), Line("lagrange-milky", "http"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One line, the number of the call, what it meets, and whether all after it meet the same."""

    line: Line
    call: int
    action: str
    fault: str
    lasting: bool = False

    def __str__(self) -> str:
        lasting = " from then on" if self.lasting else ""
        return f"{self.line}, call {self.call} {self.action}: {self.fault}{lasting}"

    @property
    def rule(self) -> Mapping[str, Any]:
        times = {} if self.lasting else {"times": 1}
        return {"action": "*", "skip": self.call, **times, **FAULTS[self.fault]}


class Leaping(asyncio.SelectorEventLoop):
    """An event loop that waits for nothing but work: where there is none, the time of the next alarm has come."""

    leapt = 0.0

    def time(self) -> float:
        return super().time() + self.leapt

    def _run_once(self) -> None:
        own = cast(Any, self)
        while own._scheduled and own._scheduled[0]._cancelled:
            heapq.heappop(own._scheduled)._scheduled = False
            own._timer_cancelled_count -= 1
        if not own._ready and own._scheduled and not own._stopping:
            self.leapt += max(0.0, own._scheduled[0]._when - self.time())
        super()._run_once()  # type: ignore[misc]


class Wire:
    """`Transport` (platforms/transport.py) to an endpoint in this process, over HTTP or a WebSocket in effect."""

    def __init__(self, endpoint: Endpoint, way: str, case: Case | None) -> None:
        self.sent = 0
        self.clock = Clock()
        self.pending: set[asyncio.Task[Any]] = set()
        self._endpoint = endpoint
        self._way = way
        self._case = case

    async def post(self, path: str, body: bytes, patience: float | None = None) -> HttpAnswer:
        action = path.removeprefix("api/")
        number, self.sent = self.sent, self.sent + 1
        case = self._case
        if (
            case is not None
            and case.fault == "refused"
            and (number == case.call or case.lasting > (number < case.call))
        ):
            raise Unreachable("nobody listens")
        asked = asyncio.create_task(self._endpoint._answer(action, json.loads(body)))
        self.pending.add(asked)
        asked.add_done_callback(self.pending.discard)
        done, _ = await asyncio.wait({asked}, timeout=PATIENCE)
        self._endpoint._world.clock.advance(1)  # so that no two uploads are of one second
        if not done:  # what was asked for goes on over there
            raise Silent
        answered = asked.result()
        if answered is None:
            raise Broken("cut")
        if self._way == "websocket":
            frame = cast(Any, self._endpoint._server).frame(answered.reply)
            broken = spoilt(frame, answered.spoil)
            status = 200 if broken else _status(frame.get("retcode"))
            return HttpAnswer(status, broken[1].encode() if broken else json.dumps(frame).encode())
        broken = spoilt(answered.reply.body, answered.spoil)
        reply = answered.reply
        if broken is not None:
            return HttpAnswer(200, broken[1].encode())
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        return HttpAnswer(reply.status, content, answered.headers.get("Retry-After", ""))

    async def close(self) -> None:
        """There is nothing to close."""


class Unreached(EndpointError):
    """The endpoint did not say who it is."""


async def _ask(caller: Caller, action: str, read: Any) -> Any:
    try:
        return read(await caller.read(action, {}))
    except (ReadFailed, WrongShape) as error:
        raise Unreached(()) from error


def _world(implementation: str) -> Mapping[str, Any]:
    return {
        "kind": "World",
        "clock": 1_790_000_000,
        "accounts": {"main": {"qq": SELF, "nickname": "小助手", "implementation": implementation, "token": "t"}},
        "people": {ALICE: "Alice", BOB: "Bob", CAROL: "Carol", DORA: "Dora"},
        "groups": [
            {
                "id": GROUP,
                "name": "旧群名",
                "owner": SELF,
                "admins": [{"qq": BOB, "title": "旧头衔", "card": "旧名片"}, DORA],
                "members": [ALICE, {"qq": CAROL, "title": "别人的头衔", "card": "别人的名片"}],
                "announcements": [{"text": "别人的公告", "sender": DORA}, {"text": "多的公告", "sender": SELF}],
                "files": {"folders": ["旧的"], "upload": [{"path": "多的.txt", "content": "six666"},
                                                        {"path": "旧的/别人的.txt", "content": "x"}]},
                "essence": ["总在的", "多的精华"],
            }
        ],
    }  # fmt: skip


def _wanted(can: frozenset[Capability], second: bool) -> Mapping[str, Any]:
    """A group of every kind that an implementation can have; `second` is what it is changed to."""
    found: dict[str, Any] = {"kind": "Group", "key": "hub", "id": GROUP, "mute_all": second, "manage": {}}
    found["profile"] = _profile(can, second)
    found["roles"] = _roles(can, second)
    if Capability.SET_JOIN in can:
        found["join"] = {
            "method": "question_and_review",
            "question": f"第{second:d}问？",
            "robots": "forbidden",
            "member_invites": "disabled" if second else "require_approval",
            "history_visible_to_new_members": second,
        }
        found["permissions"] = {"upload_album": second, "temporary_session": False, "create_group": second}
    lists = {
        "announcements": (Capability.PUBLISH_NOTICE, _announcements),
        "files": (Capability.UPLOAD_FILE, _files),
        "essence": (Capability.MARK_ESSENCE, _essence),
    }
    for key, (needed, items) in lists.items():
        if needed in can:
            found[key] = items(can, second)
            if second:
                found["manage"][key] = "exclusive"
    return found


def _profile(can: frozenset[Capability], second: bool) -> dict[str, Any]:
    found = {"name": "新群名" if second else "第一个名"}
    if Capability.SET_REMARK in can:
        found["remark"] = f"备注{second:d}"
    if Capability.SET_AVATAR in can:
        found["avatar"] = f"logo{second:d}.png"
    return found


def _roles(can: frozenset[Capability], second: bool) -> list[dict[str, Any]]:
    alice: dict[str, Any] = {"key": "a", "members": [ALICE], "card": "【一】" if second else "【零】"}
    bob: dict[str, Any] = {"key": "b", "members": [BOB], "card": None}
    if Capability.SET_ADMIN in can:
        alice["admin"], bob["admin"] = second, not second
    if Capability.SET_TITLE in can:
        alice["title"], bob["title"] = ("甲", None) if second else (None, "乙")
    return [alice, bob]


def _announcements(can: frozenset[Capability], second: bool) -> list[dict[str, Any]]:
    new = {"key": "new", "text": "新的"} if second else {"key": "old", "text": "旧的"}
    picture = {"key": "p", "text": f"图{second:d}", "image": "logo0.png"}
    rules = {"key": "rules", "text": "群规二" if second else "群规一"}
    return [rules, new, *([picture] if Capability.NOTICE_IMAGE in can else [])]


def _files(can: frozenset[Capability], second: bool) -> dict[str, Any]:
    items = [
        {"path": "说明.txt", "source": f"{second:d}.txt"},
        {"path": "新/指南.txt" if second else "指南.txt", "source": "0.txt"},
    ]
    keep = {"keep_versions": 1} if Capability.RENAME_FILE in can else {}
    return {"items": items, "folders": ["代码"] if second else ["空的"], **keep}


def _essence(can: frozenset[Capability], second: bool) -> list[dict[str, Any]]:
    return [{"key": "e", "text": f"精华{second:d}"}, {"key": "stays", "text": "总在的"}]


def _seed(implementation: str) -> Seed:
    return parse_seed(yaml.safe_dump(dict(_world(implementation)), allow_unicode=True))


class Trial:
    """A world in which the first YAML is in force, and a workspace that has the second."""

    def __init__(self, line: Line, folder: Path, like: Trial | None = None, latency: float = 0.0) -> None:
        self._seed: Seed = like._seed if like else _seed(line.implementation)
        self._loaded: Workspace | None = None
        self.line, self.folder = line, folder
        self.world = World(self._seed)
        self.calls: list[dict[str, Any]] = []
        self.faults = Faults()
        self._endpoint = Endpoint(self.world, self._seed.accounts["main"], self.calls, self.faults, latency)
        self._runs = 0
        self.seconds = 0.0  # that the last command took, in its own time
        if like is None:
            self._begin()
        else:
            shutil.copytree(like.folder, folder)
            like.world._db.backup(self.world._db)
            self.world.clock.advance(like.world.clock.now() - self.world.clock.now())
        self.began = len(self.world.timeline())
        self.state_before = self.store.load()

    def _begin(self) -> None:
        self._write_workspace()
        self._want(second=False)
        _, applied = self.apply()
        assert applied is not None
        assert () == applied.failures, applied.failures
        self._want(second=True)
        self.calls.clear()

    def pace(self, **pace: str) -> None:
        """Write workspace.yaml with another pace than none."""
        self._write_workspace(pace)

    @property
    def store(self) -> FileStore:
        return FileStore(self.folder / ".qqgroup" / "state.json")

    @property
    def done(self) -> Counter[str]:
        """What was done to the group since the second YAML, how often each."""
        return effects(self.world.timeline()[self.began :])

    def apply(
        self, case: Case | None = None, rules: Sequence[Mapping[str, Any]] = ()
    ) -> tuple[QQGroupError | None, Applied | None]:
        """Apply, and wait until nothing more happens over there. An error that the tool raises is given back."""
        self._runs += 1
        how = Applying(run=Run(at=f"run {self._runs}"))
        self.faults.replace([case.rule] if case is not None else rules)
        workspace = self._workspace()

        async def work() -> tuple[QQGroupError | None, Applied | None]:
            wire = Wire(self._endpoint, self.line.way, case)
            try:
                with self.store.lock("apply"):
                    return None, await apply(await self._sessions(workspace, wire), self.store, how)
            except QQGroupError as error:
                return error, None
            finally:
                if wire.pending:
                    await asyncio.wait(wire.pending)

        with patch.object(os, "fsync", lambda _: None):
            return cast(tuple[QQGroupError | None, Applied | None], self._run(work()))

    def plan(self) -> Plan:
        self.faults.replace([])
        workspace = self._workspace()

        async def work() -> Plan:
            sessions = await self._sessions(workspace, Wire(self._endpoint, self.line.way, None))
            return await preview(sessions, self.store.load())

        return cast(Plan, self._run(work()))

    def _workspace(self) -> Workspace:
        if self._loaded is None:
            self._loaded = load_workspace(self.folder).required()
        return self._loaded

    def close(self) -> None:
        self.world.close()
        shutil.rmtree(self.folder)

    def _run(self, work: Any) -> Any:
        with asyncio.Runner(loop_factory=Leaping) as runner:
            loop = cast(Leaping, runner.get_loop())
            before = loop.time()
            try:
                return runner.run(work)
            finally:
                self.seconds = loop.time() - before

    async def _sessions(self, workspace: Any, wire: Wire) -> Sessions:
        introduce = introduce_milky if self.line.implementation.endswith("-milky") else introduce_onebot11
        introduced = await introduce(wire, cast(Any, _ask), 0.5)
        return Sessions(workspace, {"main": Connection(wire, introduced)}, {})

    def _write_workspace(self, pace: Mapping[str, str] = _AT_ONCE) -> None:
        self._loaded = None
        self.folder.mkdir(parents=True, exist_ok=True)
        protocol = "milky" if self.line.implementation.endswith("-milky") else "onebot11"
        account = {"endpoint": "http://127.0.0.1:1", "protocol": protocol, "token": "${env:TEST_TOKEN}", "pace": pace}
        safety = {"max_delete_percent": 100, "max_update_percent": 100, "min_admins": 0}
        _write(self.folder / "workspace.yaml", {"kind": "Workspace", "accounts": {"main": account}, "safety": safety})
        for number in (0, 1):
            (self.folder / f"logo{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n %d" % number)
            (self.folder / f"{number}.txt").write_bytes(b"content %d" % number)

    def _want(self, *, second: bool) -> None:
        async def can() -> frozenset[Capability]:
            sessions = await self._sessions(None, Wire(self._endpoint, self.line.way, None))
            return sessions.facts["main"].capabilities

        self._loaded = None
        _write(self.folder / "hub.yaml", _wanted(self._run(can()), second))


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")  # which is YAML, and quick


@contextmanager
def tried(like: Trial, folder: Path) -> Iterator[Trial]:
    trial = Trial(like.line, folder, like)
    try:
        yield trial
    finally:
        trial.close()


@dataclass(frozen=True, slots=True)
class Lived:
    """An apply that nothing happened to: what it began with, its calls, the world and state it ends in, and what was
    done."""

    prepared: Trial
    calls: Sequence[Mapping[str, Any]]
    world: Any
    state: Any
    done: Counter[str]

    def cases(self) -> Iterator[Case]:
        """Each call of it met by each fault. Of reads by one action the first ones stand for the others: five come in
        a plan and after a few writes; over a WebSocket, by which they are asked in the same way, one does."""
        line = self.prepared.line
        most = 5 if line.way == "http" else 1
        met: Counter[str] = Counter()
        for number, call in enumerate(self.calls):
            action = call["action"]
            met[action] += 1
            if not call["writes"] and met[action] > most:
                continue
            for fault in FAULTS:
                if line.way == "websocket" and fault in OF_HTTP:
                    continue
                yield Case(line, number, action, fault)
                if fault in LASTING:
                    yield Case(line, number, action, fault, lasting=True)


@contextmanager
def lived(line: Line, folder: Path) -> Iterator[Lived]:
    prepared = Trial(line, folder / f"{line.implementation}-{line.way}")
    try:
        yield _lived(prepared)
    finally:
        prepared.close()


def _lived(prepared: Trial) -> Lived:
    with tried(prepared, prepared.folder.with_suffix(".lived")) as trial:
        error, applied = trial.apply()
        assert error is None, error
        assert applied is not None
        assert () == applied.failures, applied.failures
        calls = [dict(call) for call in trial.calls]
        plan = trial.plan()
        assert () == plan.changes, plan.changes
        return Lived(prepared, calls, world_of(trial.world.snapshot()), state_of(trial.store.load()), trial.done)


# What everybody sees: once is right, twice is wrong, and what was deleted does not come back.
_SEEN = ("announcement_", "message", "essence_", "file_", "folder_", "whispered", "recalled")


def seen(done: Counter[str], case: Case) -> Counter[str]:
    # A message that is missing from a list that looks whole is marked again, which nobody sees.
    kinds = [kind for kind in _SEEN if case.fault != "half" or kind != "essence_"]
    return Counter({what: count for what, count in done.items() if any(f"('event', '{one}" in what for one in kinds)})


def wrong(case: Case, expected: Lived) -> list[str]:
    """What an apply in which this happens says or does that is not so; and the clean one after it."""
    with tried(expected.prepared, expected.prepared.folder.with_suffix(".tried")) as trial:
        _, applied = trial.apply(case)
        # What only state learns, as where somebody is gone, claims nothing of the group.
        told = (
            {str(one.change.address): one.result for one in applied.outcomes if one.change.operations}
            if applied
            else {}
        )
        found = [*_claims(case, trial, told), *_too_much(case, trial, expected)]
        if applied is None and trial.done:
            found.append(f"no outcome is told, and it did {dict(trial.done)}")
        error, applied = trial.apply()
        if error is not None or applied is None:
            return [*found, f"a clean apply does not go on: {error}"]
        failed = [(str(one.change.address), one.result) for one in applied.failures]
        if failed:
            found.append(f"a clean apply fails: {failed}")
        return found if _unseen(case) else [*found, *_ending(case, trial, expected)]


_NOT_DONE = (Result.REFUSED, Result.NOT_APPLIED, Result.STOPPED, Result.SKIPPED, Result.UNSUPPORTED)


def _claims(case: Case, trial: Trial, told: Mapping[str, Result]) -> Iterator[str]:
    """What is told of changes, and what state holds, against what is there: asked for when all is well again."""
    pending = {str(change.address) for change in trial.plan().changes}
    state = trial.store.load()
    unseen = _unseen(case)
    if _pretended(case) and not any(entry.unverified for entry in state.entries.values()):
        yield "state does not say that nobody saw it"
    for address, result in told.items():
        if result is Result.DONE and address in pending and not unseen:
            yield f"{address} is told as done, and is not"
        if result in _NOT_DONE and address not in pending and case.fault != "late":
            yield f"{address} is told as {result.value}, and is done"
    begun = state_of(trial.state_before)
    for address, entry in state_of(state).items():
        known = begun.get(address, ((), {}, False))[1]  # of what is to be replaced it may hold less than before
        if told.get(address) not in (Result.DONE, Result.UNVERIFIED) and not entry[1].items() <= known.items():
            yield f"state says {address} {entry}, which nobody saw"


def _too_much(case: Case, trial: Trial, expected: Lived) -> Iterator[str]:
    """What people saw and no plan named, or saw twice."""
    extra = seen(trial.done, case) - seen(expected.done, case)
    if extra:
        yield f"did what is in no plan, or twice: {dict(extra)}"


def _ending(case: Case, trial: Trial, expected: Lived) -> Iterator[str]:
    """In what the world, the state and what people saw are not as if nothing had happened."""
    world, state = world_of(trial.world.snapshot()), state_of(trial.store.load())
    if world != expected.world:
        yield f"the world is another: {_differs(world, expected.world)}"
    if state != expected.state:
        yield f"the state is another: {_differs(state, expected.state)}"
    done, wanted = seen(trial.done, case), seen(expected.done, case)
    if done != wanted:
        yield f"people saw {dict(done - wanted)} too much, {dict(wanted - done)} too little"
    left = [str(change.address) for change in trial.plan().changes]
    if left:
        yield f"still to do: {left}"


def _unseen(case: Case) -> bool:
    """Whether a server says what nobody can ever see to be wrong, so that it has to be believed."""
    if case.fault == "half":
        return case.action in _MEMBERS  # somebody who is missing from a list that looks whole has left
    return _pretended(case)


def _pretended(case: Case) -> bool:
    of_it = _BELIEVED_OF.get(case.line.implementation, ())
    return case.fault == "ok and nothing" and case.action in (*_BELIEVED, *of_it)


_MEMBERS = ("get_group_member_list",)
# What nobody gives back: pictures of groups; whether a group is muted and who has which title, of some.
_BELIEVED = ("set_group_portrait", "set_group_avatar")
_BELIEVED_OF: Mapping[str, Sequence[str]] = {
    "lagrange": ("set_group_whole_ban", "set_group_special_title"),
    "gocq": ("set_group_whole_ban",),
    "llbot-milky": ("set_group_whole_mute",),
    "lagrange-milky": ("set_group_whole_mute",),
}


def _differs(found: Any, expected: Any) -> Any:
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = [key for key in {**found, **expected} if found.get(key) != expected.get(key)]
        return {key: _differs(found.get(key), expected.get(key)) for key in keys}
    return f"{found!r} for {expected!r}"
