"""What can be wrong with a shared store, as people are told. None of it says anything secret."""

from __future__ import annotations

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import EndpointError, LockHeld
from qqgroup_provision.messages import Text, say


def unreachable(place: str, reason: str) -> EndpointError:
    hint = say("Check the address under `state:` in workspace.yaml, and that the store runs.")
    return _fault("QG725", say("The state's store cannot be reached: {reason}.", reason=reason), place, hint)


def refused(place: str, reason: str) -> EndpointError:
    hint = say("Check the user name, the password or key, and what it may do there.")
    return _fault("QG726", say("The state's store refuses us: {reason}.", reason=reason), place, hint)


def unreadable(place: str, reason: str | Text) -> EndpointError:
    hint = say("Nothing was concluded from it. Check the address, and what stands between.")
    return _fault(
        "QG727", say("The state's store answers what cannot be read: {reason}.", reason=reason), place, hint
    )


def unsafe(place: str, reason: Text) -> EndpointError:
    hint = say("Use another store: with this one two runs could write at once.")
    return _fault("QG728", say("The store cannot keep state safely: {reason}.", reason=reason), place, hint)


def lock_lost(place: str) -> LockHeld:
    """The lock was taken away or ended while a run went on: nothing more may be sent."""
    hint = say("Look who holds it with `qqgroup state lock`, then run the command again: it looks at what was begun.")
    summary = say("The lock was lost while the run went on, so the run was stopped.")
    return LockHeld(Diagnostic("QG722", summary, subject=place, hint=hint))


def lock_stays(place: str, lock_id: str) -> EndpointError:
    hint = say("Once the store answers: qqgroup state unlock {id}", id=lock_id)
    return _fault("QG725", say("The work is done, but the lock could not be given back."), place, hint)


def _fault(code: str, summary: Text, place: str, hint: Text) -> EndpointError:
    return EndpointError(Diagnostic(code, summary, subject=place, hint=hint))
