"""Reads what a plan needs and makes it. Given readers alone, it is unable to change a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from qqgroup_provision.applying.answers import answers_sent
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.make_plan import Draft, targeted
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.answers import with_answers
from qqgroup_provision.workspace.model import Workspace

NOTHING_READ: Mapping[str, LiveGroup] = MappingProxyType({})


def accounts_needed(workspace: Workspace, targets: tuple[str, ...]) -> set[str]:
    """The accounts that operate any targeted group."""
    return {group.account for key, group in workspace.groups.items() if targeted(key, targets)}


def utc_now() -> datetime:
    """The time by the system's clock."""
    return datetime.now(UTC)


async def preview(
    sessions: Sessions,
    state: State,
    targets: tuple[str, ...] = (),
    clock: Callable[[], datetime] = utc_now,
    allowed: tuple[Allowance, ...] = (),
    read: Mapping[str, LiveGroup] = NOTHING_READ,
) -> Plan:
    """The plan for the groups as they are now. Raises `InvalidInput` (QG131) for an answer nobody knows.

    `read` are groups that were read just now, by key: they are not asked for again.
    """
    targeted_groups = {key for key in sessions.workspace.groups if targeted(key, targets)}
    sent = answers_sent(state, sessions.workspace)
    workspace = with_answers(sessions.workspace, targeted_groups, sessions.environment, state.lineage, sent)
    lists = await sessions.list_groups() if not read else None  # meanwhile it is found out what else is needed
    needs = collections_needed(workspace, state, targets)
    draft = Draft(workspace, state, sessions.facts, targets, clock())
    known = {key: group for key, group in read.items() if key in needs and group.was_asked(needs[key])}
    for key, group in known.items():
        draft.add(key, group)
    # Each group is planned as soon as it was read, while others are waited for.
    await sessions.read({key: need for key, need in needs.items() if key not in known}, draft.add, lists)
    return draft.finish(sessions.requests_sent, allowed)
