"""`links` of a group as a `Linker` has put them together, or as a document brings them, typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from qqgroup_provision.behavior.linked import (
    Blacklist,
    Links,
    MemberOf,
    Neighbour,
    OneGroup,
    OnMember,
    Overflow,
)
from qqgroup_provision.behavior.placeholders import Template, parse, slots
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.phrases import Phrases

PLACEHOLDERS = ("group_name", "group_id")  # of the other group, in what somebody is told who is sent there
_LONGEST = 200  # characters of a text
_ONE_GROUP = "关联的群每人只能加一个"
_OVERFLOW = "本群已满，请加 {group_name}（{group_id}）"
_MEMBER_OF = "请先加入 {group_name}（{group_id}）"


def links_from(item: Any, roles: Collection[str], place: Place) -> Links:
    """Links as values; `roles` are those of the group.

    Raises ValueError, TypeError, LookupError or AttributeError for what no workspace comes to.
    """
    known = {"name", "linked", "blacklist", "whitelist", "shared_strikes", "one_group", "overflow", "member_of"}
    _closed(item, known)
    linked = _neighbours(item["linked"])
    return Links(
        name=_key(item["name"]),
        linked=linked,
        blacklist=_blacklist(item["blacklist"]) if "blacklist" in item else None,
        whitelist=_numbers(item.get("whitelist", [])),
        shared_strikes=item.get("shared_strikes", False) is True,
        one_group=_one_group(item["one_group"], roles) if "one_group" in item else None,
        overflow=_overflow(item["overflow"]) if "overflow" in item else None,
        member_of=_member_of(item["member_of"]) if "member_of" in item else None,
        place=place,
    )


def links_of(phrases: Phrases) -> Links | None:
    """The links of a group's body, in which a `Linker` has put them together."""
    item = phrases.body.get("links")
    if not item:
        return None
    place = phrases.positions.key(phrases.body, "links", phrases.fallback)
    return links_from(item, {role.key for role in phrases.roles}, place)


def _blacklist(item: Any) -> Blacklist:
    _closed(item, {"people", "except", "removed_by_rules", "on_member", "reason"})
    return Blacklist(
        _numbers(item["people"]),
        _numbers(item["except"]),
        seconds(item["removed_by_rules"]) if "removed_by_rules" in item else 0.0,
        OnMember(item.get("on_member", "report")),
        _text(item.get("reason", "")),
    )


def _one_group(item: Any, roles: Collection[str]) -> OneGroup:
    _closed(item, {"among", "exempt", "reason"})
    exempt = item["exempt"]
    _closed(exempt, {"roles", "people"})
    return OneGroup(
        _neighbours(item["among"]),
        _text(item.get("reason", _ONE_GROUP)),
        frozenset(exempt.get("roles", ())) & frozenset(roles),
        _numbers(exempt.get("people", [])),
    )


def _overflow(item: Any) -> Overflow:
    _closed(item, {"to", "keep_free", "reason"})
    return Overflow(
        _neighbours(item["to"]), reason_of(item.get("reason", _OVERFLOW)), _number(item.get("keep_free", 0))
    )


def _member_of(item: Any) -> MemberOf:
    _closed(item, {"group", "reason"})
    (group,) = _neighbours([item["group"]])
    return MemberOf(group, reason_of(item.get("reason", _MEMBER_OF)))


def reason_of(written: Any) -> Template:
    """A reason taken apart. Raises ValueError for a brace, or a placeholder, that is none."""
    found = parse(_text(written))
    if not {*slots(found)} <= {*PLACEHOLDERS}:
        raise ValueError(written)
    return found


def _neighbours(written: Any) -> tuple[Neighbour, ...]:
    for one in written:
        _closed(one, {"id", "name", "keep_free"})
    return tuple(
        Neighbour(_number(one["id"]), _text(one["name"]), _number(one.get("keep_free", 0))) for one in written
    )


def _numbers(written: Any) -> frozenset[int]:
    if not isinstance(written, list):
        raise TypeError("a list of numbers")
    return frozenset(map(_number, written))


def _number(written: Any) -> int:
    if not isinstance(written, int) or isinstance(written, bool) or written < 0:
        raise TypeError(f"{written!r:.40} where a number belongs")
    return written


def _text(written: Any) -> str:
    if not isinstance(written, str) or len(written) > _LONGEST:
        raise TypeError(f"{written!r:.40} where a text belongs")
    return written


def _key(written: Any) -> str:
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", _text(written)) is None:
        raise ValueError(written)
    return str(written)


def _closed(item: Any, known: Iterable[str]) -> None:
    unknown = set(item.keys()) - set(known)
    if unknown:
        raise ValueError(f"links {min(unknown)[:40]}")
