"""What is timed, each as a process of its own: `python -m benchmarks.subjects NAME FOLDER …`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


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


def live_read(folder: Path, groups: str, latency: str, in_flight: str) -> None:
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
        bound = float(latency) * (1 + (sent - 1) / int(in_flight))
        print(json.dumps({"share": bound / took, "requests": sent, "seconds": took}))

    asyncio.run(run())


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
