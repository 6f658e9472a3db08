"""What an event does not say and has to be known before it is decided: asked of the server, and waited for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from qqgroup_provision.behavior import tagging
from qqgroup_provision.behavior.commands import about
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import At, Event, Joined, Left, Message, Person, Quote
from qqgroup_provision.bot.accounts import PATIENCE, Accounts
from qqgroup_provision.bot.admission import looked_up
from qqgroup_provision.bot.behaviors import Behavior
from qqgroup_provision.bot.doing import Account
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.neighbours import told_of_others
from qqgroup_provision.bot.pictures import Pictures
from qqgroup_provision.bot.records import Records


async def completed(
    heard: Heard, behavior: Behavior, account: Account, accounts: Accounts, pictures: Pictures, records: Records
) -> Event:
    """What was heard, with all that its group's behaviour asks for. What nobody tells stays unknown, and is no error.

    `account` is the one that asks; `accounts` are asked about other groups.
    """
    configuration = behavior.prepared.configuration
    event = await _named(heard.event, configuration, account, records)
    event = await _informed(event, configuration, account, heard.by, records)
    event = await pictures.read(event, behavior.prepared)
    event = await looked_up(event, configuration, account, records, PATIENCE)
    return await told_of_others(event, configuration, accounts.inside, records, PATIENCE)


async def _named(event: Event, configuration: Configuration, account: Account, records: Records) -> Event:
    """Who comes or goes is told by number alone; whoever is greeted has a name."""
    if not isinstance(event, Joined | Left) or event.person.name or event.person.qq == event.me:
        return event
    spoken_to = configuration.welcome or configuration.newcomer
    if (spoken_to if isinstance(event, Joined) else configuration.farewell) is None:
        return event
    try:
        async with asyncio.timeout(PATIENCE):
            name = await account.name_of(event.person.qq)
    except Exception as error:
        records.write("nameless", group=event.group, error=type(error).__name__, reason=str(error)[:300])
        return event
    return replace(event, person=replace(event.person, name=name))


async def _informed(
    event: Event, configuration: Configuration, account: Account, heard_by: int, records: Records
) -> Event:
    """A command says of whom by a mention or a quotation; what they are in the group is asked. Mostly it is none.

    What cannot be seen stays unknown, and nothing is done to somebody unknown.
    """
    if not isinstance(event, Message):
        return event
    people: list[Person] = []
    quoted: dict[Quote, Quote] = {}
    marked = tuple(tagging.about(event, configuration))
    for part in (*about(event, configuration), *marked):
        try:
            async with asyncio.timeout(PATIENCE):
                if isinstance(part, At):
                    people.append(await account.person_of(event.group, part.qq or 0))
                elif account.number == heard_by:  # each account has ids of its own
                    sender = await account.sender_of(event.group, part.id)
                    person = await account.person_of(event.group, sender)
                    text = await account.text_of(event.group, part.id) if part in marked else ""
                    quoted[part] = Quote(part.id, person, text)
        except Exception as error:
            records.write("unknown", group=event.group, error=type(error).__name__, reason=str(error)[:300])
    segments = tuple(quoted.get(part, part) if isinstance(part, Quote) else part for part in event.segments)
    return replace(event, segments=segments, people=tuple(people)) if people or quoted else event
