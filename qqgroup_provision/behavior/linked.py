"""What groups that are linked with each other share, as values; and what of a request to join that decides.

What somebody is in other groups comes with a request, as somebody looked it up. What could not be seen refuses nobody
and lets nobody in: it is left to the admins. None of it is ever said in a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from qqgroup_provision.behavior.conditions import NOWHERE
from qqgroup_provision.behavior.decision import TickOthers
from qqgroup_provision.behavior.joining import Course
from qqgroup_provision.behavior.memory import SHARED, Add, Asked, Key, Mark, Remember, Scan
from qqgroup_provision.behavior.placeholders import Template
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import Text, say

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Configuration, Rule
    from qqgroup_provision.behavior.event import Elsewhere, Requested

KIND = "links"
ADMITTED = timedelta(minutes=10)  # so long it may take until lists of members show whom the bot let in
_REMOVED, _LAST = "removed/", "removed/~"  # `~` stands behind all digits


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another group of the same bot. It takes nobody more once only `keep_free` places are left."""

    id: int
    name: str
    keep_free: int = 0


class OnMember(Enum):
    """What becomes of members who are on the blacklist. The words are those of YAML."""

    REPORT = "report"
    KICK = "kick"


@dataclass(frozen=True, slots=True)
class Blacklist:
    """Who gets into none of the groups, as far as this one is concerned: `spared` are its own exceptions.

    Whom a rule removed from one of the groups is on it for `remembered` seconds; 0 is never.
    """

    people: frozenset[int] = frozenset()
    spared: frozenset[int] = frozenset()
    remembered: float = 0.0
    on_member: OnMember = OnMember.REPORT
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OneGroup:
    """Nobody is in this group and in one of `among`, but who has one of the roles or is one of the people."""

    among: tuple[Neighbour, ...]
    reason: str
    roles: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where people are sent once only `keep_free` places are left: to the first that is known to have room."""

    to: tuple[Neighbour, ...]
    reason: Template
    keep_free: int = 0


@dataclass(frozen=True, slots=True)
class MemberOf:
    """Only members of another group get in."""

    group: Neighbour
    reason: Template


@dataclass(frozen=True, slots=True)
class Links:
    """What a group shares with all `linked` ones, which are those of the same `name`."""

    name: str
    linked: tuple[Neighbour, ...] = ()
    blacklist: Blacklist | None = None
    whitelist: frozenset[int] = frozenset()
    shared_strikes: bool = False
    one_group: OneGroup | None = None
    overflow: Overflow | None = None
    member_of: MemberOf | None = None
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def decides(self) -> bool:
        """Whether requests to join are decided by any of it."""
        return bool(self.blacklist or self.whitelist or self.one_group or self.overflow or self.member_of)

    @property
    def item(self) -> str:
        """What marks are called that all linked groups share."""
        return f"{SHARED}{self.name}"

    @property
    def neighbours(self) -> frozenset[int]:
        """Every other group that any of it speaks of."""
        among = (*self.linked, *(self.overflow.to if self.overflow is not None else ()))
        return frozenset(ids_of((*among, *((self.member_of.group,) if self.member_of is not None else ()))))

    def looked_into(self, qq: int, roles: frozenset[str]) -> frozenset[int]:
        """The groups of which it has to be known whether somebody is in them."""
        found: set[int] = set()
        if qq in self.whitelist or (
            self.blacklist is not None and qq in self.blacklist.people - self.blacklist.spared
        ):
            return frozenset()
        if self.one_group is not None and not _exempt(self.one_group, qq, roles):
            found.update(one.id for one in self.one_group.among)
        if self.member_of is not None:
            found.add(self.member_of.group.id)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a request because of linked groups, what whoever asked is told, and why, for the records."""

    course: Course
    why: Text
    reason: str = ""


def request_keys(links: Links, qq: int) -> tuple[Asked, ...]:
    """The marks that a request takes."""
    keys: list[Asked] = []
    if links.blacklist is not None and links.blacklist.remembered:
        keys.append(Scan(links.item, f"{_REMOVED}{qq}", f"{_REMOVED}{qq}"))
    if links.one_group is not None:
        keys.append(_admitted(links, qq))
    return tuple(keys)


def ruling(event: Requested, configuration: Configuration, marks: Mapping[Key, Mark], now: datetime) -> Ruling | None:
    """What linked groups make of a request; `None` leaves it to the group's own review."""
    links, qq = configuration.links, event.person.qq
    if links is None:
        return None
    if links.blacklist is not None and barred(links, qq, marks, now):
        return Ruling(Course.REJECT, say("on the blacklist of the linked groups"), links.blacklist.reason)
    seen = {one.group: one for one in event.elsewhere}
    elsewhere = _overflowing(links, event.group, seen)
    if elsewhere is not None:
        return elsewhere
    if qq in links.whitelist:
        return Ruling(Course.APPROVE, say("on the whitelist of the linked groups"))
    roles = configuration.roles.get(qq, frozenset())
    return _in_one_group(links, qq, roles, seen, marks, now) or _of_another(links, seen)


