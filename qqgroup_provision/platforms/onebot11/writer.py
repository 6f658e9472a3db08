"""`GroupWriter` over OneBot 11. Every boolean is sent: what a missing one means differs and is dangerous
(qq_protocol §0.4)."""

from __future__ import annotations

from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.onebot11 import details
from qqgroup_provision.platforms.onebot11.dialect import Dialect, in_base64
from qqgroup_provision.platforms.onebot11.essence import OneBotEssence
from qqgroup_provision.platforms.onebot11.files import OneBotShelves
from qqgroup_provision.ports import (
    BehaviorWriter,
    Capability,
    Elsewhere,
    FileDraft,
    LiveFile,
    NoBot,
    NoticeDraft,
    Nowhere,
    Unsupported,
)
from qqgroup_provision.secrets import Secret


class OneBotWriter:
    """Changes groups through one account, each call one request; files and essence messages are looked up first."""

    bots: BehaviorWriter = NoBot()
    elsewhere: Elsewhere = Nowhere()

    def __init__(self, caller: Caller, dialect: Dialect, essence: OneBotEssence | None = None) -> None:
        self._caller = caller
        self._dialect = dialect
        self._shelves = OneBotShelves(caller, dialect)
        self._essence = essence or OneBotEssence(caller, dialect)

    async def rename(self, group_id: int, name: str) -> None:
        await self._do(Capability.RENAME, group_id, group_name=name)

    async def set_remark(self, group_id: int, remark: str) -> None:
        await self._do(Capability.SET_REMARK, group_id, remark=remark)

    async def mute_all(self, group_id: int, muted: bool) -> None:
        await self._do(Capability.MUTE_ALL, group_id, enable=muted)

    async def set_admin(self, group_id: int, user_id: int, admin: bool) -> None:
        await self._do(Capability.SET_ADMIN, group_id, user_id=user_id, enable=admin)

    async def set_title(self, group_id: int, user_id: int, title: str) -> None:
        await self._do(Capability.SET_TITLE, group_id, user_id=user_id, special_title=title, duration=-1)

    async def set_card(self, group_id: int, user_id: int, card: str) -> None:
        await self._do(Capability.SET_CARD, group_id, user_id=user_id, card=card)

    async def publish_notice(self, group_id: int, draft: NoticeDraft) -> None:
        await self._do(Capability.PUBLISH_NOTICE, group_id, **self._dialect.draft(draft))

    async def withdraw_notice(self, group_id: int, notice_id: str) -> None:
        await self._do(Capability.WITHDRAW_NOTICE, group_id, notice_id=notice_id)

    async def set_avatar(self, group_id: int, image: bytes) -> None:
        await self._do(Capability.SET_AVATAR, group_id, file=in_base64(image))

    async def set_join(self, group_id: int, method: str, question: str, answer: Secret) -> None:
        # All of it, every time: what is left out is emptied (qq_protocol §3.4).
        await self._do(
            Capability.SET_JOIN,
            group_id,
            add_type=details.ADD_TYPES[method],
            group_question=question,
            group_answer=answer.reveal(),
        )

    async def set_member_invites(self, group_id: int, policy: str) -> None:
        await self._do(Capability.SET_MEMBER_INVITES, group_id, policy=policy)

    async def set_history_visible(self, group_id: int, visible: bool) -> None:
        await self._do(Capability.SET_HISTORY_VISIBLE, group_id, visible=visible)

    async def set_robots(self, group_id: int, policy: str) -> None:
        switch, examine = details.ROBOTS[policy]
        await self._do(Capability.SET_ROBOTS, group_id, robot_member_switch=switch, robot_member_examine=examine)

    async def set_permissions(
        self,
        group_id: int,
        *,
        upload_album: bool | None = None,
        temporary_session: bool | None = None,
        create_group: bool | None = None,
    ) -> None:
        given = {
            "allow_member_upload_album": upload_album,
            "allow_member_temporary_session": temporary_session,
            "allow_member_create_group": create_group,
        }
        params = {key: value for key, value in given.items() if value is not None}
        await self._do(Capability.SET_PERMISSIONS, group_id, **params)

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

    async def _do(self, capability: Capability, group_id: int, **params: Any) -> None:
        action = self._dialect.actions.get(capability)
        if action is None:  # a plan would have said so; one that was made for another implementation did not
            raise Unsupported(say("{implementation} has no such action", implementation=self._dialect.implementation))
        await self._caller.write(action, {"group_id": group_id, **params})
