"""Whether a plan still describes what would happen: configuration, state, and each live object it touches."""

from __future__ import annotations

from collections.abc import Mapping

from qqgroup_provision.addresses import Address
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import StalePlan
from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.resources.change import Action
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Workspace


def require_fresh(plan: Plan, workspace: Workspace, state: State, now: Plan) -> None:
    """Raise `StalePlan` (QG704) that names everything the plan no longer fits.

    `now` is a plan made just now from the same configuration: by its fingerprints each live object that has
    changed since is known.
    """
    found: list[Diagnostic] = []
    if plan.past is not None:
        found.append(_stale(say("The plan was made against a snapshot, so it is only for reading."), ""))
    if plan.version != now.version:
        found.append(
            _stale(
                say("Version {theirs} of the tool made the plan, and this is version {ours}.",
                    theirs=plan.version, ours=now.version),
                "",
            )
        )  # fmt: skip
    if plan.config_digest != workspace.digest:
        changed = (
            say("The YAML is not that of commit {commit}, from which the plan was made.", commit=plan.commit[:12])
            if plan.commit
            else say("The YAML has changed since the plan was made.")
        )
        found.append(_stale(changed, ""))
    if plan.lineage and plan.lineage != state.lineage:
        found.append(_stale(say("The plan was made for another state."), ""))
    elif (plan.lineage, plan.serial) != (state.lineage, state.serial):
        found.append(_stale(say("Something was applied since the plan was made."), ""))
    if not found:
        found = _moved(plan, now)
    if found:
        raise StalePlan(found)


def _moved(plan: Plan, now: Plan) -> list[Diagnostic]:
    current: Mapping[Address, str] = {change.address: change.fingerprint for change in now.changes}
    unseen = {item.subject: item for item in now.diagnostics if item.is_error}
    found = [
        _stale(say("The live object has changed since the plan was made."), str(change.address))
        for change in plan.changes
        if change.action is not Action.FORGET and current.get(change.address) != change.fingerprint
    ]
    return [*found, *unseen.values()]


def _stale(summary: Text, subject: str) -> Diagnostic:
    return Diagnostic("QG704", summary, subject=subject, hint=say("Make a new plan, and have it reviewed again."))
