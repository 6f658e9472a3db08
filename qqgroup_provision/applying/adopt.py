"""Takes into state what is there already, and nothing else: the part of an apply that sends nothing."""

from __future__ import annotations

from collections.abc import Mapping

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.assets import Assets
from qqgroup_provision.applying.execute import Progress, Worker, execute
from qqgroup_provision.applying.preview import preview
from qqgroup_provision.applying.recover import recover
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.model import Entry
from qqgroup_provision.state.store import StateStore

_NOBODY: Mapping[str, Worker] = {}  # there is nobody who could write
_NOTHING: Mapping[Address, Entry] = {}


async def record_adoption(
    sessions: Sessions,
    store: StateStore,
    groups: Mapping[str, LiveGroup],
    known: Mapping[Address, Entry] = _NOTHING,
) -> tuple[int, int]:
    """Adopt and forget what a plan for these groups would, as they were read. The caller holds the store's lock.

    What state holds and YAML cannot say any more is forgotten too: else the next apply would delete it. `known` is
    what was learnt otherwise, such as what is in a file. Gives how many addresses that were, and how many changes of
    the plan are left.
    """
    state, _ = await recover(store, sessions)
    if known:
        state = store.save(state, state.folded(known.items()))
    plan = await preview(sessions, state, tuple(groups), read=groups)
    quiet = [change for change in plan.changes if change.action in _QUIET and not change.operations]
    if quiet:
        with store.begin_journal(state, Run(plan=plan.config_digest)) as journal:
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
