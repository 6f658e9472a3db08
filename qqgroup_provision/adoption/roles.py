"""Who is what in a group, as roles: those of YAML as far as they are true, and new ones for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qqgroup_provision.adoption.people import People, card_pattern
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import LiveMember, Rank
from qqgroup_provision.workspace.limits import CARD_BYTES, TITLE_BYTES

Role = dict[str, Any]
LeaveOut = Callable[[Text, Text], None]
FIELDS = ("admin", "title", "card")
_CARD = re.compile(r"(?:[^{}]|\{name\})*\Z")  # as in schemas/group.schema.json
_PATTERN = 60  # characters of one
_NUMBERS = range(10001, 4294967296)


def roles(
    before: Iterable[Role],
    members: Mapping[int, LiveMember],
    people: People,
    number_of: Callable[[str | int], int],
    leave_out: LeaveOut,
) -> list[Role]:
    """The list that describes `members`, by number. New roles have an empty key.

    A field in which all of a role's members changed alike is changed; a member who differs alone leaves the
    role. What no role says of a member goes into one that says just that. `number_of` tells whom YAML names.
    """
    kept: list[Role] = []
    said: dict[int, set[str]] = {}
    for role in before:
        adjusted = _adjusted(role, members, people, number_of)
        for written in adjusted.get("members", ()):
            said.setdefault(number_of(written), set()).update(adjusted.keys() & set(FIELDS))
        kept.append(adjusted)
    for number in sorted(members):
        member = members[number]
        if number not in _NUMBERS:
            continue
        rest = _standing(member, said.get(number, set()), people, leave_out)
        if rest:
            _join(kept, rest, people.written(number))
    return kept


def _adjusted(
    role: Role, members: Mapping[int, LiveMember], people: People, number_of: Callable[[str | int], int]
) -> Role:
    role = dict(role)
    spoken = [field for field in FIELDS if field in role]
    here = [members[number_of(written)] for written in role.get("members", ()) if number_of(written) in members]
    for field in spoken:
        live = {_live(field, member, people) for member in here}
        if len(live) == 1 and not any(_fits(role, field, member, people) for member in here):
            (value,) = live
            changed = {**role, field: value or (False if field == "admin" else None)}
            if _holds(field, value) and all(_fits(changed, field, member, people) for member in here):
                role = changed
    if "members" in role:
        asks = any(role[field] for field in spoken)
        role["members"] = [
            written
            for written in role["members"]
            if (
                all(_fits(role, field, members[number_of(written)], people) for field in spoken)
                if number_of(written) in members
                else not asks
            )
        ]
    return role


def _fits(role: Role, field: str, member: LiveMember, people: People) -> bool:
    wanted = role[field]
    if field == "admin":
        return bool(wanted) == (member.rank >= Rank.ADMIN)
    if field == "title":
        return member.title is None or (wanted or "") == member.title
    made = (wanted or "").replace("{name}", people.name(member.user_id))
    return made == member.card and len(made.encode()) <= CARD_BYTES


def _live(field: str, member: LiveMember, people: People) -> str | bool:
    if field == "admin":
        return member.rank >= Rank.ADMIN
    if field == "title":
        return member.title or ""
    return card_pattern(member.card, people.name(member.user_id)) if member.card else ""


def _holds(field: str, value: str | bool) -> bool:
    """Whether the schema takes a value. An empty one always goes: it clears."""
    if field == "title":
        return len(str(value).encode()) <= TITLE_BYTES
    return field != "card" or (len(str(value)) <= _PATTERN and _CARD.match(str(value)) is not None)


def _standing(member: LiveMember, said: set[str], people: People, leave_out: LeaveOut) -> dict[str, Any]:
    """What is special about a member and not said yet. An owner is no admin that YAML could make one."""
    found: dict[str, Any] = {}
    if "admin" not in said and member.rank is Rank.ADMIN:
        found["admin"] = True
    if "title" not in said and member.title:
        if _holds("title", member.title):
            found["title"] = member.title
        else:
            leave_out(_of("title", member), say("it has more than {limit} bytes", limit=TITLE_BYTES))
    if "card" not in said and member.card:
        pattern = str(_live("card", member, people))
        if len(member.card.encode()) > CARD_BYTES:
            leave_out(_of("card", member), say("it has more than {limit} bytes", limit=CARD_BYTES))
        elif not _holds("card", pattern) or not _fits({"card": pattern}, "card", member, people):
            leave_out(_of("card", member), say("it has braces, which YAML keeps for the name"))
        else:
            found["card"] = pattern
    return found


def _of(field: str, member: LiveMember) -> Text:
    if field == "title":
        return say("the title of {number}", number=member.user_id)
    return say("the card of {number}", number=member.user_id)


def _join(kept: list[Role], standing: Mapping[str, Any], written: str | int) -> None:
    """Put somebody into the role that says exactly this, or into a new one."""
    for role in kept:
        if {field: role[field] for field in FIELDS if field in role} == standing:
            role["members"] = [*role.get("members", ()), written]
            return
    kept.append({"key": "", "members": [written], **standing})


def hint(role: Mapping[str, Any]) -> str:
    """What a role's key is made of: its title."""
    return str(role.get("title") or "")


def kind_of_role(role: Mapping[str, Any]) -> str:
    """The key of a role whose title gives none."""
    return "admins" if role.get("admin") else "titled" if role.get("title") else "carded"
