"""Looks for an effect, and looks again: implementations answer from caches for a while."""

from __future__ import annotations

import asyncio

from qqgroup_provision.ports import GroupReader
from qqgroup_provision.resources.operation import Confirmation, Operation, Seen, Unseeable

# Waits before looking again, in units of the time an implementation needs to settle. The first look is at
# once: most effects are there, and a plan can then say how many requests it takes.
_WAITS = (0.5, 1.0, 1.5)


async def confirm_patiently(operation: Operation, reader: GroupReader, settle: float) -> Confirmation:
    """The last of several looks, or the first that shows the effect, or that nothing ever will.

    `settle` is in seconds.
    """
    found = await operation.confirm(reader)
    for wait in _WAITS:
        if isinstance(found, (Seen, Unseeable)):
            break
        await asyncio.sleep(wait * settle)
        found = await operation.confirm(reader)
    return found
