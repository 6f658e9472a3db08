"""Groups and announcements as OneBot servers describe them."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from qqgroup_provision.plain_text import plain, whole
from qqgroup_provision.platforms.shape import WrongShape, dicts, flag, identifier, integer, of, text
from qqgroup_provision.ports import LiveNotice, LiveProfile


def profile(
    item: Any,
    remark_key: str | None,
    muted: Callable[[Any], bool] | None,
    description_key: str | None = None,
) -> LiveProfile:
    """An item of get_group_list (qq_protocol §2.4). Without `remark_key`, `muted` or `description_key` it does
    not say."""
    remark, description = _written(item, remark_key), _written(item, description_key)
    return LiveProfile(
        name=text(item, "group_name"),
        remark=remark,
        mute_all=muted(item) if muted else None,
        member_count=integer(item, "member_count"),
        capacity=integer(item, "max_member_count"),
        description=None if description is None else plain(html.unescape(description)),
    )


def _written(item: Any, key: str | None) -> str | None:
    """A text that not everybody sends; `None` where it is not said."""
    written = item.get(key) if isinstance(item, dict) and key else None
    if written is not None and not isinstance(written, str):
        raise WrongShape(str(key))
    return None if written is None else whole(written)


def notice(item: Any) -> LiveNotice:
    """An item of _get_group_notice (qq_protocol §5.2). Texts come with HTML entities."""
    message = of(item, "message")
    settings = item.get("settings")
    if not isinstance(message, dict) or not isinstance(settings, dict | None):
        raise WrongShape("message")
    images = message.get("images") or message.get("image") or []
    if not isinstance(images, list):
        raise WrongShape("images")
    return LiveNotice(
        notice_id=identifier(item, "notice_id"),
        text=plain(html.unescape(text(message, "text"))),
        sender_id=integer(item, "sender_id"),
        published_at=integer(item, "publish_time"),
        images=tuple(whole(str(image.get("id", ""))) for image in dicts(images, "images")),
        pinned=flag(settings or {}, "pinned"),
        confirm=flag(settings or {}, "confirm_required"),
    )
