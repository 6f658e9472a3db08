"""Changes to state alone, made on purpose: an entry gets another name, or is let go of. Nothing live is touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.suggest import suggest


@dataclass(frozen=True, slots=True)
class Cut:
    """One entry, and the address it has afterwards; `None` if state is to hold nothing of it."""

    old: Address
    new: Address | None


def move(state: State, old: str, new: str) -> tuple[Cut, ...]:
    """Another name for one entry, or for all entries of a group where both names are groups' keys.

    Raises `InvalidInput`: QG143 where state holds nothing of the old name, QG717 for a new one it cannot take.
    """
    held = sorted(state.entries)
    if "/" in old + new:
        found = [Cut(address, _renamed(address, new)) for address in held if str(address) == old]
    else:
        found = [Cut(address, replace(address, group=new)) for address in held if address.group == old]
    if not found:
        raise _nothing(state, old)
    taken = [cut.new for cut in found if cut.new in state.entries]
    if taken:
        raise _impossible(say("State holds something called `{address}` already.", address=taken[0]), new)
    return tuple(found)


def remove(state: State, patterns: Iterable[str]) -> tuple[Cut, ...]:
    """Let go of every entry that a pattern names. Raises `InvalidInput` (QG143) for a pattern that names none."""
    patterns = tuple(patterns)
    for pattern in patterns:
        if not any(address.matches(pattern) for address in state.entries):
            raise _nothing(state, pattern)
    return tuple(Cut(address, None) for address in sorted(state.entries) if matches_any(address, patterns))


def forget(state: State, group: str) -> tuple[Cut, ...]:
    """Let go of a whole group. Raises `InvalidInput` (QG143) if state holds nothing of it."""
    found = tuple(Cut(address, None) for address in sorted(state.entries) if address.group == group)
    if not found:
        raise _nothing(state, group)
    return found


def after(state: State, cuts: Iterable[Cut]) -> State:
    """The state once all of it is done."""
    cuts = tuple(cuts)
    gone = [(cut.old, None) for cut in cuts]
    named = [(cut.new, state.entries[cut.old]) for cut in cuts if cut.new is not None]
    return state.folded([*gone, *named])


def _renamed(old: Address, new: str) -> Address:
    try:
        address = Address.parse(new)
    except ValueError:
        raise _impossible(say("`{text}` is no address.", text=new), new) from None
    if (address.kind, bool(address.key)) != (old.kind, bool(old.key)):
        raise _impossible(say("`{old}` cannot become `{new}`: the kind stays.", old=old, new=new), new)
    return address


def _nothing(state: State, wanted: str) -> InvalidInput:
    names = {str(address) for address in state.entries} | {address.group for address in state.entries}
    return InvalidInput(
        Diagnostic(
            "QG143",
            say("State holds nothing called `{address}`.", address=wanted),
            hint=suggest(wanted, names) or say("`qqgroup state list` lists what it holds."),
        )
    )


def _impossible(summary: Text, new: str) -> InvalidInput:
    hint = say("An address is group/kind or group/kind/key, such as python-hub/title/alice.")
    return InvalidInput(Diagnostic("QG717", summary, subject=new, hint=hint))
