"""Before anything else: bring what an earlier run left in its journal into the state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.settle import Settled, Settlement, Unsettled, settle
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.resources.operation import Operation
from qqgroup_provision.resources.registry import operations, rebuild
from qqgroup_provision.state.journal import Intent, JournalContent
from qqgroup_provision.state.model import Entry, State
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
    became = {(str(one.address), one.operation.name): one.settlement.value for one in settled}
    numbers = {number: became.get((str(intent.address), intent.operation), "unclear")
               for number, intent in left.unsettled.items()}  # fmt: skip
    # A journal of an earlier serial was folded in before its run could put it away; folding is idempotent.
    state = store.save(state, state.folded([*_left_behind(left, settled, state), *left.completed], left.overrides))
    store.end_journal(left.record(numbers))
    return state, tuple(settled)


def _left_behind(left: JournalContent, settled: Iterable[Settled], state: State) -> Iterator[tuple[Address, Entry]]:
    """What state is to know of steps that were done although the rest of their change was not."""
    steps: list[tuple[Address, Operation, Mapping[str, str]]] = [
        (one.address, one.operation, one.ids) for one in settled if one.settlement is Settlement.DONE
    ]
    for intent, ids in left.done:
        with suppress(KeyError, TypeError):  # of another version: it ended, so nobody has to know it
            steps.append((intent.address, rebuild(operations()[intent.operation], intent.fields), ids))
    for address, operation, ids in steps:
        known = operation.leaves(ids)
        if known is not None:
            before = state.entries.get(address)
            protected = before is not None and before.protected
            yield address, Entry(known[0], known[1], (), left.run.at, protected)


def _rebuilt(intents: Iterable[Intent]) -> list[Unsettled]:
    """The steps as they were. Raises `InvalidInput` (QG715) for one that cannot be: to pass over it would be to
    say that it was never begun."""
    found: list[Unsettled] = []
    for intent in intents:
        try:
            operation = rebuild(operations()[intent.operation], intent.fields)
        except (KeyError, TypeError):
            raise InvalidInput(
                Diagnostic(
                    "QG715",
                    say("The journal holds a step that this version cannot read: {step}.", step=intent.operation),
                    subject=str(intent.address),
                    hint=say("Use the version that wrote it; or look at the live group, then move the journal away."),
                )
            ) from None
        found.append(Unsettled(intent.address, operation))
    return found
