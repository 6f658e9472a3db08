"""Before anything else: bring what an earlier run left in its journal into the state."""

from __future__ import annotations

from collections.abc import Iterable

from qqgroup_provision.applying.settle import Settled, Unsettled, settle
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.registry import operations, rebuild
from qqgroup_provision.state.journal import Intent
from qqgroup_provision.state.model import State
from qqgroup_provision.state.store import StateStore


async def recover(store: StateStore, sessions: Sessions) -> tuple[State, tuple[Settled, ...]]:
    """The state with an earlier run's finished changes folded in, and what became of its unfinished steps."""
    state = store.load()
    left = store.read_journal()
    if left is None:
        return state, ()
    workspace = sessions.workspace
    readers = {
        key: sessions.connections[group.account].reader
        for key, group in workspace.groups.items()
        if group.account in sessions.connections
    }
    wait = max((account.pace.settle for account in workspace.accounts.values()), default=0.0)
    settled = await settle(_rebuilt(left.unsettled.values()), readers, wait)
    # A journal of an earlier serial was folded in before its run could put it away; folding is idempotent.
    state = store.save(state, state.folded(left.completed))
    store.end_journal()
    return state, tuple(settled)


def _rebuilt(intents: Iterable[Intent]) -> list[Unsettled]:
    found: list[Unsettled] = []
    for intent in intents:
        kind = operations().get(intent.operation)
        if kind is not None:
            found.append(Unsettled(intent.address, rebuild(kind, intent.fields)))
    return found
