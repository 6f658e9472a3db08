"""Members who are on the blacklist of linked groups: they are written down, or removed where YAML says so.

Once a day, and when a rule of a linked group removes somebody, the list of members is looked at; newcomers are looked
at when they come. Nobody is told of it in the group. A list that would remove many is taken for a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Action, AskMembers, Decision, Kick, Note, Reason, Verdict, Wake
from qqgroup_provision.behavior.event import Census, Event, Joined, Tick
from qqgroup_provision.behavior.linked import KIND, Links, OnMember, barred, removed, removed_scan
from qqgroup_provision.behavior.memory import Asked, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.messages import listed, say
from qqgroup_provision.ports import Rank

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

EACH = timedelta(days=1)  # between two looks at the members, and two times that one of them is removed
FEW, SHARE = 5, 0.1  # so many members, or this share of them, may be on the list; more are a mistake
_NAMED = 20  # people who are named in one note
_KEPT = timedelta(days=60)


def _used(configuration: Configuration) -> bool:
    return configuration.links is not None and configuration.links.blacklist is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Asked, ...]:
    links = prepared.configuration.links
    if links is None or not isinstance(event, Joined | Tick | Census):
        return ()
    own = _key(prepared.configuration, "removed" if isinstance(event, Joined | Census) else "looked")
    return (own, removed_scan(links))


def _act(event: Event, prepared: Prepared, marks: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration, links = prepared.configuration, prepared.configuration.links
    if links is None:
        return Decision()
    if isinstance(event, Tick):
        return _looked(configuration, links, marks, now)
    if isinstance(event, Joined) and barred(links, event.person.qq, marks, now):
        return _dealt_with(configuration, links, (event.person.qq,), marks, now)
    if isinstance(event, Census) and event.members is not None:
        members = [one.person for one in event.members if not one.robot]
        found = [
            one.qq
            for one in members
            if one.rank is Rank.MEMBER and one.qq != event.me and barred(links, one.qq, marks, now)
        ]
        if len(found) > max(FEW, SHARE * len(members)):
            return _too_many(configuration, len(found), len(members))
        return _dealt_with(configuration, links, found, marks, now)
    return Decision()


def _looked(configuration: Configuration, links: Links, marks: Mapping[Key, Mark], now: datetime) -> Decision:
    """Ask for the members where that was long ago, or the list is another one since."""
    key = _key(configuration, "looked")
    gone, mark = removed(links, marks, now), marks.get(key)
    if not gone and not (links.blacklist and links.blacklist.people):
        return Decision(actions=(Wake(now + EACH),))
    listed_now = sorted(links.blacklist.people - links.blacklist.spared) if links.blacklist is not None else []
    state = sha256(f"{listed_now}/{sorted(gone)}".encode()).hexdigest()[:16]
    if mark is not None and timedelta() <= now - mark.at < EACH and mark.people == ((0, state),):
        return Decision(actions=(Wake(mark.at + EACH),))
    return Decision(
        actions=(AskMembers(Address(configuration.group, KIND)), Wake(now + EACH)),
        changes=(Remember(key, Mark(now, ((0, state),)), now + _KEPT),),
    )


def _dealt_with(
    configuration: Configuration, links: Links, people: Iterable[int], marks: Mapping[Key, Mark], now: datetime
) -> Decision:
    """Remove them, each once a day: whom an admin lets in again at once is left to the admins."""
    item, key = Address(configuration.group, KIND), _key(configuration, "removed")
    mark = marks.get(key)
    before = {qq: at for qq, at in (mark.people if mark is not None else ()) if _since(at, now) < EACH}
    fresh = [qq for qq in people if qq not in configuration.bots and qq not in before]
    if not fresh:
        return Decision()
    actions: list[Action] = []
    changes: list[MemoryChange] = [
        Remember(key, Mark(now, (*before.items(), *((qq, now.isoformat()) for qq in fresh))), now + EACH)
    ]
    if links.blacklist is not None and links.blacklist.on_member is OnMember.KICK:
        actions += [Kick(qq, item, look=True) for qq in fresh]
    else:
        named = listed(str(qq) for qq in fresh[:_NAMED])
        text = say("members who are on the blacklist of the linked groups: {people}", people=named)
        actions.append(Note(text, item))
    return Decision(tuple(actions), (Reason(item, Verdict.DONE),), tuple(changes))


def _too_many(configuration: Configuration, found: int, members: int) -> Decision:
    text = say(
        "{found} of {members} members are on the blacklist of the linked groups; that many are not removed at once",
        found=found,
        members=members,
    )
    return Decision((Note(text, Address(configuration.group, KIND)),))


def _since(at: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(at)


def _key(configuration: Configuration, what: str) -> Key:
    return Key(str(Address(configuration.group, KIND)), what)


BARRING = Part(_used, _keys, _act, deaf=True)
