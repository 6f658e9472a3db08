"""What bots over OneBot 11 are told of deeds (deeds.py), by every implementation (qq_protocol §12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contracts.homes import BOB, CAROL, ONEBOT

Notice = tuple[str, str, Mapping[str, Any]]  # the class NoneBot makes of it, its name, and some of its fields
Told = Mapping[str, tuple[Notice, ...]]  # by implementation


def by_all(*notices: Notice, **otherwise: tuple[Notice, ...]) -> Told:
    """The same from every implementation but those that are named."""
    return {kind: otherwise.get(kind, notices) for kind in ONEBOT}


_BOB = {"user_id": BOB}
_LEAVES = ("GroupDecreaseNoticeEvent", "notice.group_decrease.leave", _BOB)

NOTICES: Mapping[str, Told] = {
    "is muted, and no longer": by_all(
        ("GroupBanNoticeEvent", "notice.group_ban.ban", {**_BOB, "duration": 600}),
        ("GroupBanNoticeEvent", "notice.group_ban.lift_ban", {**_BOB, "duration": 0}),
    ),
    "is muted with all others, and no longer": by_all(
        ("GroupBanNoticeEvent", "notice.group_ban.ban", {"user_id": 0, "duration": -1}),
        ("GroupBanNoticeEvent", "notice.group_ban.lift_ban", {"user_id": 0, "duration": 0}),
    ),
    "becomes an admin, and a member again": by_all(
        ("GroupAdminNoticeEvent", "notice.group_admin.set", _BOB),
        ("GroupAdminNoticeEvent", "notice.group_admin.unset", _BOB),
    ),
    "uploads a file": by_all(("GroupUploadNoticeEvent", "notice.group_upload", _BOB)),
    "takes back what he said": by_all(
        ("GroupRecallNoticeEvent", "notice.group_recall", {**_BOB, "operator_id": BOB})
    ),
    "pokes the bot": by_all(("PokeNotifyEvent", "notice.notify.poke", _BOB)),
    "is given a title": by_all(("NotifyEvent", "notice.notify.title", {**_BOB, "title": "新"}), lagrange=()),
    "is given a card": by_all(("NoticeEvent", "notice.group_card", {**_BOB, "card_new": "牌"}), lagrange=()),
    "has his words marked as essence, and no longer": by_all(
        ("NoticeEvent", "notice.essence.add", {"sender_id": BOB, "operator_id": CAROL}),
        ("NoticeEvent", "notice.essence.delete", {"sender_id": BOB, "operator_id": CAROL}),
    ),
    "sees the group have a new name": by_all(
        napcat=(("NotifyEvent", "notice.notify.group_name", {"name_new": "又一个"}),),
        lagrange=(("NoticeEvent", "notice.group_name_change", {"name": "又一个"}),),
    ),
    "puts a face under what he said": by_all(
        ("NoticeEvent", "notice.group_msg_emoji_like", _BOB),
        lagrange=(("NoticeEvent", "notice.reaction.add", {"operator_id": BOB, "code": "66"}),),
        gocq=(),
    ),
    "is thrown out": by_all(
        ("GroupDecreaseNoticeEvent", "notice.group_decrease.kick", {**_BOB, "operator_id": CAROL})
    ),
    "leaves, and comes back with Carol's help": by_all(
        _LEAVES,
        ("GroupIncreaseNoticeEvent", "notice.group_increase.invite", {**_BOB, "operator_id": CAROL}),
        gocq=(_LEAVES, ("GroupIncreaseNoticeEvent", "notice.group_increase.approve", {**_BOB, "operator_id": 0})),
    ),
}
