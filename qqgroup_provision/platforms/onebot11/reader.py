"""`GroupReader` over OneBot 11. Whatever goes wrong is an `Unknown` with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.members import everybody, member, one_of
from qqgroup_provision.platforms.onebot11 import details, parse
from qqgroup_provision.platforms.onebot11.dialect import Dialect
from qqgroup_provision.platforms.onebot11.essence import OneBotEssence
from qqgroup_provision.platforms.onebot11.files import OneBotShelves
from qqgroup_provision.platforms.shape import distinct, integer
from qqgroup_provision.ports import (
    BehaviorReader,
    Known,
    LiveEssences,
    LiveFile,
    LiveFiles,
    LiveMember,
    LiveNotice,
    LiveProfile,
    LiveSettings,
    LiveSpace,
    NoBot,
    Reading,
    Unknown,
)

T = TypeVar("T")


class OneBotReader:
    """Reads groups through one account. `settle` is how long NapCat's member cache takes to be fresh."""

    bots: BehaviorReader = NoBot()

    def __init__(
        self, caller: Caller, dialect: Dialect, self_id: int, settle: float, essence: OneBotEssence | None = None
    ) -> None:
        self._caller = caller
        self._dialect = dialect
        self._self_id = self_id
        self._settle = settle
        self._shelves = OneBotShelves(caller, dialect)
        self._essence = essence or OneBotEssence(caller, dialect)

    async def profiles(self) -> Reading[Mapping[int, LiveProfile]]:
        dialect = self._dialect

        def read(data: Any) -> dict[int, LiveProfile]:
            items = distinct(
                data,
                lambda item: (
                    integer(item, "group_id"),
                    parse.profile(item, dialect.remark_key, dialect.muted, dialect.description_key),
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

        read = self._member
        return await self._read("get_group_member_list", params, lambda data: everybody(data, self._self_id, read))

    def _member(self, item: Any) -> LiveMember:
        found = member(item)
        return found if self._dialect.tells_titles else replace(found, title=None)

    async def member(self, group_id: int, user_id: int) -> Reading[LiveMember]:
        params = {"group_id": group_id, "user_id": user_id, "no_cache": True}
        found = await self._read("get_group_member_info", params, self._member)
        if isinstance(found, Known) and found.value.user_id == user_id:
            return found
        # NapCat denies members while its cache is cold (qq_protocol §17.8): the list settles it.
        return one_of(await self.members(group_id), user_id)

    async def notices(self, group_id: int) -> Reading[tuple[LiveNotice, ...]]:
        def read(data: Any) -> tuple[LiveNotice, ...]:
            found = distinct(data, parse.notice, lambda notice: notice.notice_id)
            return tuple(sorted(found.values(), key=lambda notice: -notice.published_at))

        return await self._read("_get_group_notice", {"group_id": group_id}, read)

    async def settings(self, group_id: int) -> Reading[LiveSettings]:
        if not self._dialect.reads_details:
            return Known(LiveSettings())
        params = {"group_id": group_id}
        detail, robots = await asyncio.gather(
            self._read("get_group_detail_info", params, details.settings),
            self._read("get_group_info_ex", params, details.robots),
        )
        if isinstance(detail, Known) and isinstance(robots, Known):
            return Known(replace(detail.value, robots=robots.value))
        return robots if isinstance(detail, Known) else detail  # type: ignore[return-value]

    async def files(self, group_id: int, folder: str | None = None) -> Reading[LiveFiles]:
        return await self._shelves.read(group_id, folder)

    async def file_space(self, group_id: int) -> Reading[LiveSpace]:
        return await self._shelves.read_space(group_id)

    async def download(self, group_id: int, file: LiveFile, write: Callable[[bytes], object]) -> Reading[int]:
        return await self._shelves.download(group_id, file, write)

    async def essence(self, group_id: int) -> Reading[LiveEssences]:
        return await self._essence.read(group_id)

    async def _read(self, action: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> Reading[T]:
        return await self._caller.reading(action, params, read)
