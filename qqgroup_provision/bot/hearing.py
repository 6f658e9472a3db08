"""Events of NoneBot's OneBot 11 adapter as events of the engine (qq_protocol §12). Pure.

Everything in them was written by strangers: what makes no sense becomes nothing, and never an exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from nonebot.adapters.onebot.v11 import (
    Event as OneBotEvent,
)
from nonebot.adapters.onebot.v11 import (
    GroupDecreaseNoticeEvent,
    GroupIncreaseNoticeEvent,
    GroupMessageEvent,
    GroupRecallNoticeEvent,
    GroupRequestEvent,
    NoticeEvent,
)

from qqgroup_provision.behavior.event import (
    DEEPEST,
    At,
    Card,
    CardChanged,
    File,
    Forwarded,
    Image,
    Joined,
    Left,
    Message,
    Other,
    Person,
    Quote,
    Recalled,
    Requested,
    Segment,
    Text,
    text_of,
)
from qqgroup_provision.bot.heard import Heard, moment
from qqgroup_provision.ports import Rank

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}
_LONGEST_ADDRESS = 4000  # characters
_LONGEST_CARD = 100_000  # characters of JSON that are looked into
_NUMBER = re.compile(r"-?[0-9]{1,20}", re.ASCII)  # ids of messages are negative on some servers
_FILES = frozenset({"file", "onlinefile", "flashtransfer"})
_PICTURES = frozenset({"image", "mface"})
_ADDRESSES = ("jumpUrl", "qqdocurl", "url")


def heard(event: OneBotEvent) -> Heard | None:
    """What happened in a group; `None` for whatever the engine knows nothing of."""
    if isinstance(event, GroupMessageEvent):
        return _message(event)
    if isinstance(event, GroupIncreaseNoticeEvent | GroupDecreaseNoticeEvent | GroupRequestEvent):
        return _people(event)
    if isinstance(event, NoticeEvent) and event.notice_type == "group_card":
        return _recarded(event)
    return _recalled(event) if isinstance(event, GroupRecallNoticeEvent) else None


def _recarded(event: NoticeEvent) -> Heard | None:
    """A new card, empty where it was taken away. The adapter has no event of its own for it."""
    at = moment(event.time)
    group, qq, card = (getattr(event, name, None) for name in ("group_id", "user_id", "card_new"))
    if at is None or not isinstance(group, int) or not isinstance(qq, int) or not isinstance(card, str) or qq <= 0:
        return None
    changed = CardChanged(group, Person(qq, card, rank=None, card=card), at, event.self_id)
    told = sha256(f"{qq}/{event.time}/{card}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Heard(changed, f"card/{told}")


def address_of(told: Any) -> str:
    """Where a server says that a picture is; empty for what is no address."""
    known = isinstance(told, str) and len(told) <= _LONGEST_ADDRESS and told.startswith(("http://", "https://"))
    return told if known else ""


def _recalled(event: GroupRecallNoticeEvent) -> Heard | None:
    """Each account is told of it by an id of its own, so none of them hears what another one did."""
    at, id_ = moment(event.time), str(event.message_id)
    if at is None:
        return None
    return Heard(Recalled(event.group_id, id_, at, event.self_id), f"recalled/{event.self_id}/{id_}")


def _message(event: GroupMessageEvent) -> Heard | None:
    at = moment(event.time)
    if at is None:
        return None
    # Not `message`: the adapter takes mentions of the bot, and what is quoted, out of that one.
    parts = [(str(part.type), _data(part.data)) for part in event.original_message]
    segments = tuple(_segments(parts, DEEPEST))
    sender = event.sender
    person = Person(
        qq=event.user_id,
        name=sender.card or sender.nickname or "",
        rank=_RANKS.get(sender.role or ""),
        level=_level(sender.level),
        card=sender.card if isinstance(sender.card, str) else None,
    )
    message = Message(event.group_id, str(event.message_id), person, segments, at, event.self_id)
    return Heard(message, likeness(message), _sequence(event))


def likeness(message: Message) -> str:
    """What a message has in common with the same one as another account hears it."""
    said = f"{message.sender.qq}/{message.at.timestamp():.0f}/{len(message.segments)}/{text_of(message.segments)}"
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _people(event: GroupIncreaseNoticeEvent | GroupDecreaseNoticeEvent | GroupRequestEvent) -> Heard | None:
    at, person = moment(event.time), Person(event.user_id)
    if at is None or event.user_id <= 0:
        return None
    group, me = event.group_id, event.self_id
    if isinstance(event, GroupRequestEvent):
        if event.sub_type != "add":
            return None
        number, comment = number_of(event.flag), event.comment or ""
        asked = Requested(group, event.flag, person, comment, at, me, number, _invited(event, comment))
        return Heard(asked, f"asked/{person.qq}/{comment[:200]}", f"asked/{number}" if number else "")
    if isinstance(event, GroupIncreaseNoticeEvent):
        brought = event.sub_type == "invite" and event.operator_id not in (0, person.qq)
        inviter = Person(event.operator_id, rank=None) if brought else None
        return Heard(Joined(group, person, at, me, inviter), f"joined/{person.qq}")
    by = event.operator_id if event.sub_type != "leave" and event.operator_id != person.qq else None
    return Heard(Left(group, person, at, by or None, me), f"left/{person.qq}")


def number_of(flag: str) -> str:
    """A request's own number in what a server calls it: LLBot puts the group before it, Lagrange behind (§0.2)."""
    number = flag.split("|")[1] if "|" in flag else flag.partition("-")[0]
    return number if number.isascii() and number.isdigit() and len(number) <= 20 else ""


