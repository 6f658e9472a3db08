"""An item of a list of members, as both protocols give it, as one of the engine (qq_protocol §2.4, §13). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qqgroup_provision.behavior.event import Member, Person
from qqgroup_provision.bot.heard import moment
from qqgroup_provision.ports import Rank

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}
_LONGEST_LEVEL = 6  # digits


def member_of(item: Mapping[str, Any]) -> Member | None:
    """A member; `None` for an item that is none. What is missing or makes no sense is not known.

    Nought as the last message's time is said of those who never spoke: the time they came. As the time they came it
    says nothing, for nobody came in 1970.
    """
    qq = item.get("user_id")
    if not isinstance(qq, int) or qq <= 0:
        return None
    joined = _time(item.get("join_time"))
    spoke = joined if _is_nought(item.get("last_sent_time")) else _time(item.get("last_sent_time"))
    if joined is not None and spoke is not None:
        spoke = max(joined, spoke)  # what somebody said before they left and came again
    title = item.get("title")
    name = str(item.get("card") or item.get("nickname") or "")
    person = Person(qq, name, _RANKS.get(str(item.get("role"))), _level(item.get("level")))
    return Member(person, joined, spoke, title if isinstance(title, str) else None, item.get("is_robot") is True)


def _time(value: Any) -> datetime | None:
    return moment(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _is_nought(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value == 0


def _level(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_LEVEL else None
