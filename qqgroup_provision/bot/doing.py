"""What an account can do, and how one that speaks OneBot 11 does it (qq_protocol §11)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Protocol

from nonebot.adapters.onebot.v11 import Bot

from qqgroup_provision.behavior.event import At, Image, Segment, Text

PictureOf = Callable[[str], bytes]  # the content of a picture, by the path a configuration knows it by


class Account(Protocol):
    """One connected account. Everything it does raises `Exception` where it does not succeed, whatever the reason."""

    @property
    def number(self) -> int:
        """Its QQ number."""
        ...

    async def say(self, group: int, segments: tuple[Segment, ...], quote: str | None, picture: PictureOf) -> str:
        """Send a message, once; gives its id."""
        ...

    async def recall(self, group: int, message: str) -> None:
        """Take back a message that this account heard, by the id it has for it."""
        ...

    async def mute(self, group: int, qq: int, seconds: int) -> None:
        """Let somebody say nothing for a while."""
        ...

    async def kick(self, group: int, qq: int) -> None:
        """Remove somebody, who may ask to come back."""
        ...

    async def name_of(self, qq: int) -> str:
        """What somebody calls themselves. Who has just come has no other name in the group yet."""
        ...

    async def groups(self) -> frozenset[int]:
        """The groups the account is in."""
        ...


class OneBotAccount:
    """An account of NoneBot's OneBot 11 adapter."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @property
    def number(self) -> int:
        return int(self._bot.self_id)

    async def say(self, group: int, segments: tuple[Segment, ...], quote: str | None, picture: PictureOf) -> str:
        message = [_data(segment, picture) for segment in segments]
        if quote is not None:
            message.insert(0, {"type": "reply", "data": {"id": quote}})
        answer = await self._bot.call_api("send_group_msg", group_id=group, message=message)
        return str(answer.get("message_id", "")) if isinstance(answer, dict) else ""

    async def recall(self, group: int, message: str) -> None:
        await self._bot.call_api("delete_msg", message_id=int(message))

    async def mute(self, group: int, qq: int, seconds: int) -> None:
        await self._bot.call_api("set_group_ban", group_id=group, user_id=qq, duration=seconds)

    async def kick(self, group: int, qq: int) -> None:
        await self._bot.call_api("set_group_kick", group_id=group, user_id=qq, reject_add_request=False)

    async def name_of(self, qq: int) -> str:
        # Not by get_group_member_info: NapCat's list of members does not know yet who has just come (§2.4).
        answer = await self._bot.call_api("get_stranger_info", user_id=qq, no_cache=False)
        return str(answer.get("nickname") or "") if isinstance(answer, dict) else ""

    async def groups(self) -> frozenset[int]:
        answer = await self._bot.call_api("get_group_list", no_cache=False)
        return frozenset(int(each["group_id"]) for each in answer)


def _data(segment: Segment, picture: PictureOf) -> dict[str, Any]:
    """A segment as it is sent. Always as one of an array: text of such a one is never read as a CQ code."""
    if isinstance(segment, Text):
        return {"type": "text", "data": {"text": segment.text}}
    if isinstance(segment, At):
        return {"type": "at", "data": {"qq": "all" if segment.qq is None else str(segment.qq)}}
    if isinstance(segment, Image):
        return {"type": "image", "data": {"file": picture_uri(picture(segment.source))}}
    raise ValueError(f"a bot does not say {type(segment).__name__}")


def picture_uri(content: bytes) -> str:
    """A picture for servers that see none of our files."""
    return f"base64://{base64.b64encode(content).decode('ascii')}"
