"""A saved plan: read, shown in each form, and its steps rebuilt as an apply does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fuzz import live
from qqgroup_provision.planning.plan_file import read_plan, write_plan
from qqgroup_provision.reports.plan_markdown import plan_markdown
from qqgroup_provision.reports.plan_text import render_plan

WEIGHT = 3


def seeds() -> Iterator[bytes]:
    for implementation in ("napcat", "lagrange"):
        yield write_plan(live.planned(implementation))


def one(data: bytes, folder: Path) -> str:
    plan = read_plan(data, "plan.json")
    write_plan(plan)
    return render_plan(plan) + plan_markdown(plan)
