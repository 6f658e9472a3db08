"""What is timed, each as a process of its own: `python -m benchmarks.subjects NAME FOLDER …`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.request import urlopen


def yaml_load(folder: Path) -> None:
    """What anybody would do: `yaml.load` with the C loader, file by file."""
    import yaml

    kept = [yaml.load(path.read_bytes(), yaml.CSafeLoader) for path in sorted(folder.glob("*.yaml"))]
    assert kept


def validate(folder: Path) -> None:
    """Load the workspace: parse with positions, check against schemas, compose, check across files."""
    from qqgroup_provision.workspace.load import load_workspace

    assert load_workspace(folder).workspace is not None


def plan(folder: Path) -> None:
    """The workspace and the live values from disk, and a plan that finds nothing to do."""
    from benchmarks.material import ACCOUNT
    from qqgroup_provision.planning.make_plan import make_plan
    from qqgroup_provision.ports import (
        AccountFacts,
        Capability,
        Known,
        LiveMember,
        LiveNotice,
        LiveProfile,
        Rank,
    )
    from qqgroup_provision.resources.live import LiveGroup
    from qqgroup_provision.state.file_store import FileStore
    from qqgroup_provision.workspace.load import load_workspace

    workspace = load_workspace(folder).required()
    live = {
        key: LiveGroup(
            ACCOUNT,
            Known(LiveProfile(key, "", False, len(group["members"]), 500)),
            Known({m[0]: LiveMember(m[0], Rank(m[1]), m[2], m[3], m[4]) for m in group["members"]}),
            Known(tuple(LiveNotice(*notice) for notice in group["notices"])),
        )
        for key, group in json.loads((folder / "live.json").read_text(encoding="utf-8")).items()
    }
    facts = {"main": AccountFacts(ACCOUNT, "NapCat", "4.18.13", frozenset(Capability))}
    store = FileStore(workspace.state_path)
    state = store.load()
    found = make_plan(workspace, live, state, facts)
    if not state.entries:  # the first run fills the state; every later one finds nothing to do
        from qqgroup_provision.state.model import Entry

        store.save(state, state.folded((c.address, Entry(c.ids, c.applied)) for c in found.changes))
    else:
        assert (0, len(state.entries)) == (len(found.changes), found.unchanged)


def live_read(folder: Path, groups: str, in_flight: str) -> None:
    """Read groups from a server that waits before each answer; prints the share of what the wait allows."""
    from qqgroup_provision.platforms.connection import EndpointSettings, connect
    from qqgroup_provision.platforms.read_groups import Request, read_groups
    from qqgroup_provision.resources.live import Collection
    from qqgroup_provision.secrets import Secret

    url = (folder / "endpoint").read_text(encoding="utf-8")
    needs = frozenset({Collection.MEMBERS, Collection.NOTICES})

    async def run() -> None:
        connection = await connect(EndpointSettings("main", url, Secret("t"), in_flight=int(in_flight)))
        requests = {f"g-{n}": Request(700000000 + n, needs) for n in range(int(groups))}
        before = connection.requests_sent
        started = time.perf_counter()
        live = await read_groups(requests, connection.reader, connection.facts.self_id)
        took = time.perf_counter() - started
        sent = connection.requests_sent - before
        assert all(type(group.members).__name__ == "Known" for group in live.values())
        await connection.close()
        # The group list is asked first and alone; the rest can wait side by side.
        _tell_share(url, sent, 1, int(in_flight), took)

    asyncio.run(run())


def live_plan(folder: Path, groups: str, in_flight: str) -> None:
    """Connect, read what the YAML speaks of, and plan; prints the share of what the server's wait allows."""
    from benchmarks.material import write_live_case
    from qqgroup_provision.applying.preview import preview
    from qqgroup_provision.platforms.sessions import open_sessions
    from qqgroup_provision.resources.registry import kinds
    from qqgroup_provision.state.model import State
    from qqgroup_provision.workspace.load import load_workspace

    kinds()  # loading modules is not what is timed
    url = (folder / "endpoint").read_text(encoding="utf-8")
    write_live_case(folder / f"plan-{groups}-{time.time_ns()}", url, int(groups))
    workspace = load_workspace(next(folder.glob("plan-*"))).required()

    async def run() -> None:
        started = time.perf_counter()
        async with open_sessions(workspace, {"main"}, {"BENCH_TOKEN": "t"}) as sessions:
            plan = await preview(sessions, State())
        took = time.perf_counter() - started
        assert {change.action.word for change in plan.changes} == {"adopt"}
        assert not plan.diagnostics
        # Who answers, who it is and its groups are asked one after the other.
        _tell_share(url, plan.reads, 3, int(in_flight), took)

    asyncio.run(run())


