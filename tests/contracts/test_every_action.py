"""Every action of every simulated implementation, held against what is published of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.dialects.gocq import GoCQHTTP
from qqgroup_provision.simulator.dialects.lagrange import Lagrange
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky
from qqgroup_provision.simulator.dialects.napcat import NapCat
from tests.contracts.contract import contract
from tests.contracts.tours import GROUP, MILKY, ONEBOT, served, taken

NAMES: Mapping[str, type[Service]] = {
    "napcat": NapCat, "llbot": LLBot, "lagrange.onebot": Lagrange, "go-cqhttp": GoCQHTTP,
}  # fmt: skip


@pytest.mark.parametrize("kind", [*NAMES.values(), LLBotMilky, LagrangeMilky])
def test_every_action_can_be_answered_well(kind: type[Service]) -> None:
    calls = taken(kind, MILKY if kind in (LLBotMilky, LagrangeMilky) else ONEBOT)

    # A kick that worked is told as a failure by one of them (qq_protocol §0.3).
    expected = {"kick_group_member"} if kind is LagrangeMilky else set()
    assert expected == {call.action for call in calls} - {call.action for call in calls if call.ok}


@pytest.mark.parametrize("name", NAMES)
def test_no_implementation_is_given_an_action_it_does_not_have(name: str) -> None:
    known: Mapping[str, Any] = contract("onebot_action_matrix.json")["actions"]
    served = {call.action for call in taken(NAMES[name], ONEBOT)}

    assert set() == {action for action in served if name not in known.get(action, ())}


@pytest.mark.parametrize(
    ("name", "endings"),
    [
        ("napcat", {"_async", "_rate_limited"}),
        ("llbot", {"_async", "_rate_limited"}),
        ("lagrange.onebot", set()),
        ("go-cqhttp", {"_async"}),
    ],
)
def test_an_action_may_end_in_what_each_source_strips(name: str, endings: set[str]) -> None:
    with served(NAMES[name]) as (server, _):
        found = {
            ending
            for ending in ("_async", "_rate_limited", "_other")
            if server.call(f"set_group_name{ending}", {"group_id": GROUP, "group_name": "新"}).body["status"] == "ok"
            and server.writes(f"set_group_name{ending}")
        }

    assert endings == found
