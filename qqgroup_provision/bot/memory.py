"""The engine's memory in the bot's database, and deciding with it.

For each event of a group there is one transaction: marks are read, the engine decides, marks are written, and all
of it is on the disk *before* anything is said. A process that dies in between has remembered an answer that nobody
heard; it never gives one twice. That is the choice for chatter: at most once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from qqgroup_provision.behavior.decide import STALE, Considered, conclude
from qqgroup_provision.behavior.decision import Decision
from qqgroup_provision.behavior.event import Message
from qqgroup_provision.behavior.memory import Key, Mark, MemoryChange, Remember
from qqgroup_provision.bot.database import MARKS, Database
from qqgroup_provision.bot.heard import Heard

_ANSWERED = "answered"  # an item's address has a group before it, so no item is called this
_MARGIN = timedelta(minutes=1)

# Made once: building them takes longer than SQLite takes to carry them out.
_THIS = and_(
    MARKS.c.group_id == bindparam("of"),
    MARKS.c.item == bindparam("one"),
    MARKS.c.what == bindparam("which"),
    MARKS.c.subject == bindparam("about"),
)
_FIND = select(MARKS.c.at, MARKS.c.people).where(_THIS)
_DROP = delete(MARKS).where(_THIS)
_KEEP = insert(MARKS)


class Marks:
    """The marks of one group within a transaction."""

    def __init__(self, connection: Connection, group: int) -> None:
        self._connection = connection
        self._group = group

    def recall(self, keys: Collection[Key]) -> Mapping[Key, Mark]:
        found = {}
        for key in keys:
            row = self._connection.execute(_FIND, self._named(key)).one_or_none()
            if row is not None:
                people = tuple((int(qq), str(name)) for qq, name in json.loads(row.people))
                found[key] = Mark(datetime.fromisoformat(row.at), people)
        return found

    def change(self, changes: Iterable[MemoryChange]) -> None:
        for change in changes:
            self._connection.execute(_DROP, self._named(change.key))
            if isinstance(change, Remember):
                key, mark = change.key, change.mark
                values = {
                    "group_id": self._group,
                    "item": key.item,
                    "what": key.what,
                    "subject": key.subject,
                    "at": mark.at.isoformat(),
                    "people": json.dumps(mark.people),
                    "until": change.until.timestamp(),
                }
                self._connection.execute(_KEEP, values)

    def _named(self, key: Key) -> dict[str, object]:
        return {"of": self._group, "one": key.item, "which": key.what, "about": key.subject}


class BotMemory:
    """Decides events of a group with what is remembered of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decide(self, considered: Considered, heard: Heard) -> Decision | None:
        """The decision, with what it changes stored. `None` for a message that was answered before."""
        if considered.chosen is None and not considered.keys:
            return conclude(considered, {})  # nothing is said, so there is nothing to remember
        return await self._database.run(self._decide, considered, heard)

    async def sweep(self, now: datetime) -> None:
        """Drop the marks that count no more."""
        await self._database.run(self._sweep, now)

    def _decide(self, considered: Considered, heard: Heard) -> Decision | None:
        event = considered.event
        with self._database.transaction() as connection:
            marks = Marks(connection, event.group)
            answered = Key(_ANSWERED, heard.identity[:100]) if isinstance(event, Message) else None
            if answered is not None and marks.recall((answered,)):
                return None
            decision = conclude(considered, marks.recall(considered.keys))
            marks.change(decision.changes)
            if answered is not None and decision.actions:
                # What is older than this is not answered anyway, whoever tells it again.
                until = max(event.at, considered.now) + STALE + _MARGIN
                marks.change((Remember(answered, Mark(considered.now), until),))
        return decision

    def _sweep(self, now: datetime) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(MARKS).where(MARKS.c.until <= now.timestamp()))
