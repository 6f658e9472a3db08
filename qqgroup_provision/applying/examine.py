"""Asks accounts who they are and what they may do in each group. Given readers alone, it is unable to change one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.errors import InvalidInput, QQGroupError
from qqgroup_provision.messages import say
from qqgroup_provision.planning.demands import shortfalls
from qqgroup_provision.planning.examined import Examined, Standing
from qqgroup_provision.planning.needs import collections_needed
from qqgroup_provision.planning.permissions import rank_in
from qqgroup_provision.planning.plan_group import not_in_group
from qqgroup_provision.platforms.sessions import open_sessions
from qqgroup_provision.ports import Absent, Known
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.answers import with_answers
from qqgroup_provision.workspace.model import Account, Group, Workspace

_APART = 30.0  # seconds


async def examine(
    workspace: Workspace, accounts: Iterable[str], environment: Mapping[str, str]
) -> tuple[Examined, ...]:
    """Every account asked, side by side. What is wrong with one is in its result, and stops no other."""
    return tuple(
        await asyncio.gather(*(_examine(workspace, workspace.accounts[key], environment) for key in accounts))
    )


async def _examine(workspace: Workspace, account: Account, environment: Mapping[str, str]) -> Examined:
    groups = {key: group for key, group in workspace.groups.items() if group.account == account.key}
    faults: list[Diagnostic] = []
    try:
        workspace = with_answers(workspace, set(groups), environment)
    except InvalidInput as error:
        faults.extend(error.diagnostics)
    wanted = collections_needed(workspace, State(), ())
    needs = {key: need | {Collection.SPACE} for key, need in wanted.items() if key in groups}
    try:
        async with open_sessions(workspace, [account.key], environment) as sessions:
            facts = sessions.facts[account.key]
            live = await sessions.read(needs)
            ahead = sessions.connections[account.key].clock_ahead
    except QQGroupError as error:
        return Examined(account, None, (), (*faults, *error.diagnostics))
    standings = tuple(_standing(group, live[key]) for key, group in sorted(groups.items()))
    for key, group in sorted(groups.items()):
        if isinstance(live[key].profile, Absent):
            faults.append(not_in_group(group, facts))
        else:
            faults.extend(shortfalls(workspace.groups[key], live[key], facts))
    faults.extend(_clock(account, ahead))
    return Examined(account, facts, standings, tuple(faults), ahead)


def _clock(account: Account, ahead: float | None) -> Iterator[Diagnostic]:
    """QG408 where the clocks are so far apart that something would come at the wrong time."""
    if ahead is None or abs(ahead) < _APART:
        return
    seconds = round(abs(ahead))
    yield Diagnostic(
        "QG408",
        say("The clock of the endpoint is {seconds} seconds ahead of the one here.", seconds=seconds)
        if ahead > 0
        else say("The clock of the endpoint is {seconds} seconds behind the one here.", seconds=seconds),
        subject=account.endpoint,
        hint=say("Set both by NTP: what has its time, such as `publish`, goes by the clock here."),
        severity=Severity.WARNING,
    )


def _standing(group: Group, live: LiveGroup) -> Standing:
    if not isinstance(live.profile, Known):
        return Standing(group.key, group.id, False if isinstance(live.profile, Absent) else None)
    profile = live.profile.value
    return Standing(
        key=group.key,
        id=group.id,
        inside=True,
        rank=rank_in(live),
        name=profile.name,
        members=profile.member_count,
        capacity=profile.capacity,
        space=live.space.value if isinstance(live.space, Known) else None,
    )
