"""What happened in groups while nobody listened, as servers tell it afterwards (qq_protocol §5.2, §7.1, §12, §13).

Everything here reads. What is told of the past becomes the same events that would have been heard then, so that each
is known again by its identity.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from nonebot.adapters.onebot import v11

from qqgroup_provision.behavior.event import Message, Person, Requested
from qqgroup_provision.bot import hearing
from qqgroup_provision.bot.heard import Heard, moment

_PAGES = (50, 400)  # messages that are asked for at first, and then
_FIXED = (19, 20)  # as many as go-cqhttp gives, whatever it is asked for: there may be more
_NO_MESSAGE = "消息undefined不存在"  # how NapCat says that there is no message at all
_MORE = timedelta(minutes=1)  # by which more is read, for what we ourselves said last; all else is passed over unread
_PAGE = 30  # messages, or requests, of one answer of Milky
_REQUESTS = 50

Call = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class History:
    """What was said in a group, ours too, the oldest first; `is_whole` if it reaches back as far as was asked."""

    messages: tuple[Heard, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Posted:
    """An announcement as it stands in the group."""

    text: str
    sender: int
    at: datetime


async def onebot_history(call: Call, me: int, group: int, since: datetime, most: int) -> History:
    """Asked for again with more messages at a time, for servers do not agree on what a page begins with."""
    history = History((), is_whole=False)
    for count in sorted({*(page for page in _PAGES if page < most), most}):
        try:
            answer = await call("get_group_msg_history", group_id=group, count=count)
        except v11.ActionFailed as error:
            if _NO_MESSAGE in str(error.info):
                return History((), is_whole=True)
            raise
        items = answer.get("messages") if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise RuntimeError("this is no history")
        late = [item for item in items if isinstance(item, dict) and not _is_before(item, since - _MORE)]
        short = len(items) < count and len(items) not in _FIXED
        reaches = any(_is_before(item, since) for item in items if isinstance(item, dict))
        history = History(tuple(_onebot_messages(late, me, group)), short or reaches)
        if history.is_whole or len(items) < count:
            break
    return history


def _is_before(item: Mapping[str, Any], at: datetime) -> bool:
    time = item.get("time")
    return isinstance(time, int) and time < at.timestamp()


def _onebot_messages(items: Iterable[Mapping[str, Any]], me: int, group: int) -> Iterable[Heard]:
    for item in items:
        told = {"sub_type": "normal", "font": 0, "raw_message": "", "self_id": me, "group_id": group, **item}
        # Own messages are of another type, and only in some histories.
        event = v11.Adapter.json_to_event({**told, "post_type": "message", "message_type": "group"})
        heard = hearing.heard(event) if isinstance(event, v11.GroupMessageEvent) else None
        if heard is not None and isinstance(heard.event, Message) and heard.event.group == group:
            yield heard


def _reaches(messages: tuple[Heard, ...], since: datetime) -> bool:
    return any(isinstance(one.event, Message) and one.event.at < since for one in messages)


async def onebot_requests(call: Call, me: int) -> tuple[Heard, ...]:
    """Requests that nobody has decided yet. Servers that do not say which those are raise."""
    answer = await call("get_group_system_msg")
    if not isinstance(answer, dict) or not isinstance(rows := answer.get("join_requests") or [], list):
        raise RuntimeError("this is no list of requests")
    return tuple(_onebot_request(row, me) for row in rows if isinstance(row, dict) and row.get("checked") is False)


def _onebot_request(row: Mapping[str, Any], me: int) -> Heard:
    """NapCat has whoever asks where an inviter would stand."""
    flag, comment = str(row["request_id"]), str(row.get("message") or "")
    person = Person(int(row.get("requester_uin") or row["invitor_uin"]))
    number = hearing.number_of(flag)
    invited = not comment.strip()
    asked = Requested(int(row["group_id"]), flag, person, comment, datetime.now(UTC), me, number, invited)
    return Heard(asked, f"asked/{person.qq}/{comment[:200]}", f"asked/{number}" if number else "")


async def onebot_muted_until(call: Call, group: int, qq: int) -> datetime | None:
    answer = await call("get_group_member_info", group_id=group, user_id=qq, no_cache=True)
    until = answer.get("shut_up_timestamp") if isinstance(answer, dict) else None
    return moment(until) if isinstance(until, int) else None


async def onebot_posted(call: Call, group: int) -> tuple[Posted, ...]:
    answer = await call("_get_group_notice", group_id=group)
    rows = [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
    return tuple(
        Posted(html.unescape(str(row["message"]["text"])), int(row["sender_id"]), at)
        for row in rows
        if (at := moment(int(row["publish_time"]))) is not None
    )


async def milky_history(call: Call, me: int, group: int, since: datetime, most: int) -> History:
    from nonebot.adapters.milky import Adapter

    from qqgroup_provision.bot import milky

    found: list[Heard] = []
    start: int | None = None
    while len(found) < most:
        named = {"message_scene": "group", "peer_id": group, "limit": _PAGE}
        answer = await call(
            "get_history_messages", **named, **({} if start is None else {"start_message_seq": start})
        )
        items = answer["messages"]
        page: list[Heard] = []
        for item in items:
            told = {"event_type": "message_receive", "time": item["time"], "self_id": me, "data": item}
            event = Adapter.json_to_event(milky.understood(told))
            heard = milky.heard(event) if event is not None else None
            if heard is not None and isinstance(heard.event, Message):
                page.append(heard)
        found[:0] = page
        upto = answer.get("next_message_seq")
        if not items or not isinstance(upto, int) or upto <= 0 or (start is not None and upto >= start):
            return History(tuple(found), is_whole=True)
        if _reaches(tuple(page), since):
            return History(tuple(found), is_whole=True)
        start = upto
    return History(tuple(found), is_whole=False)


async def milky_requests(call: Call, me: int) -> tuple[Heard, ...]:
    answer = await call("get_group_notifications", limit=_REQUESTS)
    return tuple(
        _milky_request(row, me)
        for row in answer["notifications"]
        if row.get("state") == "pending" and row.get("type") in ("join_request", "invited_join_request")
    )


def _milky_request(row: Mapping[str, Any], me: int) -> Heard:
    number, invited = str(row["notification_seq"]), row["type"] == "invited_join_request"
    flag = f"{number}/{row['type']}/{int(bool(row.get('is_filtered')))}"
    person = Person(int(row["target_user_id"] if invited else row["initiator_id"]))
    comment = str(row.get("comment") or "")
    asked = Requested(int(row["group_id"]), flag, person, comment, datetime.now(UTC), me, number, invited)
    return Heard(asked, f"asked/{person.qq}/{comment}", f"asked/{number}")


async def milky_muted_until(call: Call, group: int, qq: int) -> datetime | None:
    answer = await call("get_group_member_info", group_id=group, user_id=qq, no_cache=True)
    until = answer["member"].get("shut_up_end_time") or 0
    return moment(int(until))


async def milky_posted(call: Call, group: int) -> tuple[Posted, ...]:
    answer = await call("get_group_announcements", group_id=group)
    return tuple(
        Posted(html.unescape(str(row["content"])), int(row["user_id"]), at)
        for row in answer["announcements"]
        if (at := moment(int(row["time"]))) is not None
    )
