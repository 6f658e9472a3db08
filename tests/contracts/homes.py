"""A world in which every simulated implementation has an account of its own, and a group that is all its."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import yaml

from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed

ONEBOT = ("napcat", "llbot", "lagrange", "gocq")
MILKY = ("llbot-milky", "lagrange-milky")
ALICE, BOB, CAROL, STRANGER = 200000001, 200000002, 200000003, 200000004
ELSEWHERE = 732000001  # a group in which no account is
TOKEN = "s3cret-token"


@dataclass(frozen=True, slots=True)
class Home:
    """The account of one implementation, and the group it owns, with Alice, Bob and Carol in it."""

    kind: str
    qq: int
    group: int


HOMES: Mapping[str, Home] = {
    kind: Home(kind, 100000001 + n, 731000001 + n) for n, kind in enumerate((*ONEBOT, *MILKY))
}


@dataclass(frozen=True, slots=True)
class Homes:
    """The homes of some implementations, being served."""

    simulator: RunningSimulator

    def endpoint(self, home: Home) -> str:
        return self.simulator.endpoint(home.kind)

    def hand(self, home: Home, deed: str, group: int = 0, **body: Any) -> Any:
        """Somebody does something at home, or in another group (simulator/control.py)."""
        return self.simulator.control(f"groups/{group or home.group}/{deed}", "POST", body, account=home.kind)

    def patch(self, home: Home, **changes: Any) -> None:
        self.simulator.control(f"groups/{home.group}", "PATCH", changes, account=home.kind)

    def live(self, home: Home) -> dict[str, Any]:
        found: dict[str, Any] = self.simulator.control("world", account=home.kind)[str(home.group)]
        return found

    def messages(self, home: Home) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.simulator.control(f"groups/{home.group}/messages", account=home.kind)
        return found

    def told(self, home: Home) -> int:
        """How many events the bot of a home has been told of so far."""
        return len(self.simulator.control("events", account=home.kind))

    def state(self, home: Home, request: int, group: int = 0) -> str:
        """What became of a request to join."""
        path = f"groups/{group or home.group}/requests"
        found = {each["request"]: each["state"] for each in self.simulator.control(path, account=home.kind)}
        return str(found[request])


@contextmanager
def served(kinds: Iterable[str], **account: Any) -> Iterator[Homes]:
    """The homes of these implementations. `account` is what else the seed says of each account; what can be called is
    called with its home."""
    homes = [HOMES[kind] for kind in kinds]
    members = [{"qq": ALICE, "card": "旧名片"}, BOB, CAROL]
    seed = {
        "kind": "World",
        "accounts": {
            home.kind: {
                "qq": home.qq, "nickname": "小助手", "implementation": home.kind, "token": TOKEN,
                **{key: value(home) if callable(value) else value for key, value in account.items()},
            }
            for home in homes
        },
        "people": {ALICE: "Alice", BOB: "Bob", CAROL: "Carol", STRANGER: "陌生人"},
        "groups": [
            {"id": ELSEWHERE, "name": "别的群", "owner": ALICE},
            *({"id": home.group, "name": "旧群名", "owner": home.qq, "members": members} for home in homes),
        ],
    }  # fmt: skip
    with RunningSimulator(parse_seed(yaml.safe_dump(seed, allow_unicode=True))) as simulator:
        yield Homes(simulator)


def free_port() -> int:
    """A port of this machine that nobody listened at a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_until_somebody_listens(port: int) -> None:
    for _ in range(3000):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens at {port}")