def live_import(folder: Path, groups: str, in_flight: str) -> None:
    """Connect, read every group, and describe it; prints the share of what the server's wait allows."""
    from benchmarks.material import WORKSPACE
    from qqgroup_provision.adoption.adopt import Wish, adopt
    from qqgroup_provision.cli.import_ import needs_of
    from qqgroup_provision.platforms.read_groups import Request, read_groups
    from qqgroup_provision.platforms.sessions import open_sessions
    from qqgroup_provision.resources.registry import kinds
    from qqgroup_provision.workspace.load import load_workspace

    kinds()  # loading modules is not what is timed
    url = (folder / "endpoint").read_text(encoding="utf-8")
    bare = folder / f"import-{time.time_ns()}"
    bare.mkdir()
    (bare / "workspace.yaml").write_text(WORKSPACE.replace("http://127.0.0.1:1", url), encoding="utf-8")
    workspace = load_workspace(bare).required()
    files = {"workspace.yaml": (bare / "workspace.yaml").read_text(encoding="utf-8")}

    async def run() -> None:
        started = time.perf_counter()
        async with open_sessions(workspace, {"main"}, {"BENCH_TOKEN": "t"}) as sessions:
            connection = sessions.connections["main"]
            needs = needs_of(connection.facts.capabilities, files=True)
            profiles = await connection.reader.profiles()
            requests = {str(number): Request(number, needs) for number in profiles.value}  # type: ignore[union-attr]
            live = await read_groups(requests, connection.reader, connection.facts.self_id, profiles)
            adopted = adopt(workspace, files, {int(key): group for key, group in live.items()}, Wish("main"))
            sent = sessions.requests_sent
        took = time.perf_counter() - started
        assert len(adopted.keys) == int(groups)
        assert not adopted.notes
        _tell_share(url, sent, 3, int(in_flight), took)

    asyncio.run(run())


def behavior(_: Path) -> None:
    """The engine alone: make 10,000 replies ready, 500 of them expressions, and decide about 60,000 messages.

    Prints the seconds the first takes, messages a second of processor time, and the 99th percentile of one message in
    milliseconds.
    """
    import gc

    from benchmarks.material import behavior_case
    from qqgroup_provision.behavior.decide import decide
    from qqgroup_provision.behavior.memory import Notebook
    from qqgroup_provision.behavior.prepared import Prepared

    configuration, messages = behavior_case(10_000, 500, 62_000)
    Prepared(configuration)  # what is loaded once for a process is not counted
    started = time.perf_counter()
    prepared = Prepared(configuration)
    ready = time.perf_counter() - started
    gc.collect()
    gc.freeze()  # as a bot would: what was made ready stays
    memory, took, answers = Notebook(), [], 0
    for message in messages[:2000]:
        decide(message, prepared, memory, message.at)
    started = time.process_time()
    for message in messages[2000:]:
        before = time.perf_counter()
        answers += bool(decide(message, prepared, memory, message.at).actions)
        took.append(time.perf_counter() - before)
    spent = time.process_time() - started
    assert len(took) // 5 < answers < len(took) // 3
    took.sort()
    print(json.dumps({"ready": ready, "rate": len(took) / spent, "p99": took[len(took) * 99 // 100] * 1000}))


def hostile(_: Path) -> None:
    """The engine with messages that were made to stop it; prints how long most of them take, in milliseconds."""
    import gc

    from benchmarks.material import hostile_case
    from qqgroup_provision.behavior.decide import decide
    from qqgroup_provision.behavior.memory import Notebook
    from qqgroup_provision.behavior.prepared import Prepared

    configuration, messages = hostile_case(3000)
    prepared, memory, took = Prepared(configuration), Notebook(), []
    gc.collect()
    gc.freeze()  # as a bot would
    for message in messages:
        before = time.perf_counter()
        memory.change(decide(message, prepared, memory, message.at).changes)
        took.append(time.perf_counter() - before)
    took.sort()
    print(json.dumps({"p99.9": took[len(took) * 999 // 1000] * 1000, "p50": took[len(took) // 2] * 1000}))


def bot_memory(_: Path) -> None:
    """A bot's modules, and the behaviour of 500 groups, each made ready from a document of its own as the bot's
    database has them: those of the example's groups in turn.
    """
    import qqgroup_provision.bot.run  # noqa: F401 - loaded as in a bot
    from qqgroup_provision.bot.behaviors import prepare
    from qqgroup_provision.workspace.load import load_workspace

    groups = load_workspace(Path(__file__).parent.parent / "groups").required().groups.values()
    documents = [json.dumps(group.behavior_document) for group in groups if group.behavior_document]
    assert documents
    kept = [prepare({**json.loads(documents[n % len(documents)]), "id": 700000000 + n}) for n in range(500)]
    assert len(kept) == 500


def _tell_share(url: str, sent: int, alone: int, in_flight: int, took: float) -> None:
    """The share of what the server's waits allow: the first requests are sent alone, the rest side by side."""
    with urlopen(f"{url}/waited") as answer:
        waited = float(answer.read())
    bound = waited * (alone + (sent - alone) / in_flight)
    print(json.dumps({"share": bound / took, "requests": sent, "seconds": took, "waited": waited}))


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
