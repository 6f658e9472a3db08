"""A small world whose clock stands still, and an implementation in it whose listener writes down what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.dialects.gocq import GoCQHTTP
from qqgroup_provision.simulator.dialects.lagrange import Lagrange
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.feed import Feed
from qqgroup_provision.simulator.seed import Seed, parse_seed
from qqgroup_provision.simulator.world import World

GROUP, SELF, ADMIN, ALICE, BOB, STRANGER = 731000001, 100000000, 100000001, 100000002, 100000003, 100000004
NOW = 1_800_000_000
ONEBOT = ("napcat", "llbot", "lagrange", "gocq")
MILKY = ("llbot-milky", "lagrange-milky")
KINDS: dict[str, type[Service]] = {
    "napcat": NapCat, "llbot": LLBot, "lagrange": Lagrange, "gocq": GoCQHTTP,
    "llbot-milky": LLBotMilky, "lagrange-milky": LagrangeMilky,
}  # fmt: skip


def seed(kind: str = "napcat", group: dict[str, Any] | None = None, **account: Any) -> Seed:
    """A group that the account owns. `group` and `account` say what else there is of them."""
    written = {
        "kind": "World",
        "clock": NOW,
        "accounts": {"main": {"qq": SELF, "nickname": "小助手", "implementation": kind, **account}},
        "people": {ADMIN: "Ada", ALICE: "Alice", BOB: "Bob", STRANGER: "陌生人"},
        "groups": [
            {
                "id": GROUP,
                "name": "群",
                "owner": SELF,
                "admins": [ADMIN],
                "members": [{"qq": ALICE, "card": "艾", "title": "头"}, BOB],
                **(group or {}),
            }
        ],
    }
    return parse_seed(yaml.safe_dump(written, allow_unicode=True))


class Scene:
    """One implementation in its world, and what its listeners are told."""

    def __init__(self, made: Seed) -> None:
        account = made.accounts["main"]
        self.world = World(made)
        self.service = KINDS[account.implementation](self.world, account)
        self.feed = Feed(self.service)

    def told(self) -> list[dict[str, Any]]:
        """What was told since this was last asked."""
        found = list(self.feed.told)
        self.feed.told.clear()
        return found

    def call(self, action: str, **params: Any) -> Any:
        """What an action gives. It has to succeed."""
        reply = self.service.call(action, params)
        assert (200, "ok", 0) == (reply.status, reply.body["status"], reply.body["retcode"]), reply.body
        return reply.body.get("data")

    def refused(self, action: str, **params: Any) -> Any:
        """The whole answer to an action that fails."""
        reply = self.service.call(action, params)
        assert reply.body is None or reply.body["status"] == "failed", reply.body
        return reply.body


@contextmanager
def scene(kind: str = "napcat", group: dict[str, Any] | None = None, **account: Any) -> Iterator[Scene]:
    found = Scene(seed(kind, group, **account))
    yield found
    found.world.close()
