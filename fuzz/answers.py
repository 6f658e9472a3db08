"""What both protocols' targets do: an input is a line for each action, its name and the body of its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from fuzz import live
from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan_file import write_plan
from qqgroup_provision.planning.snapshot import take, write_snapshot
from qqgroup_provision.platforms import caller
from qqgroup_provision.reports.plan_markdown import plan_markdown
from qqgroup_provision.reports.plan_text import render_plan
from qqgroup_provision.state.model import State

_FAILED = b'{"status":"failed","retcode":200,"data":null,"message":"?"}'
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_INTRODUCTION = ("get_version_info", "get_login_info", "get_impl_info")  # who else answers is told by other tests


def recorded(implementation: str) -> Iterator[bytes]:
    """What an implementation answers to a plan that reads everything."""
    answer, lines = live.simulated(implementation), dict[str, bytes]()

    def taken(action: str, params: Mapping[str, Any]) -> bytes:
        body = answer(action, params)
        if action not in _INTRODUCTION:
            lines[action] = body
        return body

    live.read_by(taken, "milky" if implementation.endswith("-milky") else "onebot11")
    yield b"\n".join(action.encode() + b" " + body for action, body in lines.items())


def planned(data: bytes, implementation: str) -> str:
    """The plan that comes of such answers, as people are shown it."""
    bodies = dict(line.split(b" ", 1) for line in data.split(b"\n") if b" " in line)
    real = live.simulated(implementation)

    def answer(action: str, params: Mapping[str, Any]) -> bytes:
        if action in _INTRODUCTION:
            return real(action, params)
        return bodies.get(action.encode(), _FAILED)

    protocol = "milky" if implementation.endswith("-milky") else "onebot11"
    with patch.object(caller, "_AGAIN", ()):  # nobody waits for another answer: it would be the same
        workspace, groups, facts = live.read_by(answer, protocol)
    plan = make_plan(workspace, groups, State(), {"main": facts})
    write_plan(plan)
    write_snapshot(take(workspace, groups, {"main": facts}, State(), _NOW))
    return render_plan(plan) + plan_markdown(plan)
