"""`GroupWriter` over Milky. Every boolean is sent, although here the specification says what a missing one means.

A plan asks for nothing that the dialect's table does not have. It is refused here as well, so that nothing is lost
in silence.
"""

from __future__ import annotations

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.milky.dialect import Dialect, in_base64
from qqgroup_provision.platforms.milky.essence import MilkyEssence
from qqgroup_provision.platforms.milky.files import MilkyShelves
from qqgroup_provision.ports import (
    BehaviorWriter,
    Elsewhere,
    FileDraft,
    LiveFile,
    NoBot,
    NoticeDraft,
    Nowhere,
    Unsupported,
)
from qqgroup_provision.secrets import Secret


class MilkyWriter:
    """Changes groups through one account, each call one request; files and essence messages are looked up first."""

    bots: BehaviorWriter = NoBot()
    elsewhere: Elsewhere = Nowhere()

    def __init__(self, caller: Caller, dialect: Dialect) -> None:
        self._caller = caller
        self._shelves = MilkyShelves(caller, dialect)
        self._essence = MilkyEssence(caller, dialect)

    async def rename(self, group_id: int, name: str) -> None:
        await self._caller.write("set_group_name", {"group_id": group_id, "new_group_name": name})

    async def set_remark(self, group_id: int, remark: str) -> None:
        raise _not_here()

    async def mute_all(self, group_id: int, muted: bool) -> None:
        await self._caller.write("set_group_whole_mute", {"group_id": group_id, "is_mute": muted})

    async def set_admin(self, group_id: int, user_id: int, admin: bool) -> None:
        params = {"group_id": group_id, "user_id": user_id, "is_set": admin}
        await self._caller.write("set_group_member_admin", params)

    async def set_title(self, group_id: int, user_id: int, title: str) -> None:
        params = {"group_id": group_id, "user_id": user_id, "special_title": title}
        await self._caller.write("set_group_member_special_title", params)

    async def set_card(self, group_id: int, user_id: int, card: str) -> None:
        params = {"group_id": group_id, "user_id": user_id, "card": card}
        await self._caller.write("set_group_member_card", params)

    async def publish_notice(self, group_id: int, draft: NoticeDraft) -> None:
        if draft.pinned:  # every one goes up unpinned, and to be confirmed (qq_protocol §5.1)
            raise _not_here()
        params = {"group_id": group_id, "content": draft.text}
        if draft.image is not None:
            params["image_uri"] = in_base64(draft.image)
        await self._caller.write("send_group_announcement", params)

    async def withdraw_notice(self, group_id: int, notice_id: str) -> None:
        params = {"group_id": group_id, "announcement_id": notice_id}
        await self._caller.write("delete_group_announcement", params)

    async def set_avatar(self, group_id: int, image: bytes) -> None:
        await self._caller.write("set_group_avatar", {"group_id": group_id, "image_uri": in_base64(image)})

    async def set_join(self, group_id: int, method: str, question: str, answer: Secret) -> None:
        raise _not_here()

    async def set_member_invites(self, group_id: int, policy: str) -> None:
        raise _not_here()

    async def set_history_visible(self, group_id: int, visible: bool) -> None:
        raise _not_here()

    async def set_robots(self, group_id: int, policy: str) -> None:
        raise _not_here()

    async def set_permissions(
        self,
        group_id: int,
        *,
        upload_album: bool | None = None,
        temporary_session: bool | None = None,
        create_group: bool | None = None,
    ) -> None:
        raise _not_here()

    async def create_folder(self, group_id: int, name: str) -> None:
        await self._shelves.create_folder(group_id, name)

    async def delete_folder(self, group_id: int, name: str) -> None:
        await self._shelves.delete_folder(group_id, name)

    async def upload_file(self, group_id: int, draft: FileDraft) -> None:
        await self._shelves.upload(group_id, draft)

    async def delete_file(self, group_id: int, file: LiveFile) -> None:
        await self._shelves.delete_file(group_id, file)

    async def rename_file(self, group_id: int, file: LiveFile, name: str) -> None:
        await self._shelves.rename_file(group_id, file, name)

    async def keep_file(self, group_id: int, file: LiveFile) -> None:
        await self._shelves.keep_file(group_id, file)

    async def send_message(self, group_id: int, text: str) -> None:
        await self._essence.send(group_id, text)

    async def mark_essence(self, group_id: int, sender_id: int, text: str, sequence: int) -> None:
        await self._essence.mark(group_id, sender_id, text, sequence)

    async def unmark_essence(self, group_id: int, sequence: int) -> None:
        await self._essence.unmark(group_id, sequence)


def _not_here() -> Unsupported:
    return Unsupported(say("this cannot be done over Milky"))
