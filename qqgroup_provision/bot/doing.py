"""What an account can do, and how one that speaks OneBot 11 does it (qq_protocol §11)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from nonebot.adapters.onebot.v11 import Bot, Message

from qqgroup_provision.behavior.event import At, Image, Member, Person, Segment, Text
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.members import member_of
from qqgroup_provision.bot.past import (
    History,
    Posted,
    onebot_history,
    onebot_muted_until,
    onebot_posted,
    onebot_requests,
)
from qqgroup_provision.ports import Rank

RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}
_LEVELS = ("qqLevel", "qq_level", "level")  # NapCat's name for it, and those of others (§2.4)
_MUTED = ("group_all_shut", "shut_up_all_timestamp")  # of NapCat and LLBot; 0 while everybody may speak (§7.2)
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

    async def mute_all(self, group: int, on: bool) -> None:
        """Let only admins speak, or everybody again."""
        ...

    async def is_muted(self, group: int) -> bool | None:
        """Whether only admins may speak; `None` where nobody tells."""
        ...

    async def announce(self, group: int, text: str) -> None:
        """Post an announcement."""
        ...

    async def set_essence(self, group: int, message: str) -> None:
        """Make a message an essence message, by the id this account has for it."""
        ...

    async def person_of(self, group: int, qq: int) -> Person:
        """What somebody is in the group."""
        ...

    async def sender_of(self, group: int, message: str) -> int:
        """Who said a message, by the id this account has for it."""
        ...

    async def text_of(self, group: int, message: str) -> str:
        """What a message says, by the id this account has for it, without anything but its text."""
        ...

    async def answer_request(self, group: int, request: str, approve: bool, reason: str) -> None:
        """Let somebody in who asked for it, or refuse them and say why. `request` is as it was heard."""
        ...

    async def level_of(self, qq: int) -> int | None:
        """The level somebody has in QQ; `None` where nobody tells."""
        ...

    async def is_full(self, group: int) -> bool | None:
        """Whether nobody more gets into a group; `None` where nobody tells."""
        ...

    async def places(self, group: int) -> int | None:
        """How many more get into a group; `None` where nobody tells."""
        ...

    async def name_of(self, qq: int) -> str:
        """What somebody calls themselves. Who has just come has no other name in the group yet."""
        ...

    async def groups(self) -> frozenset[int]:
        """The groups the account is in."""
        ...

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        """Who is in a group, and how many there are as the group itself says."""
        ...

    async def history(self, group: int, since: datetime, most: int) -> History:
        """What was said in a group since then, ours too; at most about so many messages, the newest ones."""
        ...

    async def requests(self) -> tuple[Heard, ...]:
        """The requests to join that nobody has decided, of all groups."""
        ...

    async def muted_until(self, group: int, qq: int) -> datetime | None:
        """Until when somebody says nothing; `None` where nobody tells. They may speak if that is over."""
        ...

    async def posted(self, group: int) -> tuple[Posted, ...]:
        """The announcements of a group."""
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

    async def mute_all(self, group: int, on: bool) -> None:
        await self._bot.call_api("set_group_whole_ban", group_id=group, enable=on)

    async def is_muted(self, group: int) -> bool | None:
        answer = await self._bot.call_api("get_group_info", group_id=group, no_cache=True)
        told = [answer.get(name) for name in _MUTED] if isinstance(answer, dict) else []
        return next((value != 0 for value in told if isinstance(value, int)), None)

    async def announce(self, group: int, text: str) -> None:
        # Without flags, which NapCat wants as numbers and LLBot as booleans. Left out they mean the same to all of
        # them: unpinned, and to be confirmed (§5.1).
        answer = await self._bot.call_api("_send_group_notice", group_id=group, content=text)
        if answer == "":
            raise RuntimeError("no announcement came of it")  # as Lagrange.OneBot tells a refusal

    async def set_essence(self, group: int, message: str) -> None:
        await self._bot.call_api("set_essence_msg", message_id=int(message))

    async def person_of(self, group: int, qq: int) -> Person:
        # NapCat knows of nobody before it was asked for the list, and is late with ranks in both (§2.4): where the
        # two do not agree, nobody knows.
        listed = await self._bot.call_api("get_group_member_list", group_id=group, no_cache=True)
        answer = await self._bot.call_api("get_group_member_info", group_id=group, user_id=qq, no_cache=True)
        if int(answer["user_id"]) != qq:
            raise RuntimeError("somebody else was told of")
        ranks = {RANKS.get(row.get("role")) for row in (*listed, answer) if row.get("user_id") == qq}
        name = str(answer.get("card") or answer.get("nickname") or "")
        return Person(qq, name, ranks.pop() if len(ranks) == 1 else None)

    async def sender_of(self, group: int, message: str) -> int:
        return int((await self._message(group, message))["sender"]["user_id"])

    async def text_of(self, group: int, message: str) -> str:
        said = (await self._message(group, message)).get("message")
        if isinstance(said, str):
            return Message(said).extract_plain_text()
        parts = (part.get("data") for part in said or () if isinstance(part, dict) and part.get("type") == "text")
        return "".join(str(data.get("text", "")) for data in parts if isinstance(data, dict))

    async def _message(self, group: int, message: str) -> Any:
        answer = await self._bot.call_api("get_msg", message_id=int(message))
        if int(answer.get("group_id") or group) != group:
            raise RuntimeError("it was said in another group")
        return answer

    async def answer_request(self, group: int, request: str, approve: bool, reason: str) -> None:
        # go-cqhttp has to be told that it is no invitation; the others do not mind (§7.1).
        await self._bot.call_api(
            "set_group_add_request", flag=request, sub_type="add", approve=approve, reason=reason
        )

    async def level_of(self, qq: int) -> int | None:
        answer = await self._bot.call_api("get_stranger_info", user_id=qq, no_cache=True)
        # 0 is what a server says that was told none, and a person who hides it.
        return next((level for name in _LEVELS if (level := _number(answer.get(name))) > 0), None)

    async def is_full(self, group: int) -> bool | None:
        answer = await self._bot.call_api("get_group_info", group_id=group, no_cache=True)
        most = _number(answer.get("max_member_count"))
        return _number(answer.get("member_count")) >= most if most > 0 else None

    async def places(self, group: int) -> int | None:
        answer = await self._bot.call_api("get_group_info", group_id=group, no_cache=True)
        most, count = _number(answer.get("max_member_count")), _number(answer.get("member_count"))
        return max(0, most - count) if most > 0 and count > 0 else None  # nobody is in a group without members

    async def name_of(self, qq: int) -> str:
        # Not by get_group_member_info: NapCat's list of members does not know yet who has just come (§2.4).
        answer = await self._bot.call_api("get_stranger_info", user_id=qq, no_cache=False)
        return str(answer.get("nickname") or "") if isinstance(answer, dict) else ""

    async def groups(self) -> frozenset[int]:
        answer = await self._bot.call_api("get_group_list", no_cache=False)
        return frozenset(int(each["group_id"]) for each in answer)

    async def members(self, group: int) -> tuple[tuple[Member, ...], int | None]:
        listed = await self._bot.call_api("get_group_member_list", group_id=group, no_cache=True)
        about = await self._bot.call_api("get_group_info", group_id=group, no_cache=True)
        found = (member_of(each) for each in listed if isinstance(each, dict))
        count = about.get("member_count") if isinstance(about, dict) else None
        known = isinstance(count, int) and count > 0
        return tuple(member for member in found if member is not None), count if known else None

    async def history(self, group: int, since: datetime, most: int) -> History:
        return await onebot_history(self._bot.call_api, self.number, group, since, most)

    async def requests(self) -> tuple[Heard, ...]:
        return await onebot_requests(self._bot.call_api, self.number)

    async def muted_until(self, group: int, qq: int) -> datetime | None:
        return await onebot_muted_until(self._bot.call_api, group, qq)

    async def posted(self, group: int) -> tuple[Posted, ...]:
        return await onebot_posted(self._bot.call_api, group)


def _number(written: Any) -> int:
    """A number in an answer, 0 where there is none."""
    text = str(written)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


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
