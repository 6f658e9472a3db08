"""What may take the place of a state that is stored: only what follows from it, unless somebody names what they
write over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.state.history import Record
from qqgroup_provision.state.model import State
from qqgroup_provision.state.store import StateStore, require_here


def pushed(stored: State, given: State, over: str, place: str) -> State:
    """What a push saves. `over` is the lineage that somebody allows to be written over, or empty.

    Raises `InvalidInput` (QG729).
    """
    if stored == State():
        return given
    if over and over != stored.lineage:
        raise _refused(say("The lineage that is stored is {stored}, not {given}.",
                           stored=stored.lineage, given=over), place)  # fmt: skip
    if given.lineage != stored.lineage:
        if not over:
            raise _refused(say("The state is of another lineage: {given}. Stored is {stored}.",
                               given=given.lineage or "-", stored=stored.lineage), place)  # fmt: skip
        return given
    if given == stored or given.serial > stored.serial:
        return given
    if over:  # a plan that was made of either serial must not take this for what it knows
        return replace(given, serial=stored.serial + 1)
    if given.serial < stored.serial:
        raise _refused(say("The state is older: serial {given}. Stored is {stored}.",
                           given=given.serial, stored=stored.serial), place)  # fmt: skip
    raise _refused(say("The state has the stored serial {serial}, and other content.", serial=stored.serial), place)


def migrate(source: StateStore, target: StateStore) -> State:
    """Copy state and history, and mark the source as moved. The caller holds both locks, and no run is open.

    Cut off in between, it goes on where it was when it is called again. Raises `InvalidInput`: QG724 for a source
    that was moved elsewhere, QG729 for a target that holds another or a later state, or a source that holds none.
    """
    state = source.peek()
    if state.moved_to == target.place:
        return target.load()
    require_here(state, source.place)
    if state == State():
        raise _refused(say("There is no state to move."), source.place)
    there = target.peek()
    if there.moved_to and (there.lineage, there.serial <= state.serial) == (state.lineage, True):
        target.save(there, state)  # it was there before, and comes back
    else:
        target.save(there, pushed(require_here(there, target.place), state, "", target.place))
    target.remember(_unknown(source.history(), target.history()))
    source.save(state, replace(state, moved_to=target.place))
    return state


def _unknown(records: Iterable[Record], known: Iterable[Record]) -> list[Record]:
    there = list(known)
    return [record for record in records if record not in there]


def _refused(summary: Text, place: str) -> InvalidInput:
    hint = say("`qqgroup state pull` shows what is stored. To write over it: qqgroup state push --over LINEAGE.")
    return InvalidInput(Diagnostic("QG729", summary, subject=place, hint=hint))
