"""`GroupReader` over OneBot 11. Whatever goes wrong is an `Unknown` with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.onebot11 import parse
from qqgroup_provision.platforms.onebot11.caller import Caller, ReadFailed
from qqgroup_provision.platforms.onebot11.dialect import Dialect
from qqgroup_provision.ports import Absent, Known, LiveMember, LiveNotice, LiveProfile, Reading, Unknown

T = TypeVar("T")


class OneBotReader:
    """Reads groups through one account. `settle` is how long NapCat's member cache takes to be fresh."""

    def __init__(self, caller: Caller, dialect: Dialect, self_id: int, settle: float) -> None:
        self._caller = caller
        self._dialect = dialect
        self._self_id = self_id
        self._settle = settle

    async def profiles(self) -> Reading[Mapping[int, LiveProfile]]:
        dialect = self._dialect

        def read(data: Any) -> dict[int, LiveProfile]:
            items = parse.distinct(
                data,
                lambda item: (
                    parse.integer(item, "group_id"),
                    parse.profile(item, dialect.remark_key, dialect.muted),
                ),
                lambda pair: pair[0],
            )
            return {group_id: profile for group_id, (_, profile) in items.items()}

        return await self._read("get_group_list", {"no_cache": True}, read)

    async def members(self, group_id: int) -> Reading[Mapping[int, LiveMember]]:
        params = {"group_id": group_id, "no_cache": True}
        if self._dialect.lists_members_twice:
            first = await self._read("get_group_member_list", params, lambda data: data)
            if isinstance(first, Unknown):
                return first
            await asyncio.sleep(self._settle)

        def read(data: Any) -> dict[int, LiveMember]:
            found = parse.distinct(data, parse.member, lambda member: member.user_id)
            if self._self_id not in found:  # whoever can list a group is in it: part of the list is missing
                raise parse.WrongShape(f"{self._self_id} in the member list")
            return found

        return await self._read("get_group_member_list", params, read)

    async def member(self, group_id: int, user_id: int) -> Reading[LiveMember]:
        params = {"group_id": group_id, "user_id": user_id, "no_cache": True}
        found = await self._read("get_group_member_info", params, parse.member)
        if isinstance(found, Known) and found.value.user_id == user_id:
            return found
        # NapCat denies members while its cache is cold (qq_protocol §17.8): the list settles it.
        members = await self.members(group_id)
        if isinstance(members, Known):
            member = members.value.get(user_id)
            return Known(member) if member else Absent()
        return members

    async def notices(self, group_id: int) -> Reading[tuple[LiveNotice, ...]]:
        def read(data: Any) -> tuple[LiveNotice, ...]:
            found = parse.distinct(data, parse.notice, lambda notice: notice.notice_id)
            return tuple(sorted(found.values(), key=lambda notice: -notice.published_at))

        return await self._read("_get_group_notice", {"group_id": group_id}, read)

    async def _read(self, action: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> Reading[T]:
        try:
            return Known(read(await self._caller.read(action, params)))
        except ReadFailed as error:
            return Unknown(say("{action}: {reason}", action=action, reason=error.reason))
        except parse.WrongShape as error:
            return Unknown(say("{action} answered without a proper {field}", action=action, field=str(error)))
