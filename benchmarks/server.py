"""Many small groups as LLBot answers for them, sent after a wait. Writes its address to a file.

`/waited` tells how many seconds it waited before an answer, on average: a timer of the system is up to a millisecond
late, and that is no time the client could have saved.

The answers are the simulator's own, made beforehand: a server that is busy making them would be what is measured.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.material import ACCOUNT, NOTICE, TITLE, TITLED
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.seed import Seed, SeedAccount, SeedGroup, SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World

# What is asked of each group, by a read, a plan or an import.
ASKED = (
    "get_group_member_list",
    "_get_group_notice",
    "get_group_root_files",
    "get_group_file_system_info",
    "get_essence_msg_list",
    "get_group_msg_history",
)


def answers(groups: int) -> dict[tuple[str, int], bytes]:
    """The body for each action and group; group 0 stands for an action without one."""
    account = SeedAccount("main", ACCOUNT, "bot", "llbot", "t", 0)
    members = (
        SeedMember(ACCOUNT, "owner", "bot"),
        SeedMember(TITLED, "member", "titled", "", TITLE),
        *(SeedMember(200000000 + n, "member", f"m{n}") for n in range(3)),
    )
    notices = (SeedNotice(NOTICE, ACCOUNT, confirm=True),)
    numbers = [700000000 + n for n in range(groups)]
    world = World(
        Seed({"main": account}, tuple(SeedGroup(n, f"g-{n}", "", 500, False, members, notices) for n in numbers)),
        None,
    )
    server = LLBot(world, account)
    found = {
        (action, 0): server.call(action, {}) for action in ("get_version_info", "get_login_info", "get_group_list")
    }
    for number in numbers:
        for action in ASKED:
            found[action, number] = server.call(action, {"group_id": number})
    world.close()
    return {key: json.dumps(reply.body, ensure_ascii=False).encode() for key, reply in found.items()}


class Server:
    """The ASGI application."""

    def __init__(self, bodies: dict[tuple[str, int], bytes], latency: float) -> None:
        self._bodies = bodies
        self._latency = latency
        self._answered = 0
        self._waited = 0.0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["path"] == "/waited":
            answer = str(self._waited / self._answered).encode()
        else:
            group = int(json.loads(body).get("group_id", 0))
            began = time.perf_counter()
            await asyncio.sleep(self._latency)
            self._waited += time.perf_counter() - began
            self._answered += 1
            answer = self._bodies[scope["path"][1:], group]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def main(folder: Path, groups: int, latency: float) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    app = Server(answers(groups), latency)
    config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off")
    ready = folder / "endpoint.tmp"
    ready.write_text(f"http://127.0.0.1:{listening.getsockname()[1]}", encoding="utf-8")
    ready.rename(folder / "endpoint")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
