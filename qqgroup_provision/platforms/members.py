"""Members, whom both protocols describe in the same words, and what a list of them has to be to count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qqgroup_provision.platforms.shape import WrongShape, distinct, integer, text
from qqgroup_provision.ports import Absent, Known, LiveMember, Rank, Reading

_RANKS = {"owner": Rank.OWNER, "admin": Rank.ADMIN, "member": Rank.MEMBER}


def member(item: Any) -> LiveMember:
    """One member of a list, or the answer to a question about one (qq_protocol §2.4)."""
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


def everybody(items: Any, self_id: int, read: Callable[[Any], LiveMember] = member) -> dict[int, LiveMember]:
    """A whole list. Whoever can list a group is in it, so one without `self_id` has parts missing."""
    found = distinct(items, read, lambda one: one.user_id)
    if self_id not in found:
        raise WrongShape(f"{self_id} in the member list")
    return found


def one_of(members: Reading[Mapping[int, LiveMember]], user_id: int) -> Reading[LiveMember]:
    """Somebody as the whole list has them."""
    if not isinstance(members, Known):
        return members
    found = members.value.get(user_id)
    return Known(found) if found else Absent()
