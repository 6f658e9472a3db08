"""Checked reading of what servers send. Anything of the wrong shape is `WrongShape`, and so nothing is known."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from qqgroup_provision.plain_text import plain, whole
from qqgroup_provision.ports import LiveMember, LiveNotice, LiveProfile, Rank

T = TypeVar("T")
_LONGEST = 20  # digits of a number that comes as a text
_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}


class WrongShape(Exception):
    """An answer lacks a field, or has one of another type."""


def integer(item: Any, key: str) -> int:
    """A whole number, also where it came as a text."""
    value = _of(item, key)
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.removeprefix("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongShape(key)
    return value


def text(item: Any, key: str, default: str | None = None) -> str:
    """A text; `default` where the key is missing or null, if there is one."""
    value = item.get(key) if isinstance(item, dict) else None
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise WrongShape(key)
    return whole(value)


def flag(item: Mapping[str, Any], key: str) -> bool | None:
    """True or false as a boolean or as 1 and 0; `None` where it is not said."""
    value = item.get(key)
    if value is None:
        return None
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise WrongShape(key)


def distinct(items: Any, read: Callable[[Any], T], key: Callable[[T], Any]) -> dict[Any, T]:
    """A list read item by item. Two items with one key mean that the list is not what it says it is."""
    if not isinstance(items, list):
        raise WrongShape("list")
    found: dict[Any, T] = {}
    for item in items:
        value = read(item)
        if key(value) in found:
            raise WrongShape(f"two items {key(value)}")
        found[key(value)] = value
    return found


def member(item: Any) -> LiveMember:
    """An item of get_group_member_list, or the answer of get_group_member_info (qq_protocol §2.4)."""
    rank = _RANKS.get(text(item, "role"))
    if rank is None:
        raise WrongShape("role")
    return LiveMember(
        user_id=integer(item, "user_id"),
        rank=rank,
        nickname=text(item, "nickname", ""),
        card=text(item, "card", ""),
        title=text(item, "title", ""),
    )


def profile(item: Any, remark_key: str, muted: Callable[[Any], bool]) -> LiveProfile:
    """An item of get_group_list (qq_protocol §2.4)."""
    remark = item.get(remark_key) if isinstance(item, dict) else None
    if remark is not None and not isinstance(remark, str):
        raise WrongShape(remark_key)
    return LiveProfile(
        name=text(item, "group_name"),
        remark=None if remark is None else whole(remark),
        mute_all=muted(item),
        member_count=integer(item, "member_count"),
        capacity=integer(item, "max_member_count"),
    )


def notice(item: Any) -> LiveNotice:
    """An item of _get_group_notice (qq_protocol §5.2). Texts come with HTML entities."""
    message = _of(item, "message")
    settings = item.get("settings")
    if not isinstance(message, dict) or not isinstance(settings, dict | None):
        raise WrongShape("message")
    images = message.get("images") or message.get("image") or []
    if not isinstance(images, list):
        raise WrongShape("images")
    return LiveNotice(
        notice_id=_identifier(item, "notice_id"),
        text=plain(html.unescape(text(message, "text"))),
        sender_id=integer(item, "sender_id"),
        published_at=integer(item, "publish_time"),
        images=tuple(whole(str(image.get("id", ""))) for image in _dicts(images)),
        pinned=flag(settings or {}, "pinned"),
        confirm=flag(settings or {}, "confirm_required"),
    )


def _identifier(item: Any, key: str) -> str:
    value = text(item, key)
    if not value:
        raise WrongShape(key)
    return value


def _dicts(items: Iterable[Any]) -> Iterable[dict[str, Any]]:
    for item in items:
        if not isinstance(item, dict):
            raise WrongShape("images")
        yield item


def _of(item: Any, key: str) -> Any:
    if not isinstance(item, dict) or key not in item:
        raise WrongShape(key)
    return item[key]
