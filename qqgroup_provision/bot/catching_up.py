"""What a bot reads when it begins to listen to a group: what was said, and who came, since it last did.

Messages are read back for five minutes: what was said earlier is neither answered nor judged. Who has come is read
back for a day. That something was decided about before is known by its identity, so it does no harm to read too much.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qqgroup_provision.behavior.decide import STALE
from qqgroup_provision.behavior.event import Joined, Message, Person
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.memory import Listened
from qqgroup_provision.bot.reading import read
from qqgroup_provision.bot.records import Records

MOST = 2000  # messages of a group that are read
_SLACK = timedelta(seconds=10)  # what is noted down of messages is late, and clocks differ
_COMINGS = timedelta(days=1)
_STEP = 0.3  # seconds
_COMING_SLACK = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Missed:
    """What happened meanwhile, in order. `is_all` unless something may have been said that is not among it.

    `last` is the id of what the account itself said last, as far as is known.
    """

    events: tuple[Heard, ...] = ()
    is_all: bool = True
    last: str = ""


async def missed(
    account: Account,
    group: int,
    listened: Listened,
    now: datetime,
    records: Records,
    patience: float,
    *,
    people: bool,
) -> Missed:
    """What an account missed in a group; who came only with `people`. What cannot be read is written down."""
    said, is_all, last = await _said(account, group, listened, now, records, patience)
    came = await _came(account, group, listened, now, records, patience) if people else ()
    return Missed(tuple(_merged(said, came)), is_all and now - listened.alive <= STALE, last)


async def _said(
    account: Account, group: int, listened: Listened, now: datetime, records: Records, patience: float
) -> tuple[tuple[Heard, ...], bool, str]:
    # Servers tell whole seconds.
    floor = max(listened.first, listened.decided - _SLACK, now - STALE).replace(microsecond=0)
    try:
        history = await read(lambda: account.history(group, floor, MOST), patience)
    except Exception as error:
        _cannot("no_history", account, group, error, records)
        return (), False, ""
    own = (str(getattr(one.event, "id", "")) for one in reversed(history.messages) if _is_by(one, account.number))
    return tuple(one for one in history.messages if _at(one) >= floor), history.is_whole, next(own, "")


async def _came(
    account: Account, group: int, listened: Listened, now: datetime, records: Records, patience: float
) -> tuple[Heard, ...]:
    floor = max(listened.first, listened.alive - _COMING_SLACK, now - _COMINGS).replace(microsecond=0)
    try:
        await read(lambda: account.members(group), patience)  # NapCat's list is a step behind (qq_protocol §2.4)
        await asyncio.sleep(_STEP)
        members, _ = await read(lambda: account.members(group), patience)
    except Exception as error:
        _cannot("no_members", account, group, error, records)
        return ()
    found = [
        Heard(
            Joined(group, Person(member.person.qq, member.person.name), member.joined, account.number),
            f"joined/{member.person.qq}",
        )
        for member in members
        if member.joined is not None and member.joined >= floor and member.person.qq != account.number
    ]
    return tuple(sorted(found, key=_at))


def _cannot(event: str, account: Account, group: int, error: Exception, records: Records) -> None:
    reason = str(error)[:300]
    records.write(event, account=account.number, group=group, error=type(error).__name__, reason=reason)


def _is_by(heard: Heard, qq: int) -> bool:
    return isinstance(heard.event, Message) and heard.event.sender.qq == qq


def _at(heard: Heard) -> datetime:
    return heard.event.at


def _merged(said: Sequence[Heard], came: Sequence[Heard]) -> list[Heard]:
    """Both in the order of time. The order in which things were said is that of the history, whatever clocks say."""
    found: list[Heard] = []
    waiting = list(came)
    for heard in said:
        while waiting and _at(waiting[0]) <= _at(heard):
            found.append(waiting.pop(0))
        found.append(heard)
    return found + waiting
