"""Milky, as NoneBot's adapter for it speaks it (qq_protocol §13): its events, and its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nonebot.adapters.milky import Bot, MessageSegment
from nonebot.adapters.milky import Event as MilkyEvent
from nonebot.adapters.milky.event import (
    GroupJoinRequestEvent,
    GroupMemberDecreaseEvent,
    GroupMemberIncreaseEvent,
    GroupMessageEvent,
)

from qqgroup_provision.behavior.event import (
    At,
    Card,
    File,
    Forwarded,
    Image,
    Joined,
    Left,
    Message,
    Other,
    Person,
    Requested,
    Segment,
    Text,
)
from qqgroup_provision.bot.doing import PictureOf
from qqgroup_provision.bot.heard import Heard, moment
from qqgroup_provision.bot.hearing import card, likeness
from qqgroup_provision.ports import Rank

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}


def heard(event: MilkyEvent) -> Heard | None:
    """What happened in a group; `None` for whatever the engine knows nothing of."""
    at, me = moment(event.time), event.self_id
    if at is None:
        return None
    if isinstance(event, GroupMessageEvent):
        return _message(event)
    if isinstance(event, GroupJoinRequestEvent):
        asked = event.data
        person = Person(asked.initiator_id)
        request = Requested(asked.group_id, str(asked.notification_seq), person, asked.comment, at, me)
        return Heard(request, f"asked/{person.qq}/{asked.comment[:200]}")
    if isinstance(event, GroupMemberIncreaseEvent):
        came = event.data
        return Heard(Joined(came.group_id, Person(came.user_id), at, me), f"joined/{came.user_id}")
    if isinstance(event, GroupMemberDecreaseEvent):
        went = event.data
        by = went.operator_id if went.operator_id != went.user_id else None
        return Heard(Left(went.group_id, Person(went.user_id), at, by or None, me), f"left/{went.user_id}")
    return None


def _message(event: GroupMessageEvent) -> Heard | None:
    said = event.data
    at, member = moment(said.time), said.group_member
    if at is None:
        return None
    sender = Person(said.sender_id, rank=None)
    if member is not None:
        rank = _RANKS.get(str(member.role))
        sender = Person(said.sender_id, member.card or member.nickname, rank, member.level)
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
            yield Image()
        elif kind == "file":
            yield File(str(data.get("file_name") or ""))
        elif kind == "light_app":
            yield card(data.get("json_payload"))
        elif kind == "xml":
            yield Card()
        elif kind == "forward":
            yield Forwarded()
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

    async def kick(self, group: int, qq: int) -> None:
        await self._bot.kick_group_member(group_id=group, user_id=qq, reject_add_request=False)

    async def name_of(self, qq: int) -> str:
        return (await self._bot.get_user_profile(user_id=qq)).nickname

    async def groups(self) -> frozenset[int]:
        return frozenset(group.group_id for group in await self._bot.get_group_list(no_cache=False))


def _said(segment: Segment, picture: PictureOf) -> MessageSegment:
    if isinstance(segment, Text):
        return MessageSegment.text(segment.text)
    if isinstance(segment, At):
        return MessageSegment.mention_all() if segment.qq is None else MessageSegment.mention(segment.qq)
    if isinstance(segment, Image):
        said: MessageSegment = MessageSegment.image(raw=picture(segment.source))
        return said
    raise ValueError(f"a bot does not say {type(segment).__name__}")
