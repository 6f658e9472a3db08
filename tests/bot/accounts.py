"""An account for tests of the host: each overrides what its bot is to do, and anything else must not happen."""

from __future__ import annotations

from datetime import datetime

from qqgroup_provision.behavior.event import Member, Person
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.past import History, Posted


class Idle:
    """Does nothing of what an account can do but to be there."""

    async def recall(self, group: int, message: str) -> None:
        raise AssertionError("recall")

    async def mute(self, group: int, qq: int, seconds: int) -> None:
        raise AssertionError("mute")

    async def kick(self, group: int, qq: int) -> None:
        raise AssertionError("kick")

    async def mute_all(self, group: int, on: bool) -> None:
        raise AssertionError("mute_all")

    async def is_muted(self, group: int) -> bool | None:
        raise AssertionError("is_muted")

    async def announce(self, group: int, text: str) -> None:
        raise AssertionError("announce")

    async def set_essence(self, group: int, message: str) -> None:
        raise AssertionError("set_essence")

    async def person_of(self, group: int, qq: int) -> Person:
        raise AssertionError("person_of")

    async def sender_of(self, group: int, message: str) -> int:
        raise AssertionError("sender_of")

    async def text_of(self, group: int, message: str) -> str:
        raise AssertionError("text_of")

    async def answer_request(self, group: int, request: str, approve: bool, reason: str) -> None:
        raise AssertionError("answer_request")

    async def level_of(self, qq: int) -> int | None:
        raise AssertionError("level_of")

    async def is_full(self, group: int) -> bool | None:
        raise AssertionError("is_full")

    async def places(self, group: int) -> int | None:
        raise AssertionError("places")

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        raise AssertionError("members")

    async def history(self, group: int, since: datetime, most: int) -> History:
        return History((), is_whole=True)

    async def requests(self) -> tuple[Heard, ...]:
        return ()

    async def muted_until(self, group: int, qq: int) -> datetime | None:
        raise AssertionError("muted_until")

    async def posted(self, group: int) -> tuple[Posted, ...]:
        raise AssertionError("posted")
