"""Carrying out what was decided, where that is done in the group: saying, judging, letting in, muting.

`doing.py` is what one account can do; this is which one does it, when, how often, and what is told of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from qqgroup_provision.behavior.decision import (
    Announce,
    Approve,
    Commanded,
    Kick,
    Mute,
    MuteAll,
    Penal,
    Recall,
    Reject,
    Say,
    SetEssence,
)
from qqgroup_provision.behavior.event import At, MutedAll, Text, Unsaid
from qqgroup_provision.bot.accounts import PATIENCE, Accounts
from qqgroup_provision.bot.admission import admit
from qqgroup_provision.bot.behaviors import Behavior, Content
from qqgroup_provision.bot.clouds import Clouds
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.memory import BotMemory
from qqgroup_provision.bot.muting import mute_all
from qqgroup_provision.bot.pace import Turns
from qqgroup_provision.bot.recalling import take_back
from qqgroup_provision.bot.records import Records
from qqgroup_provision.ports import Rank

Outward: TypeAlias = Say | Approve | Reject | MuteAll | Penal | Commanded

_ACTIONS = {
    Recall: "recall",
    Mute: "mute",
    Kick: "kick",
    Announce: "announce",
    SetEssence: "set_essence",
}
_NOT_DONE = " 没有办成：机器人的账号可能没有这项权限"  # said in the group


class Hands:
    """Does what can be seen in a group, each thing once and when it is its turn.

    What the engine has to know of how it went, `tell` is told as an event of the group.
    """

    def __init__(
        self,
        accounts: Accounts,
        memory: BotMemory,
        content: Content,
        clouds: Clouds,
        turns: Turns,
        tell: Callable[[int, Heard], None],
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._memory = memory
        self._content = content
        self._clouds = clouds
        self._turns = turns
        self._tell = tell
        self._records = records
        self._now = now

    async def do(self, account: Account, group: int, heard: Heard, action: Outward, behavior: Behavior) -> bool:
        """Do one thing. Gives whether that is all there is to it: not if the account went away while it tried."""
        if isinstance(action, Say):
            mine = account.number == heard.by  # each account has ids of its own
            return await self._say(account, group, action if mine else replace(action, quote=None), behavior)
        if isinstance(action, Approve | Reject):
            await self._turns.turn(account.number, group)
            await admit(account, heard, action, self._records, PATIENCE)
        elif isinstance(action, MuteAll):
            await self._mute_all(account, group, action)
        else:
            return await self._punish(account, heard, action, behavior)
        return True

    async def _say(self, account: Account, group: int, action: Say, behavior: Behavior) -> bool:
        """Say it once. What a server does not take is not tried again."""

        segments, drawn = await self._clouds.drawn(action.segments)

        def picture(path: str) -> bytes:
            return drawn[path] if path in drawn else self._content(path, behavior.pictures[path])

        await self._turns.turn(account.number, group)
        told = {"group": group, "account": account.number, "item": str(action.item), "answers": action.quote}
        try:
            async with asyncio.timeout(PATIENCE):
                message = await account.say(group, segments, action.quote, picture)
        except Exception as error:
            if self._accounts.is_gone(account):
                return False
            self._records.count("failures")
            self._records.write("not_said", **told, error=type(error).__name__, reason=str(error)[:300])
            to = tuple(part.qq for part in action.segments if isinstance(part, At) and part.qq is not None)
            if to:
                unsaid = Unsaid(group, str(action.item), to, self._now(), account.number)
                self._tell(group, Heard(unsaid, "unsaid"))
        else:
            self._records.count("said")
            self._records.write("said", **told, message=message)
            self._accounts.has_said(account, group, message)
            if action.receipt is not None:
                await self._memory.keep(group, action.receipt)
        return True

    async def _punish(self, account: Account, heard: Heard, action: Penal | Commanded, behavior: Behavior) -> bool:
        """Do what a rule or a command asks for, once, and never to one of ours or to another bot.

        Whoever gave a command is told if nothing came of it.
        """
        group, qq = heard.event.group, _concerned(action)
        if self._accounts.is_ours(qq) or qq == heard.by or qq in behavior.prepared.configuration.bots:
            return True
        what = _ACTIONS[type(action)]
        told = {"group": group, "account": account.number, "item": str(action.item), "action": what, "qq": qq}
        if action.by:
            told["by"] = action.by
        await self._turns.turn(account.number, group)
        try:
            async with asyncio.timeout(PATIENCE):
                await _look(account, group, action)
                if isinstance(action, Mute):
                    await account.mute(group, qq, action.seconds)
                elif isinstance(action, Kick):
                    await account.kick(group, qq)
                elif isinstance(action, Announce):
                    await account.announce(group, action.text)
                elif isinstance(action, Recall):
                    await take_back(action, group, account, self._accounts.connected, heard.by)
                elif account.number != heard.by:
                    raise RuntimeError("another account heard the message, and each has ids of its own")
                else:
                    await account.set_essence(group, action.message)
        except Exception as error:
            if self._accounts.is_gone(account):
                return False
            self._records.count("failures")
            self._records.write("not_done", **told, error=type(error).__name__, reason=str(error)[:300])
            if action.by:
                await self._say(account, group, Say((At(action.by), Text(_NOT_DONE)), item=action.item), behavior)
        else:
            self._records.write("done", **told)
        return True

    async def _mute_all(self, account: Account, group: int, action: MuteAll) -> None:
        """Try it with every account that is there, and tell the engine what came of it."""
        others = [other for other in self._accounts.all_inside(group) if other.number != account.number]
        await self._turns.turn(account.number, group)
        done = await mute_all((account, *others), group, action, self._records, PATIENCE)
        self._tell(group, Heard(MutedAll(group, action.on, done, self._now(), account.number), "muted_all"))


async def _look(account: Account, group: int, action: Penal | Commanded) -> None:
    """Raises where somebody is not a plain member, or not known to be, whom nobody has seen of late."""
    if not isinstance(action, Mute | Kick) or not action.look:
        return
    if (await account.person_of(group, action.qq)).rank is not Rank.MEMBER:
        raise RuntimeError("not known to be a plain member")


def _concerned(action: Penal | Commanded) -> int:
    """Whom something is done to; nobody where it is an announcement, or about a message."""
    if isinstance(action, Recall):
        return action.sender
    return action.qq if isinstance(action, Mute | Kick) else 0