def _invited(event: GroupRequestEvent, comment: str) -> bool:
    """Whether a member brings somebody along. Where no inviter is told, a request without any word is such a one."""
    inviter = getattr(event, "invitor_id", None)
    return not comment.strip() if inviter is None else str(inviter) not in ("", "0")


def _sequence(event: GroupMessageEvent) -> str:
    """The message's number in its group. NapCat calls it `real_seq`; its `message_seq` is but the id once more."""
    for name in ("real_seq", "message_seq"):
        value = getattr(event, name, None)
        if value and str(value).isdigit() and str(value) != str(event.message_id):
            return str(value)
    return ""


def _level(written: Any) -> int | None:
    text = str(written)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _segments(parts: Iterable[tuple[str, Mapping[str, Any]]], depth: int) -> Iterator[Segment]:
    for kind, data in parts:
        if kind == "text":
            yield Text(str(data.get("text", "")))
        elif kind == "at":
            yield _at(str(data.get("qq", "")))
        elif kind in _PICTURES:
            yield Image(url=address_of(data.get("url")))
        elif kind in _FILES:
            yield File(str(data.get("file") or data.get("name") or ""))
        elif kind == "json":
            yield card(data.get("data"))
        elif kind in ("share", "xml", "miniapp", "contact", "location", "music"):
            yield Card(str(data.get("title") or ""), str(data.get("url") or ""))
        elif kind == "reply" and _NUMBER.fullmatch(str(data.get("id", ""))):
            yield Quote(str(data["id"]))
        elif kind in ("forward", "node"):
            yield Forwarded(tuple(_forwarded(data.get("content"), depth)))
        else:
            yield Other(kind)


def _data(told: Any) -> Mapping[str, Any]:
    """What a part says; nothing where it makes no sense, for that must not hide the parts beside it."""
    return told if isinstance(told, dict) else {}


def _at(qq: str) -> Segment:
    if qq == "all":
        return At(None)
    return At(int(qq)) if qq.isascii() and qq.isdigit() and len(qq) <= 20 else Other("at")


def card(written: Any) -> Card:
    """A card from its JSON: the title and the address that are told first."""
    try:
        found = json.loads(str(written)[:_LONGEST_CARD])
    except (ValueError, RecursionError):
        return Card()
    meta = found.get("meta") if isinstance(found, dict) else None
    for detail in meta.values() if isinstance(meta, dict) else ():
        if isinstance(detail, dict):
            url = next((detail[name] for name in _ADDRESSES if isinstance(detail.get(name), str)), "")
            return Card(str(detail.get("title") or detail.get("desc") or ""), url)
    return Card(str(found.get("prompt") or "") if isinstance(found, dict) else "")


def _forwarded(content: Any, depth: int) -> Iterator[tuple[Segment, ...]]:
    """The messages of a forwarded one, where a server sends them along."""
    if depth <= 0 or not isinstance(content, list):
        return
    for message in content:
        said = message.get("message", message.get("content")) if isinstance(message, dict) else None
        if isinstance(said, str):
            yield (Text(said),)
        elif isinstance(said, list):
            plain = [part for part in said if isinstance(part, dict)]
            parts = [
                (str(part.get("type")), data)
                for part in plain
                if isinstance(data := part.get("data"), dict)
            ]  # fmt: skip
            yield tuple(_segments(parts, depth - 1))
