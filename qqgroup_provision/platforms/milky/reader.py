"""`GroupReader` over Milky. Whatever goes wrong is an `Unknown` with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.members import everybody, member, one_of
from qqgroup_provision.platforms.milky import parse
from qqgroup_provision.platforms.milky.dialect import Dialect
from qqgroup_provision.platforms.milky.essence import MilkyEssence
from qqgroup_provision.platforms.milky.files import MilkyShelves
from qqgroup_provision.platforms.shape import distinct, integer, of
from qqgroup_provision.ports import (
    BehaviorReader,
    Capability,
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


class MilkyReader:
    """Reads groups through one account."""

    bots: BehaviorReader = NoBot()

    def __init__(self, caller: Caller, dialect: Dialect, self_id: int) -> None:
        self._caller = caller
        self._dialect = dialect
        self._self_id = self_id
        self._shelves = MilkyShelves(caller, dialect)
        self._essence = MilkyEssence(caller, dialect)

    async def profiles(self) -> Reading[Mapping[int, LiveProfile]]:
        def read(data: Any) -> dict[int, LiveProfile]:
            items = distinct(
                of(data, "groups"),
                lambda item: (integer(item, "group_id"), parse.profile(item)),
                lambda pair: pair[0],
            )
            return {group_id: profile for group_id, (_, profile) in items.items()}

        return await self._caller.reading("get_group_list", {"no_cache": True}, read)

    async def members(self, group_id: int) -> Reading[Mapping[int, LiveMember]]:
        return await self._caller.reading(
            "get_group_member_list",
            {"group_id": group_id, "no_cache": True},
            lambda data: everybody(of(data, "members"), self._self_id),
        )

    async def member(self, group_id: int, user_id: int) -> Reading[LiveMember]:
        params = {"group_id": group_id, "user_id": user_id, "no_cache": True}
        found = await self._caller.reading("get_group_member_info", params, lambda data: member(of(data, "member")))
        if isinstance(found, Known) and found.value.user_id == user_id:
            return found
        return one_of(await self.members(group_id), user_id)

    async def notices(self, group_id: int) -> Reading[tuple[LiveNotice, ...]]:
        if Capability.READ_NOTICES not in self._dialect.capabilities:
            return Unknown(say("{name} cannot list announcements", name=self._dialect.implementation))

        def read(data: Any) -> tuple[LiveNotice, ...]:
            found = distinct(of(data, "announcements"), parse.notice, lambda notice: notice.notice_id)
            return tuple(sorted(found.values(), key=lambda notice: -notice.published_at))

        return await self._caller.reading("get_group_announcements", {"group_id": group_id}, read)

    async def settings(self, group_id: int) -> Reading[LiveSettings]:
        params = {"group_id": group_id, "no_cache": True}
        return await self._caller.reading("get_group_info", params, lambda data: parse.settings(of(data, "group")))

    async def files(self, group_id: int, folder: str | None = None) -> Reading[LiveFiles]:
        return await self._shelves.read(group_id, folder)

    async def file_space(self, group_id: int) -> Reading[LiveSpace]:
        return await self._shelves.read_space(group_id)

    async def download(self, group_id: int, file: LiveFile, write: Callable[[bytes], object]) -> Reading[int]:
        return await self._shelves.download(group_id, file, write)

    async def essence(self, group_id: int) -> Reading[LiveEssences]:
        return await self._essence.read(group_id)
