"""Accounts that rest since QQ said that it limits them: told by a plan, and left alone by an apply until then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from qqgroup_provision.applying.pacing import rest_of
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.operation import Pace
from qqgroup_provision.state.paces import Paces
from qqgroup_provision.workspace.model import Workspace


def resting(
    plan: Plan, sessions: Sessions, paces: Paces, now: float, severity: Severity, resumed: Iterable[str] = ()
) -> Iterator[Diagnostic]:
    """QG544 for each account that the plan writes with and that rests. Those in `resumed` are let go on.

    `now` is in seconds since 1970.
    """
    workspace = sessions.workspace
    for key in sorted(_writing(plan, workspace) - set(resumed)):
        known = paces.of(sessions.facts[key].self_id)
        until = rest_of(known, now)
        if until is None:
            continue
        at = datetime.fromtimestamp(until, UTC).astimezone(workspace.zone).isoformat(timespec="minutes")
        yield Diagnostic(
            "QG544",
            say("The account `{account}` rests until {time}, as QQ limits it: {why}", account=key, time=at,
                why=known.why),
            place=workspace.accounts[key].place,
            hint=say("Look at the account in the QQ client. To go on all the same: qqgroup apply --resume {account}",
                     account=key),
            severity=severity,
        )  # fmt: skip


def _writing(plan: Plan, workspace: Workspace) -> set[str]:
    """The accounts that have something to send."""
    return {
        workspace.groups[change.address.group].account
        for change in plan.changes
        if change.address.group in workspace.groups
        and any(operation.pace is not Pace.FREE for operation in change.operations)
    }
