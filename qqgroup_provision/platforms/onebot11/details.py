"""A group's details as NapCat gives them: QQ's own numbers and bits, in our words (qq_protocol §2.4, §3.4 to §3.6).

A number that has no word here is still what was read, so it is given as it is: it differs from all YAML can want.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from qqgroup_provision.plain_text import plain
from qqgroup_provision.platforms.shape import integer, of, text
from qqgroup_provision.ports import LiveSettings

ADD_TYPES: Mapping[str, int] = {
    "open": 1,
    "review": 2,
    "closed": 3,
    "correct_answer": 4,
    "question_and_review": 5,
}
ROBOTS: Mapping[str, tuple[int, int]] = {"free": (0, 0), "review": (0, 2), "forbidden": (1, 2)}
_METHODS = {number: word for word, number in ADD_TYPES.items()}
_ROBOTS = {numbers: word for word, numbers in ROBOTS.items()}
# Bits of privilegeFlag.
_INVITES = 0x0610_0000
_POLICIES = {
    0x0400_0000: "disabled",
    0: "require_approval",
    0x0010_0000: "no_approval",
    0x0200_0000: "no_approval_under_100",
}
_NO_ALBUM, _NO_NEW_GROUP, _NO_SESSION = 0x1, 0x8000, 0x1_0000
# A bit of groupFlagExt4.
_HISTORY = 0x4


def settings(data: Any) -> LiveSettings:
    """The answer of get_group_detail_info. Raises `WrongShape`."""
    bits, option = integer(data, "privilegeFlag"), integer(data, "groupOption")
    invites = bits & _INVITES
    return LiveSettings(
        description=_written(data, "richFingerMemo") or _written(data, "fingerMemo"),
        join_method=_METHODS.get(option, f"QQ {option}"),
        join_question=_written(data, "groupQuestion"),
        member_invites=_POLICIES.get(invites, f"QQ {invites}"),
        history_visible=bool(integer(data, "groupFlagExt4") & _HISTORY),
        upload_album=not bits & _NO_ALBUM,
        temporary_session=not bits & _NO_SESSION,
        create_group=not bits & _NO_NEW_GROUP,
    )


def robots(data: Any) -> str:
    """What get_group_info_ex says of robots. Raises `WrongShape`."""
    more = of(data, "extInfo")
    found = integer(more, "inviteRobotMemberSwitch"), integer(more, "inviteRobotMemberExamine")
    return _ROBOTS.get(found, "QQ {},{}".format(*found))


def _written(data: Any, key: str) -> str:
    return plain(html.unescape(text(data, key, "")))
