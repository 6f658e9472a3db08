"""Takes into state what is there already, and nothing else: the part of an apply that sends nothing."""

from __future__ import annotations

from collections.abc import Mapping

from qqgroup_provision.applying.assets import Assets
from qqgroup_provision.applying.execute import Progress, Worker, execute
from qqgroup_provision.applying.preview import preview
from qqgroup_provision.applying.recover import recover
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.change import Action
from qqgroup_provision.state.store import StateStore

_NOBODY: Mapping[str, Worker] = {}  # there is nobody who could write


async def record_adoption(sessions: Sessions, store: StateStore, groups: tuple[str, ...]) -> tuple[int, int]:
    """Adopt and forget what a plan for these groups would. The caller holds the store's lock.

    What state holds and YAML cannot say any more is forgotten too: else the next apply would delete it.
    Gives how many addresses that were, and how many changes of the plan are left.
    """
    state, _ = await recover(store, sessions)
    plan = await preview(sessions, state, groups)
    quiet = [change for change in plan.changes if change.action in _QUIET and not change.operations]
    if quiet:
        with store.begin_journal(state, plan_digest=plan.config_digest) as journal:
            await execute(quiet, _NOBODY, journal, Assets(sessions.workspace.root, {}), Progress())
        left = store.read_journal()
        if left is not None:
            store.save(state, state.folded(left.completed))
            store.end_journal()
    state = store.load()
    unsaid = [c.address for c in plan.changes if c.action is Action.DELETE and c.address in state.entries]
    store.save(state, state.folded((address, None) for address in unsaid))
    done = len(quiet) + len(unsaid)
    return done, len(plan.changes) - done


_QUIET = frozenset({Action.ADOPT, Action.FORGET})
