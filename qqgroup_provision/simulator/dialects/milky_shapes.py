"""Groups, members and friends as Milky 1.2 gives them, in functions and in messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator.roll import LONG_AGO
from qqgroup_provision.simulator.world import World


def group_entity(world: World, row: Mapping[str, Any]) -> dict[str, Any]:
    newest = next(iter(world.notices(row["id"])), {"text": ""})
    settings = world.settings(row["id"])
    return {
        "group_id": row["id"], "group_name": row["name"], "member_count": row["size"],
        "max_member_count": row["capacity"], "remark": row["remark"], "created_time": LONG_AGO,
        "description": settings["description"], "question": settings["question"],
        "announcement": newest["text"],
    }  # fmt: skip


def member_entity(row: Mapping[str, Any]) -> dict[str, Any]:
    item = {
        "user_id": row["qq"], "nickname": row["nickname"], "sex": "unknown", "group_id": row["group_id"],
        "card": row["card"], "title": row["title"], "level": 1, "role": row["role"], "join_time": row["joined"],
        "last_sent_time": row["spoke"],
    }  # fmt: skip
    return {**item, "shut_up_end_time": row["muted_until"]} if row["muted_until"] else item


def departed(world: World, group: int, qq: int) -> dict[str, Any]:
    """What is still known of somebody who has left."""
    return {
        "qq": qq, "nickname": world.nickname(qq), "group_id": group, "card": "", "title": "", "role": "member",
        "joined": LONG_AGO, "spoke": LONG_AGO, "muted_until": 0,
    }  # fmt: skip


def friend_entity(world: World, qq: int) -> dict[str, Any]:
    return {
        "user_id": qq, "nickname": world.nickname(qq), "sex": "unknown", "qid": "", "remark": "",
        "category": {"category_id": 0, "category_name": "我的好友"},
    }  # fmt: skip
