"""Muting everybody in a group, by whichever account is allowed to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from qqgroup_provision.behavior.decision import MuteAll
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.records import Records


async def mute_all(
    accounts: Sequence[Account], group: int, action: MuteAll, records: Records, patience: float
) -> bool | None:
    """Whether one of the accounts could do it; `None` where everybody was muted before, and that was looked at.

    The accounts are tried one after the other, each for so many seconds: to do it twice does no harm.
    """
    told = {"group": group, "item": str(action.item), "action": "mute_all" if action.on else "unmute_all"}
    for account in accounts:
        try:
            async with asyncio.timeout(patience):
                if action.look and await account.is_muted(group):
                    records.write("left", **told, account=account.number)
                    return None
                await account.mute_all(group, action.on)
        except Exception as error:
            records.count("failures")
            records.write(
                "not_done", **told, account=account.number, error=type(error).__name__, reason=str(error)[:300]
            )
        else:
            records.write("done", **told, account=account.number)
            return True
    return False
