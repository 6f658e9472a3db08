"""A simulated world that is being served: on one TCP port an account, from a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.seed import Seed
from qqgroup_provision.simulator.server import MAX_BODY, Endpoint
from qqgroup_provision.simulator.world import World


class RunningSimulator:
    """Serves a world while it is entered. Everything ends when it is left."""

    def __init__(
        self, seed: Seed, *, host: str = "127.0.0.1", database: Path | None = None, latency: float = 0.0
    ) -> None:
        self.seed = seed
        self._host = host
        self._database = database
        self._latency = latency
        self._calls: list[dict[str, Any]] = []
        self._faults = Faults(seed.faults)
        self._sockets = {key: _listen(host, account.port) for key, account in seed.accounts.items()}
        self._thread = threading.Thread(target=self._serve, name="simulator", daemon=True)
        self._servers: list[uvicorn.Server] = []
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> RunningSimulator:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            for listener in self._sockets.values():
                listener.close()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.should_exit = True
        self._thread.join()

    def endpoint(self, account: str = "main") -> str:
        """The address of an account's server."""
        port = self._sockets[account].getsockname()[1]
        return f"http://{self._host}:{port}"

    def token(self, account: str = "main") -> str:
        return self.seed.accounts[account].token

    def control(self, path: str, method: str = "GET", body: Any = None, account: str = "main") -> Any:
        """Use the control interface (server.py), as any program could."""
        request = urllib.request.Request(  # noqa: S310  (always our own http endpoint)
            f"{self.endpoint(account)}/_simulator/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token(account)}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def world(self) -> dict[str, Any]:
        """Every group as it is, by its number as a text."""
        found: dict[str, Any] = self.control("world")
        return found

    def patch(self, group: int, changes: Mapping[str, Any]) -> None:
        """Change a group by hand (world.py)."""
        self.control(f"groups/{group}", "PATCH", dict(changes))

    def act(self, group: int, deed: str, account: str = "main", **body: Any) -> Any:
        """What somebody does who uses QQ themselves (control.py): `act(731000001, "say", qq=1, message="hi")`."""
        return self.control(f"groups/{group}/{deed}", "POST", body, account)

    def say(self, group: int, qq: int, message: Any, account: str = "main") -> int:
        """Somebody says something: a text with CQ codes, or segments. Gives the message's number."""
        sequence: int = self.act(group, "say", account, qq=qq, message=message)["sequence"]
        return sequence

    def messages(self, group: int, account: str = "main", *, after: int = 0) -> list[dict[str, Any]]:
        """Every message of a group after a number, in order: sequence, sender, time, text, message, segments and
        recalled_by."""
        body = {"after": after} if after else None
        found: list[dict[str, Any]] = self.control(f"groups/{group}/messages", body=body, account=account)
        return found

    def events(self, account: str = "main") -> list[dict[str, Any]]:
        """What an account's listeners were told so far, or would have been."""
        found: list[dict[str, Any]] = self.control("events", account=account)
        return found

    def advance(self, seconds: int, account: str = "main") -> int:
        """Move the world's clock; gives what it shows then."""
        now: int = self.control("clock", "PUT", {"advance": seconds}, account)["now"]
        return now

    def connect(self, url: str, account: str = "main", **more: Any) -> None:
        """Make an account's server connect to a bot: reverse WebSocket, with what a seed's `reverse` may say."""
        self.control("reverse", "POST", {"url": url, **more}, account)

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Put these faults in force instead of those before (faults.py)."""
        self.control("faults", "PUT", list(rules))

    def take_calls(self) -> list[dict[str, Any]]:
        """Every call since this was last asked."""
        found: list[dict[str, Any]] = self.control("calls", "DELETE")
        return found

    def timeline(self) -> list[dict[str, Any]]:
        """Everything that changed, in order."""
        found: list[dict[str, Any]] = self.control("timeline")
        return found

    def _serve(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # raised again where the simulator is entered
            self._failure = error
        finally:
            self._ready.set()

    async def _run(self) -> None:
        world = World(self.seed, self._database)
        world.files.served_at = self.endpoint(next(iter(self.seed.accounts)))
        tasks: list[asyncio.Task[None]] = []
        endpoints: list[Endpoint] = []
        for key, account in self.seed.accounts.items():
            endpoint = Endpoint(world, account, self._calls, self._faults, self._latency)
            endpoints.append(endpoint)
            config = uvicorn.Config(
                endpoint.app(),
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws_max_size=MAX_BODY,
                timeout_graceful_shutdown=1,
            )
            server = uvicorn.Server(config)
            server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
            self._servers.append(server)
            tasks.append(asyncio.create_task(server.serve(sockets=[self._sockets[key]])))
        while not all(server.started for server in self._servers):  # noqa: ASYNC110  (uvicorn has no event)
            await asyncio.sleep(0.005)
        for endpoint in endpoints:
            endpoint.start()
        self._ready.set()
        await asyncio.gather(*tasks)
        for endpoint in endpoints:
            await endpoint.stop()
        world.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener
