"""One apply from lock to saved state: settle what an earlier run left, plan or check the plan, carry it out."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from qqgroup_provision.applying.answers import with_kept
from qqgroup_provision.applying.assets import Assets
from qqgroup_provision.applying.execute import Progress, Worker, execute
from qqgroup_provision.applying.freshness import require_fresh
from qqgroup_provision.applying.outcome import Outcome
from qqgroup_provision.applying.pacing import Pacer
from qqgroup_provision.applying.preview import preview
from qqgroup_provision.applying.recover import recover
from qqgroup_provision.applying.resting import resting
from qqgroup_provision.applying.settle import Settled
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.errors import InvalidInput, Refused
from qqgroup_provision.messages import say
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.ports import Capability
from qqgroup_provision.state.history import NOBODY, Run
from qqgroup_provision.state.model import State
from qqgroup_provision.state.store import StateStore

Approve = Callable[[Plan], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: the plan, what became of each change, and what it settled of an earlier run.

    `outcomes` is empty where nothing was to be done or the person asked said no (`approved` is false).
    """

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    settled: tuple[Settled, ...] = ()
    approved: bool = True

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.result.failed)


@dataclass(frozen=True, slots=True)
class Applying:
    """How to apply. `saved` is a reviewed plan; without one a plan is made and `approve` is asked, if it is there.
    `resumed` are accounts that need not rest any longer. `run` is who applies, for the records.

    `on_settled` hears of an earlier run's steps before anything else happens, `on_plan` of what is about to
    be carried out.
    """

    approve: Approve | None = None
    saved: Plan | None = None
    targets: tuple[str, ...] = ()
    allowed: tuple[Allowance, ...] = ()
    resumed: tuple[str, ...] = ()
    run: Run = NOBODY
    progress: Progress = field(default_factory=Progress)
    on_settled: Callable[[tuple[Settled, ...]], None] = lambda *_: None
    on_plan: Callable[[Plan], None] = lambda *_: None

    @property
    def scope(self) -> tuple[str, ...]:
        """The addresses it is about: a saved plan's own."""
        return self.saved.targets if self.saved else self.targets

    @property
    def permitted(self) -> tuple[Allowance, ...]:
        """What guards let pass: of a saved plan what was allowed when it was made, so that a reviewer saw it."""
        return self.saved.allowed if self.saved else self.allowed


async def apply(sessions: Sessions, store: StateStore, how: Applying) -> Applied:
    """Apply under the store's lock, which the caller holds.

    Raises `StalePlan` for a saved plan that no longer fits, `Refused` for a plan that a guard stands against or whose
    account rests (QG544), and `InvalidInput` (QG612) for one with other errors; in each case before any write.
    """
    workspace = sessions.workspace
    state, settled = await recover(store, sessions)
    how.on_settled(settled)
    plan = await preview(sessions, state, how.scope, allowed=how.permitted)
    if how.saved is not None:
        _require_no_errors(how.saved)
        require_fresh(how.saved, workspace, state, plan)
        plan = replace(how.saved, documents=plan.documents)
    _require_no_errors(plan)
    if not plan.changes:
        return Applied(plan, settled=settled)
    unrested = tuple(resting(plan, sessions, store.paces(), time.time(), Severity.ERROR, how.resumed))
    if unrested:
        raise Refused(unrested)
    if how.saved is None and how.approve is not None and plan.writes:
        if not await how.approve(plan):
            return Applied(plan, settled=settled, approved=False)
        # Somebody may have thought about it for a while: what they saw must still be so.
        require_fresh(plan, workspace, state, await preview(sessions, state, how.scope, allowed=how.permitted))
    how.on_plan(plan)
    outcomes = await _carry_out(plan, sessions, store, state, how)
    return Applied(plan, tuple(outcomes), settled)


async def _carry_out(plan: Plan, sessions: Sessions, store: StateStore, state: State, how: Applying) -> list[Outcome]:
    assets = Assets(sessions.workspace.root, sessions.environment, plan.documents)
    allowed = tuple(str(allowance) for allowance in plan.allowed)
    run = replace(how.run, plan=plan.config_digest, overrides=allowed)
    workers = _workers(sessions, store, frozenset(how.resumed))
    with store.begin_journal(state, run) as journal:
        outcomes = await execute(with_kept(plan.changes, state), workers, journal, assets, how.progress)
    left = store.read_journal()
    if left is not None:
        store.save(state, state.folded(left.completed, left.overrides))
        store.end_journal(left.record())
    return outcomes


def _workers(sessions: Sessions, store: StateStore, resumed: frozenset[str]) -> dict[str, Worker]:
    """A worker for each group; groups of one account share its pace."""
    workspace = sessions.workspace
    paces = store.paces()
    pacers = {
        key: Pacer(workspace.accounts[key].pace, connection.facts.self_id, paces)
        for key, connection in sessions.connections.items()
    }
    for key in resumed & pacers.keys():
        pacers[key].resume()
    missing: dict[str, set[Capability]] = {key: set() for key in sessions.connections}
    workers: dict[str, Worker] = {}
    for key, group in workspace.groups.items():
        connection = sessions.connections.get(group.account)
        if connection is not None:
            settle = workspace.accounts[group.account].pace.settle
            pacer, lacking = pacers[group.account], missing[group.account]
            workers[key] = Worker(connection.reader, connection.writer, pacer, settle, lacking)
    return workers


def _require_no_errors(plan: Plan) -> None:
    if plan.errored:
        summary = say("The plan has errors, so nothing is applied.")
        hint = say("Solve what it reports first, or leave it out with --target.")
        ends = Refused if plan.refused else InvalidInput
        raise ends([*plan.diagnostics, Diagnostic("QG612", summary, hint=hint)])
