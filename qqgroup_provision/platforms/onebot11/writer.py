"""`GroupWriter` over OneBot 11. Every boolean is sent: what a missing one means differs and is dangerous
(qq_protocol §0.4)."""

from __future__ import annotations

from qqgroup_provision.platforms.onebot11.caller import Caller
from qqgroup_provision.platforms.onebot11.dialect import Dialect
from qqgroup_provision.ports import NoticeDraft


class OneBotWriter:
    """Changes groups through one account, each call one request."""

    def __init__(self, caller: Caller, dialect: Dialect) -> None:
        self._caller = caller
        self._dialect = dialect

    async def rename(self, group_id: int, name: str) -> None:
        await self._caller.write("set_group_name", {"group_id": group_id, "group_name": name})

    async def set_remark(self, group_id: int, remark: str) -> None:
        await self._caller.write("set_group_remark", {"group_id": group_id, "remark": remark})

    async def mute_all(self, group_id: int, muted: bool) -> None:
        await self._caller.write("set_group_whole_ban", {"group_id": group_id, "enable": muted})

    async def set_admin(self, group_id: int, user_id: int, admin: bool) -> None:
        params = {"group_id": group_id, "user_id": user_id, "enable": admin}
        await self._caller.write("set_group_admin", params)

    async def set_title(self, group_id: int, user_id: int, title: str) -> None:
        params = {"group_id": group_id, "user_id": user_id, "special_title": title, "duration": -1}
        await self._caller.write("set_group_special_title", params)

    async def set_card(self, group_id: int, user_id: int, card: str) -> None:
        await self._caller.write("set_group_card", {"group_id": group_id, "user_id": user_id, "card": card})

    async def publish_notice(self, group_id: int, draft: NoticeDraft) -> None:
        await self._caller.write("_send_group_notice", {"group_id": group_id, **self._dialect.draft(draft)})

    async def withdraw_notice(self, group_id: int, notice_id: str) -> None:
        await self._caller.write(self._dialect.withdraw, {"group_id": group_id, "notice_id": notice_id})
