"""Reads what a plan needs and makes it. Given readers alone, it is unable to change a group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from qqgroup_provision.planning.make_plan import make_plan, targeted
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.answers import with_answers
from qqgroup_provision.workspace.model import Workspace


def accounts_needed(workspace: Workspace, targets: tuple[str, ...]) -> set[str]:
    """The accounts that operate any targeted group."""
    return {group.account for key, group in workspace.groups.items() if targeted(key, targets)}


def utc_now() -> datetime:
    """The time by the system's clock."""
    return datetime.now(UTC)


async def preview(
    sessions: Sessions, state: State, targets: tuple[str, ...] = (), clock: Callable[[], datetime] = utc_now
) -> Plan:
    """The plan for the groups as they are now. Raises `InvalidInput` (QG131) for an answer nobody knows."""
    targeted_groups = {key for key in sessions.workspace.groups if targeted(key, targets)}
    workspace = with_answers(sessions.workspace, targeted_groups, sessions.environment)
    live = await sessions.read(collections_needed(workspace, state, targets))
    return make_plan(workspace, live, state, sessions.facts, targets, sessions.requests_sent, clock())
