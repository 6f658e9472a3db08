"""Reads what a plan needs and makes it. Given readers alone, it is unable to change a group."""

from __future__ import annotations

from qqgroup_provision.planning.make_plan import make_plan, targeted
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Workspace


def accounts_needed(workspace: Workspace, targets: tuple[str, ...]) -> set[str]:
    """The accounts that operate any targeted group."""
    return {group.account for key, group in workspace.groups.items() if targeted(key, targets)}


async def preview(sessions: Sessions, state: State, targets: tuple[str, ...] = ()) -> Plan:
    """The plan for the groups as they are now."""
    workspace = sessions.workspace
    live = await sessions.read(collections_needed(workspace, state, targets))
    return make_plan(workspace, live, state, sessions.facts, targets, reads=sessions.requests_sent)
