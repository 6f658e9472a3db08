"""Who has been silent for long, from the list of members and what the bot heard itself; and when not to believe it.

A list tells when somebody came and when they last said something (qq_protocol §2.4). What it does not tell is not
known: it is no date in 1970. Somebody who never spoke has the same time twice, or nought for the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import Census, Member
from qqgroup_provision.behavior.observing import Exempt, Inactive
from qqgroup_provision.messages import Text, say
from qqgroup_provision.ports import Rank

_WHOLE = 0.98  # of the members there are: with fewer a list is a part of one
_BEHIND = timedelta(days=7)  # a list that does not know what was said this long ago is an old one
_CLOCKS = timedelta(days=1)  # by which two may differ


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who has said nothing since then; `never` is since they came."""

    qq: int
    name: str
    since: datetime
    never: bool


def silent_ones(
    census: Census,
    heard: Mapping[int, datetime],
    configuration: Configuration,
    settings: Inactive,
    now: datetime,
) -> list[Silent]:
    """Those who have been silent for too long and are not exempt, the longest silent first."""
    bots = {census.me, *configuration.bots}
    found = [
        _silent(member, heard.get(member.person.qq), settings, now)
        for member in _members(census)
        if member.person.qq not in bots and not _spared(member, configuration, settings.exempt)
    ]
    return sorted((one for one in found if one is not None), key=lambda one: (one.since, one.qq))


def doubt(census: Census, heard: Mapping[int, datetime]) -> Text | None:
    """Why a list of members is not to be believed; `None` for one that is."""
    members = _members(census)
    if census.expected is None:
        return say("nobody tells how many members there are")
    if all(member.person.qq != census.me for member in members):
        return say("the account itself is not in the list")
    if len(members) < census.expected * _WHOLE:
        return say("the list has {count} of {expected} members", count=len(members), expected=census.expected)
    if not any(_spoke_since_joining(member) for member in members):
        return say("nobody has ever said anything, if the list is right")
    known = [
        (member.spoke, heard[member.person.qq])
        for member in members
        if member.spoke is not None and heard.get(member.person.qq, census.at) <= census.at - _BEHIND
    ]
    behind = sum(told < at - _CLOCKS for told, at in known)
    if behind * 2 > len(known):
        return say("the list does not know of what people said more than a week ago")
    return None


def may_remove(census: Census) -> bool:
    """Whether the account is known to be an admin or the owner."""
    return any(one.person.qq == census.me and one.person.rank in (Rank.ADMIN, Rank.OWNER) for one in _members(census))


def _members(census: Census) -> tuple[Member, ...]:
    """Each once, whatever a list repeats."""
    return tuple({member.person.qq: member for member in census.members or ()}.values())


def _spoke_since_joining(member: Member) -> bool:
    return member.spoke is not None and member.joined is not None and member.spoke > member.joined


def _silent(member: Member, heard: datetime | None, settings: Inactive, now: datetime) -> Silent | None:
    if member.joined is None or member.spoke is None:
        return None  # who says nothing of it says nothing against anybody
    since = max(one for one in (member.joined, member.spoke, heard) if one is not None)
    never = since == member.joined
    patience = timedelta(seconds=settings.never_spoke_after if never else settings.after)
    return Silent(member.person.qq, member.person.name, since, never) if now - since >= patience else None


def _spared(member: Member, configuration: Configuration, exempt: Exempt) -> bool:
    """Whether somebody may be silent. What a list does not tell of them counts for them."""
    person, roles = member.person, configuration.roles.get(member.person.qq, frozenset())
    return (
        member.robot
        or person.rank is not Rank.MEMBER
        or bool(roles & exempt.roles)
        or (exempt.titles and member.title != "")
        or (exempt.level > 0 and (person.level is None or person.level >= exempt.level))
    )
