"""A snapshot, and the plan that comes of comparing a workspace with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fuzz import live
from qqgroup_provision.applying.preview import preview_of_the_past
from qqgroup_provision.planning.snapshot import read_snapshot, take, write_snapshot
from qqgroup_provision.reports.plan_text import render_plan
from qqgroup_provision.state.model import State

WEIGHT = 3
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def seeds() -> Iterator[bytes]:
    for implementation in ("napcat", "llbot-milky"):
        workspace, groups, facts = live.read(implementation)
        yield write_snapshot(take(workspace, groups, {"main": facts}, State(), _NOW))


def one(data: bytes, folder: Path) -> str:
    snapshot = read_snapshot(data, "groups.snapshot")
    plan = preview_of_the_past(live.WORKSPACE, snapshot, (), _NOW)
    write_snapshot(snapshot)
    return render_plan(plan)
