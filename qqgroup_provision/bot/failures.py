"""What goes wrong with one thing is written down, and is no concern of what follows."""

from __future__ import annotations

from collections.abc import Awaitable

from qqgroup_provision.bot.records import Records


def failed(group: int, error: Exception, records: Records) -> None:
    """Count and write down that something went wrong in a group; 0 where it was in none."""
    records.count("failures")
    records.write("failed", group=group, error=type(error).__name__, reason=str(error)[:300])


async def guarded(group: int, work: Awaitable[None], records: Records) -> None:
    """Do something. Whatever goes wrong is written down, and never raised."""
    try:
        await work
    except Exception as error:
        failed(group, error, records)
