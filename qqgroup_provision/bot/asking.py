"""Questions that take long: who is in a group, and what an assistant says. The group goes on until the answer comes.

What has to be known before an event is decided is asked in `completing.py`, and waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from qqgroup_provision.behavior.decision import Ask
from qqgroup_provision.behavior.event import Answered, Census, Member
from qqgroup_provision.bot.accounts import PATIENCE
from qqgroup_provision.bot.assistants import NoAnswer, answer_of
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.records import Records


class Questions:
    """Asks in tasks that `begin` starts, and gives to `tell` what came of it: an event of the group, in any case."""

    def __init__(
        self,
        begin: Callable[[Coroutine[Any, Any, None]], object],
        tell: Callable[[int, Heard], None],
        records: Records,
        now: Callable[[], datetime],
    ) -> None:
        self._begin = begin
        self._tell = tell
        self._records = records
        self._now = now
        self._asked: set[int] = set()  # groups whose members are being asked for

    def members(self, group: int, account: Account) -> None:
        """Once, however many ask while the answer is on its way. Other things go on meanwhile."""
        if group not in self._asked:
            self._asked.add(group)
            self._begin(self._census(group, account))

    def assistant(self, group: int, heard: Heard, action: Ask) -> None:
        """Ask an assistant, while the group goes on, and tell the engine what came of it."""
        self._begin(self._asked_for(group, heard, action, self._now()))

    async def _asked_for(self, group: int, heard: Heard, action: Ask, at: datetime) -> None:
        text: str | None = None
        try:
            text = await answer_of(action)
        except NoAnswer as error:
            self._records.count("failures")
            self._records.write("no_answer", group=group, item=str(action.item), reason=str(error))
        answered = Answered(group, action.message, action.qq, text, at, self._now(), heard.by)
        self._tell(group, Heard(answered, "answered"))

    async def _census(self, group: int, account: Account) -> None:
        members: tuple[Member, ...] | None = None
        expected: int | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                members, expected = await account.members(group)
        except Exception as error:
            self._records.write("no_members", group=group, error=type(error).__name__, reason=str(error)[:300])
        finally:
            self._asked.discard(group)
        census = Census(group, members, expected, self._now(), account.number)
        self._tell(group, Heard(census, "census"))
