"""Requests to join, for the host: what is looked up before one is decided, and how the decision is carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Admission, Approve
from qqgroup_provision.behavior.event import CardChanged, Event, Joined, Requested
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.records import Records

T = TypeVar("T")


async def looked_up(
    event: Event, configuration: Configuration, account: Account, records: Records, patience: float
) -> Event:
    """A request with what its review asks for and nobody told: the level of whoever asks, and whether there is room.
    Of somebody with a new card that has to look in a certain way, what they are in the group.
    Of somebody who was brought along and would be asked something, what their inviter is in the group.

    What cannot be found out stays unknown, and decides nothing.
    """
    review = configuration.review

    async def known(work: Awaitable[T], what: str) -> T | None:
        try:
            async with asyncio.timeout(patience):
                return await work
        except Exception as error:
            told = {"error": type(error).__name__, "reason": str(error)[:300]}
            records.write("unknown", group=event.group, what=what, **told)
            return None

    if isinstance(event, CardChanged) and configuration.card_format is not None:
        person = await known(account.person_of(event.group, event.person.qq), "rank")
        return replace(event, person=replace(event.person, rank=person.rank if person is not None else None))
    if isinstance(event, Joined) and event.inviter is not None and configuration.newcomer is not None:
        inviter = await known(account.person_of(event.group, event.inviter.qq), "inviter")
        return replace(event, inviter=inviter or event.inviter)
    if not isinstance(event, Requested) or review is None:
        return event
    if review.needs_level and event.person.level is None:
        level = await known(account.level_of(event.person.qq), "level")
        event = replace(event, person=replace(event.person, level=level))
    if review.needs_room and event.full is None:
        event = replace(event, full=await known(account.is_full(event.group), "full"))
    return event


async def admit(account: Account, heard: Heard, action: Admission, records: Records, patience: float) -> None:
    """Approve or refuse a request, once: it was remembered as decided, so it is not tried again."""
    group, approve = heard.event.group, isinstance(action, Approve)
    told = {
        "group": group,
        "account": account.number,
        "item": str(action.item),
        "action": "approve" if approve else "reject",
        "qq": action.qq,
    }
    try:
        if account.number != heard.by:
            raise RuntimeError("another account heard the request, and each has names of its own for it")
        async with asyncio.timeout(patience):
            await account.answer_request(group, action.request, approve, getattr(action, "reason", ""))
    except Exception as error:
        records.count("failures")
        records.write("not_done", **told, error=type(error).__name__, reason=str(error)[:300])
    else:
        records.write("done", **told)
