"""Groups and announcements as Milky describes them. Members look as they do in OneBot."""

from __future__ import annotations

import html
from typing import Any

from qqgroup_provision.plain_text import plain
from qqgroup_provision.platforms.shape import identifier, integer, text
from qqgroup_provision.ports import LiveNotice, LiveProfile, LiveSettings


def profile(item: Any) -> LiveProfile:
    """A GroupEntity (qq_protocol §2.4). Whether the group is muted is not among its fields."""
    return LiveProfile(
        name=text(item, "group_name"),
        remark=text(item, "remark"),
        mute_all=None,
        member_count=integer(item, "member_count"),
        capacity=integer(item, "max_member_count"),
        description=plain(text(item, "description")),
    )


def settings(item: Any) -> LiveSettings:
    """What a GroupEntity says beside what a listing is needed for: the rest has no field in Milky."""
    return LiveSettings(description=plain(text(item, "description")), join_question=plain(text(item, "question")))


def notice(item: Any) -> LiveNotice:
    """A GroupAnnouncementEntity (qq_protocol §5.2). Texts come with HTML entities, flags not at all."""
    image = text(item, "image_url", "")
    return LiveNotice(
        notice_id=identifier(item, "announcement_id"),
        text=plain(html.unescape(text(item, "content"))),
        sender_id=integer(item, "user_id"),
        published_at=integer(item, "time"),
        images=(image,) if image else (),
    )
