"""Reads what a plan needs and makes it. Given readers alone, it is unable to change a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from qqgroup_provision.applying.answers import answers_sent
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.make_plan import Draft, targeted
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.plan import Past, Plan
from qqgroup_provision.planning.snapshot import Snapshot
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.answers import with_answers, with_answers_on_record
from qqgroup_provision.workspace.model import Workspace

NOTHING_READ: Mapping[str, LiveGroup] = MappingProxyType({})


def accounts_needed(workspace: Workspace, targets: tuple[str, ...]) -> set[str]:
    """The accounts that operate any targeted group."""
    return {group.account for key, group in workspace.groups.items() if targeted(key, targets)}


def utc_now() -> datetime:
    """The time by the system's clock."""
    return datetime.now(UTC)


def preview_of_the_past(
    workspace: Workspace,
    snapshot: Snapshot,
    targets: tuple[str, ...],
    now: datetime,
    allowed: tuple[Allowance, ...] = (),
) -> Plan:
    """The plan for the groups as they were. Raises `InvalidInput` (QG502) for an account the snapshot lacks."""
    workspace = with_answers_on_record(workspace, answers_sent(snapshot.state, workspace))
    lacking = accounts_needed(workspace, targets) - snapshot.accounts.keys()
    if lacking:
        raise InvalidInput(
            [
                Diagnostic(
                    "QG707",
                    say("The snapshot was taken without the account `{account}`.", account=account),
                    place=workspace.accounts[account].place,
                    hint=say("Take a new one with the YAML that names it."),
                )
                for account in sorted(lacking)
            ]
        )
    draft = Draft(workspace, snapshot.state, snapshot.accounts, targets, now)
    for key, group in workspace.groups.items():
        if targeted(key, targets):
            draft.add(key, snapshot.live(group))
    age = max(0, int((now - snapshot.taken).total_seconds()))
    return replace(draft.finish(allowed=allowed), past=Past(snapshot.taken.isoformat(timespec="minutes"), age))


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
