"""After a run that died: which of the steps it had begun were done, told by looking at the live groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.confirm import confirm_patiently
from qqgroup_provision.messages import Text
from qqgroup_provision.ports import GroupReader
from qqgroup_provision.resources.operation import NotSeen, Operation, Seen


class Settlement(Enum):
    """What looking showed of a step that was begun and not seen to end."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNCLEAR = "unclear"  # it cannot be read, so a person has to look


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A step that a journal says was begun."""

    address: Address
    operation: Operation


@dataclass(frozen=True, slots=True)
class Settled:
    """A step and what became of it."""

    address: Address
    operation: Operation
    settlement: Settlement
    reason: Text | None = None
    ids: Mapping[str, str] = field(default_factory=dict)  # of what was done


async def settle(unsettled: Iterable[Unsettled], readers: Mapping[str, GroupReader], seconds: float) -> list[Settled]:
    """Look for the effect of each step. `readers` is by group key; `seconds` is how long effects may take to show.

    Nothing is sent: what was not done is planned again like anything else.
    """
    found: list[Settled] = []
    for item in unsettled:
        reader = readers.get(item.address.group)
        if reader is None:  # the group's file is gone, so nothing more will happen to it
            continue
        seen = await confirm_patiently(item.operation, reader, seconds)
        if isinstance(seen, Seen):
            found.append(Settled(item.address, item.operation, Settlement.DONE, ids=dict(seen.ids)))
        elif isinstance(seen, NotSeen):
            found.append(Settled(item.address, item.operation, Settlement.NOT_DONE, seen.found))
        else:
            found.append(Settled(item.address, item.operation, Settlement.UNCLEAR, seen.reason))
    return found
