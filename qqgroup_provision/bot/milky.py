"""Milky, as NoneBot's adapter for it speaks it (qq_protocol §13): its events, and its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from nonebot.adapters.milky import Bot, MessageSegment
from nonebot.adapters.milky import Event as MilkyEvent
from nonebot.adapters.milky.event import (
    GroupInvitedJoinRequestEvent,
    GroupJoinRequestEvent,
    GroupMemberDecreaseEvent,
    GroupMemberIncreaseEvent,
    GroupMessageEvent,
    MessageRecallEvent,
)
from nonebot.adapters.milky.message import TYPE_MAPPING

from qqgroup_provision.behavior.event import (
    At,
    Card,
    File,
    Forwarded,
    Image,
    Joined,
    Left,
    Member,
    Message,
    Other,
    Person,
    Quote,
    Recalled,
    Requested,
    Segment,
    Text,
)
from qqgroup_provision.bot.doing import PictureOf
from qqgroup_provision.bot.heard import Heard, moment
from qqgroup_provision.bot.hearing import address_of, card, likeness
from qqgroup_provision.bot.members import member_of
from qqgroup_provision.bot.past import (
    History,
    Posted,
    milky_history,
    milky_muted_until,
    milky_posted,
    milky_requests,
)
from qqgroup_provision.ports import Rank

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}


def heard(event: MilkyEvent) -> Heard | None:
    """What happened in a group; `None` for whatever the engine knows nothing of."""
    at, me = moment(event.time), event.self_id
    if at is None:
        return None
    if isinstance(event, GroupMessageEvent):
        return _message(event)
    if isinstance(event, MessageRecallEvent):
        gone, id_ = event.data, str(event.data.message_seq)
        if gone.message_scene != "group":
            return None
        return Heard(Recalled(gone.peer_id, id_, at, me), f"recalled/{me}/{id_}")
    if isinstance(event, GroupJoinRequestEvent):
        asked = event.data
        named = f"{asked.notification_seq}/join_request/{int(asked.is_filtered)}"
        number, person = str(asked.notification_seq), Person(asked.initiator_id)
        request = Requested(asked.group_id, named, person, asked.comment, at, me, number, invited=False)
        return Heard(request, f"asked/{person.qq}/{asked.comment[:200]}", f"asked/{number}")
    if isinstance(event, GroupInvitedJoinRequestEvent):
        brought = event.data
        number, person = str(brought.notification_seq), Person(brought.target_user_id)
        named = f"{number}/invited_join_request/0"
        request = Requested(brought.group_id, named, person, "", at, me, number, invited=True)
        return Heard(request, f"asked/{person.qq}/", f"asked/{number}")
    if isinstance(event, GroupMemberIncreaseEvent):
        came = event.data
        inviter = Person(came.invitor_id, rank=None) if came.invitor_id else None
        return Heard(Joined(came.group_id, Person(came.user_id), at, me, inviter), f"joined/{came.user_id}")
    if isinstance(event, GroupMemberDecreaseEvent):
        went = event.data
        by = went.operator_id if went.operator_id != went.user_id else None
        return Heard(Left(went.group_id, Person(went.user_id), at, by or None, me), f"left/{went.user_id}")
    return None


def understood(told: Any) -> Any:
    """What a server told, without the parts of a message that the adapter does not know.

    For one of them it would drop the whole message, and nothing in that would be judged.
    """
    data = told.get("data") if isinstance(told, dict) else None
    parts = data.get("segments") if isinstance(data, dict) else None
    if data is None or not isinstance(parts, list) or all(_is_known(part) for part in parts):
        return told
    return {**told, "data": {**data, "segments": [part for part in parts if _is_known(part)]}}


def _is_known(part: Any) -> bool:
    kind = part.get("type") if isinstance(part, dict) else None
    return isinstance(kind, str) and kind in TYPE_MAPPING and isinstance(part.get("data"), dict)


def _message(event: GroupMessageEvent) -> Heard | None:
    said = event.data
    at, member = moment(said.time), said.group_member
    if at is None:
        return None
    sender = Person(said.sender_id, rank=None)
    if member is not None:
        rank = _RANKS.get(str(member.role))
        sender = Person(said.sender_id, member.card or member.nickname, rank, member.level, member.card)
    segments = tuple(_segments(said.segments))
    message = Message(said.peer_id, str(said.message_seq), sender, segments, at, event.self_id)
    return Heard(message, likeness(message), str(said.message_seq))


def _segments(parts: Iterable[Mapping[str, Any]]) -> Iterator[Segment]:
    for part in parts:
        kind, data = str(part.get("type")), part.get("data")
        data = data if isinstance(data, dict) else {}
        if kind == "text":
            yield Text(str(data.get("text", "")))
        elif kind == "mention":
            yield At(data["user_id"]) if isinstance(data.get("user_id"), int) else Other(kind)
        elif kind == "mention_all":
            yield At(None)
        elif kind in ("image", "market_face"):
            yield Image(url=address_of(data.get("temp_url")))
        elif kind == "file":
            yield File(str(data.get("file_name") or ""))
        elif kind == "light_app":
            yield card(data.get("json_payload"))
        elif kind == "xml":
            yield Card()
        elif kind == "forward":
            yield Forwarded()
        elif kind == "reply" and isinstance(data.get("message_seq"), int):
            yield Quote(str(data["message_seq"]))
        else:
            yield Other(kind)


class MilkyAccount:
    """An account of NoneBot's Milky adapter."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @property
    def number(self) -> int:
        return int(self._bot.self_id)

    async def say(self, group: int, segments: tuple[Segment, ...], quote: str | None, picture: PictureOf) -> str:
        message = [_said(segment, picture) for segment in segments]
        if quote is not None:
            message.insert(0, MessageSegment.reply(int(quote)))
        answer = await self._bot.send_group_message(group_id=group, message=message)
        return str(answer.message_seq)

    async def recall(self, group: int, message: str) -> None:
        await self._bot.recall_group_message(group_id=group, message_seq=int(message))

    async def mute(self, group: int, qq: int, seconds: int) -> None:
        await self._bot.set_group_member_mute(group_id=group, user_id=qq, duration=seconds)

    async def mute_all(self, group: int, on: bool) -> None:
        await self._bot.set_group_whole_mute(group_id=group, is_mute=on)

    async def is_muted(self, group: int) -> bool | None:
        return None  # Milky does not tell (§13)

    async def kick(self, group: int, qq: int) -> None:
        await self._bot.kick_group_member(group_id=group, user_id=qq, reject_add_request=False)

    async def announce(self, group: int, text: str) -> None:
        await self._bot.call_api("send_group_announcement", group_id=group, content=text)

    async def set_essence(self, group: int, message: str) -> None:
        await self._bot.set_group_essence_message(group_id=group, message_seq=int(message), is_set=True)

    async def person_of(self, group: int, qq: int) -> Person:
        member = await self._bot.get_group_member_info(group_id=group, user_id=qq, no_cache=True)
        if member.user_id != qq:
            raise RuntimeError("somebody else was told of")
        return Person(qq, member.card or member.nickname, _RANKS.get(str(member.role)))

    async def sender_of(self, group: int, message: str) -> int:
        said = await self._bot.get_message(message_scene="group", peer_id=group, message_seq=int(message))
        return said.sender_id

    async def text_of(self, group: int, message: str) -> str:
        said = await self._bot.get_message(message_scene="group", peer_id=group, message_seq=int(message))
        return "".join(part.text for part in _segments(said.segments) if isinstance(part, Text))

    async def answer_request(self, group: int, request: str, approve: bool, reason: str) -> None:
        sequence, kind, filtered = request.split("/")
        named = {
            "group_id": group, "notification_seq": int(sequence), "notification_type": kind,
            "is_filtered": filtered == "1",
        }  # fmt: skip
        if approve:
            await self._bot.call_api("accept_group_request", **named)
        else:
            await self._bot.call_api("reject_group_request", **named, reason=reason)

    async def level_of(self, qq: int) -> int | None:
        # 0 is what a server says that was told none, and a person who hides it.
        return (await self._bot.get_user_profile(user_id=qq)).level or None

    async def is_full(self, group: int) -> bool | None:
        found = await self._bot.get_group_info(group_id=group, no_cache=True)
        return found.member_count >= found.max_member_count if found.max_member_count > 0 else None

    async def places(self, group: int) -> int | None:
        found = await self._bot.get_group_info(group_id=group, no_cache=True)
        most, count = found.max_member_count, found.member_count
        return max(0, most - count) if most > 0 and count > 0 else None

    async def name_of(self, qq: int) -> str:
        return (await self._bot.get_user_profile(user_id=qq)).nickname

    async def groups(self) -> frozenset[int]:
        return frozenset(group.group_id for group in await self._bot.get_group_list(no_cache=False))

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        listed = await self._bot.get_group_member_list(group_id=group, no_cache=True)
        about = await self._bot.get_group_info(group_id=group, no_cache=True)
        found = (member_of(each.model_dump()) for each in listed)
        return tuple(member for member in found if member is not None), about.member_count or None

    async def _ask(self, action: str, **named: Any) -> Any:
        """An answer as it came. The adapter drops all of a list for one item that it does not know."""
        return await self._bot._call(action, named)  # noqa: SLF001

    async def history(self, group: int, since: datetime, most: int) -> History:
        return await milky_history(self._ask, self.number, group, since, most)

    async def requests(self) -> tuple[Heard, ...]:
        return await milky_requests(self._ask, self.number)

    async def muted_until(self, group: int, qq: int) -> datetime | None:
        return await milky_muted_until(self._ask, group, qq)

    async def posted(self, group: int) -> tuple[Posted, ...]:
        return await milky_posted(self._ask, group)


def _said(segment: Segment, picture: PictureOf) -> MessageSegment:
    if isinstance(segment, Text):
        return MessageSegment.text(segment.text)
    if isinstance(segment, At):
        return MessageSegment.mention_all() if segment.qq is None else MessageSegment.mention(segment.qq)
    if isinstance(segment, Image):
        said: MessageSegment = MessageSegment.image(raw=picture(segment.source))
        return said
    raise ValueError(f"a bot does not say {type(segment).__name__}")
