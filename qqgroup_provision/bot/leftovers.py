"""Looking at what a bot left behind: reads what settling.py judges by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from qqgroup_provision.behavior.decision import Announce, Approve, Kick, Mute, Recall, Reject, Say, SetEssence
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.outbox import Deed, Durable
from qqgroup_provision.bot.past import History
from qqgroup_provision.bot.reading import may_pass, read
from qqgroup_provision.bot.settling import (
    Course,
    is_late,
    is_posted,
    kicked,
    known_as,
    muted,
    said,
    waits,
)

_MOST = 1000  # messages that are read
_EARLIER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a deed, and what is done for it, in the words of the account that does it."""

    deed: Deed
    course: Course
    action: Durable
    reason: str | None = None


async def looked_at(deeds: Sequence[Deed], account: Account, now: datetime, patience: float) -> list[Settled]:
    """What becomes of the deeds of one group, in their order."""
    fresh = [deed for deed in deeds if not is_late(deed, now)]
    history, course, why = await _history(fresh, account, patience)
    told = said(fresh, account.number, history) if history is not None else {}
    found = []
    for deed in deeds:
        if deed not in fresh:
            found.append(Settled(deed, Course.LATE, deed.action))
            continue
        try:
            if isinstance(deed.action, Say):
                told_of = told.get(fresh.index(deed), course)
                found.append(Settled(deed, told_of, _quoting(deed, account, history), why))
            else:
                found.append(await read(partial(_judged, deed, account, history, course), patience))
        except Exception as error:
            found.append(Settled(deed, _unknown(error), deed.action, _told(error)))
    return found


async def _history(
    deeds: Sequence[Deed], account: Account, patience: float
) -> tuple[History | None, Course, str | None]:
    """What was said, what becomes of deeds that it does not tell of, and why there is none."""
    foreign = Recall | SetEssence
    if not any(
        isinstance(deed.action, Say) or (isinstance(deed.action, foreign) and deed.cause.by != account.number)
        for deed in deeds
    ):
        return None, Course.UNTOLD, None
    since = min(deed.at for deed in deeds) - _EARLIER
    try:
        history = await read(lambda: account.history(deeds[0].group, since, _MOST), patience)
    except Exception as error:
        return None, _unknown(error), _told(error)
    return history, Course.UNTOLD, None


def _unknown(error: Exception) -> Course:
    return Course.UNREAD if may_pass(error) else Course.UNTOLD


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _quoting(deed: Deed, account: Account, history: History | None) -> Durable:
    action = deed.action
    if not isinstance(action, Say) or action.quote is None or deed.cause.by == account.number:
        return action
    return replace(action, quote=known_as(deed, account.number, history) if history is not None else None)


async def _judged(deed: Deed, account: Account, history: History | None, course: Course) -> Settled:
    action, group = deed.action, deed.group
    if isinstance(action, Mute):
        return Settled(deed, muted(action, await account.muted_until(group, action.qq), deed), action)
    if isinstance(action, Kick):
        members, _ = await account.members(group)
        there = next((member for member in members if member.person.qq == action.qq), None)
        joined = there.joined if there is not None else None
        return Settled(deed, kicked(joined, deed, is_there=there is not None), action)
    if isinstance(action, Approve | Reject):
        waiting = waits(deed, await account.requests())
        if waiting is None:
            return Settled(deed, Course.DONE, action)
        return Settled(deed, Course.DO, replace(action, request=str(getattr(waiting.event, "id", action.request))))
    if isinstance(action, Announce):
        posted = [(one.text, one.at) for one in await account.posted(group)]
        return Settled(deed, Course.DONE if is_posted(action, deed, posted) else Course.DO, action)
    if isinstance(action, Recall | SetEssence) and deed.cause.by != account.number:
        name = known_as(deed, account.number, history or History((), is_whole=False))
        if name is None or action.message != deed.cause.message:
            return Settled(deed, course, action, "this account does not know the message")
        return Settled(deed, Course.DO, replace(action, message=name))
    return Settled(deed, Course.DO, action)