def _overflowing(links: Links, group: int, seen: Mapping[int, Elsewhere]) -> Ruling | None:
    """A group that is known to be full sends people on, if there is one that is known not to be."""
    overflow = links.overflow
    if overflow is None or not _known(seen, group, lambda free: free <= overflow.keep_free):
        return None
    for other in overflow.to:
        if _known(seen, other.id, lambda free, keeps=other.keep_free: free > keeps):  # type: ignore[misc]
            why = say("the group is full, and {group} has room", group=other.name)
            return Ruling(Course.REJECT, why, told(overflow.reason, other))
    return None


def _known(seen: Mapping[int, Elsewhere], group: int, holds: Callable[[int], bool]) -> bool:
    """Whether it is known how many get into a group, and this holds of it."""
    free = seen[group].free if group in seen else None
    return free is not None and holds(free)


def _in_one_group(
    links: Links,
    qq: int,
    roles: frozenset[str],
    seen: Mapping[int, Elsewhere],
    marks: Mapping[Key, Mark],
    now: datetime,
) -> Ruling | None:
    one_group = links.one_group
    if one_group is None or _exempt(one_group, qq, roles):
        return None
    known = [seen[one.id].member if one.id in seen else None for one in one_group.among]
    if any(known):
        return Ruling(Course.REJECT, say("in another of the linked groups already"), one_group.reason)
    if None in known:
        return Ruling(Course.ADMINS, say("nobody could see whether they are in another of the linked groups"))
    mark = marks.get(_admitted(links, qq))
    if (
        mark is not None
        and now - mark.at < ADMITTED
        and {group for group, _ in mark.people} & {*ids_of(one_group.among)}
    ):
        return Ruling(Course.ADMINS, say("let into another of the linked groups a moment ago"))
    return None


def _of_another(links: Links, seen: Mapping[int, Elsewhere]) -> Ruling | None:
    if links.member_of is None:
        return None
    group = links.member_of.group
    is_member = seen[group.id].member if group.id in seen else None
    if is_member is None:
        why = say("nobody could see whether they are a member of {group}", group=group.name)
        return Ruling(Course.ADMINS, why)
    if is_member:
        return None
    return Ruling(
        Course.REJECT, say("not a member of {group}", group=group.name), told(links.member_of.reason, group)
    )


def admitted(configuration: Configuration, qq: int, now: datetime) -> Iterable[Remember]:
    """What is remembered when the bot lets somebody in, so that two groups do not do so at the same time."""
    links = configuration.links
    if links is not None and links.one_group is not None:
        yield Remember(_admitted(links, qq), Mark(now, ((configuration.group_id, ""),)), now + ADMITTED)


def barred(links: Links, qq: int, marks: Mapping[Key, Mark], now: datetime) -> bool:
    """Whether somebody is on the blacklist, as the group sees it."""
    blacklist = links.blacklist
    if blacklist is None or qq in links.whitelist or qq in blacklist.spared:
        return False
    return qq in blacklist.people or qq in removed(links, marks, now)


def removed_scan(links: Links) -> Scan:
    """Everybody whom rules have removed from linked groups."""
    return Scan(links.item, _REMOVED, _LAST)


def removed(links: Links, marks: Mapping[Key, Mark], now: datetime) -> Mapping[int, datetime]:
    """Those whom rules have removed from linked groups, as far as that still counts, with when."""
    if links.blacklist is None:
        return {}
    kept = timedelta(seconds=links.blacklist.remembered)
    found = ((key, mark) for key, mark in marks.items() if key.item == links.item and key.what.startswith(_REMOVED))
    return {key.subject: mark.at for key, mark in found if now - mark.at < kept}


def removal(configuration: Configuration, qq: int, now: datetime) -> tuple[tuple[Add, TickOthers], ...]:
    """What is remembered, and who is to look, when a rule removes somebody. Nobody is remembered who is spared."""
    links = configuration.links
    if links is None or links.blacklist is None or not links.blacklist.remembered:
        return ()
    if qq in links.whitelist or qq in links.blacklist.spared:
        return ()
    until = now + timedelta(seconds=links.blacklist.remembered)
    return ((Add(Key(links.item, f"{_REMOVED}{qq}", qq), 1, now, until), TickOthers(ids_of(links.linked))),)


def strikes_item(configuration: Configuration, rule: Rule) -> str:
    """What strikes of a rule are remembered under: with `shared_strikes` one count for all linked groups."""
    links = configuration.links
    if links is not None and links.shared_strikes:
        return f"{links.item}/rule/{rule.key}"
    return str(configuration.address(rule))


def ids_of(groups: Iterable[Neighbour]) -> tuple[int, ...]:
    return tuple(one.id for one in groups)


def told(reason: Template, group: Neighbour) -> str:
    """A reason with the group in it that somebody may join."""
    values = {"group_name": group.name, "group_id": str(group.id)}
    return "".join(part if isinstance(part, str) else values[part.name] for part in reason)


def _exempt(among: OneGroup, qq: int, roles: frozenset[str]) -> bool:
    return qq in among.people or bool(roles & among.roles)


def _admitted(links: Links, qq: int) -> Key:
    return Key(links.item, "admitted", qq)
