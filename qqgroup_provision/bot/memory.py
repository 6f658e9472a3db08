"""The engine's memory in the bot's database, and deciding with it.

For each event of a group there is one transaction: marks are read, the engine decides, marks are written, and all
of it is on the disk *before* anything is said. A process that dies in between has remembered an answer that nobody
heard; it never gives one twice. That is the choice for chatter: at most once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, insert, select
from sqlalchemy.dialects import sqlite

from qqgroup_provision.behavior.decide import STALE, Considered, conclude
from qqgroup_provision.behavior.decision import Decision
from qqgroup_provision.behavior.event import Message
from qqgroup_provision.behavior.memory import Add, Asked, Key, Mark, MemoryChange, Remember, Scan
from qqgroup_provision.bot.database import COUNTS, MARKS, Database
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
_NEW = sqlite.insert(COUNTS)
_ADD = _NEW.on_conflict_do_update(
    index_elements=COUNTS.primary_key.columns.values(),
    set_={
        "amount": COUNTS.c.amount + _NEW.excluded.amount,
        "at": _NEW.excluded.at,
        "until": _NEW.excluded.until,
    },
)
_SCAN = select(COUNTS.c.what, COUNTS.c.subject, COUNTS.c.amount, COUNTS.c.at).where(
    COUNTS.c.group_id == bindparam("of"),
    COUNTS.c.item == bindparam("one"),
    COUNTS.c.what.between(bindparam("first"), bindparam("last")),
)


class Marks:
    """The marks of one group within a transaction."""

    def __init__(self, connection: Connection, group: int) -> None:
        self._connection = connection
        self._group = group

    def recall(self, keys: Collection[Asked]) -> Mapping[Key, Mark]:
        found: dict[Key, Mark] = {}
        for key in keys:
            if isinstance(key, Scan):
                found.update(self._counts(key))
                continue
            row = self._connection.execute(_FIND, self._named(key)).one_or_none()
            if row is not None:
                people = tuple((int(qq), str(name)) for qq, name in json.loads(row.people))
                found[key] = Mark(datetime.fromisoformat(row.at), people)
        return found

    def change(self, changes: Iterable[MemoryChange]) -> None:
        for change in changes:
            if isinstance(change, Add):
                self._add(change)
                continue
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

    def _counts(self, scan: Scan) -> dict[Key, Mark]:
        asked = {"of": self._group, "one": scan.item, "first": scan.first, "last": scan.last}
        return {
            Key(scan.item, row.what, row.subject): Mark(datetime.fromisoformat(row.at), ((row.amount, ""),))
            for row in self._connection.execute(_SCAN, asked)
        }

    def _add(self, change: Add) -> None:
        values = {
            "group_id": self._group,
            "item": change.key.item,
            "what": change.key.what,
            "subject": change.key.subject,
            "amount": change.amount,
            "at": change.at.isoformat(),
            "until": change.until.timestamp(),
        }
        self._connection.execute(_ADD, values)

    def _named(self, key: Key) -> dict[str, object]:
        return {"of": self._group, "one": key.item, "which": key.what, "about": key.subject}


class BotMemory:
    """Decides events of a group with what is remembered of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decide(self, considered: Considered, heard: Heard) -> Decision | None:
        """The decision, with what it changes stored. `None` for a message that was answered before."""
        if considered.chosen is None and not considered.keys:
            decision = conclude(considered, {})
            if not decision.changes:
                return decision  # mostly: nothing is said, so there is nothing to remember
            if not decision.actions:
                await self._database.run(self._count, considered.event.group, decision)
                return decision
        return await self._database.run(self._decide, considered, heard)

    async def decide_all(self, messages: Sequence[tuple[Considered, Heard]]) -> list[Decision | Exception | None]:
        """The decisions about several messages of one group, in their order and stored together: what one of them
        changes the next one knows. Where it does not come to a decision stands why.
        """
        plain = [
            conclude(considered, {}) if considered.chosen is None and not considered.keys else None
            for considered, _ in messages
        ]
        if all(decision is not None and not decision.changes for decision in plain):
            return [*plain]
        return await self._database.run(self._decide_all, messages)

    async def keep(self, group: int, change: MemoryChange) -> None:
        """Remember something that happened only after a decision, such as that it was said."""
        await self._database.run(self._keep, group, change)

    async def sweep(self, now: datetime) -> None:
        """Drop the marks that count no more."""
        await self._database.run(self._sweep, now)

    def _decide(self, considered: Considered, heard: Heard) -> Decision | None:
        with self._database.transaction() as connection:
            return _decided(Marks(connection, considered.event.group), considered, heard)

    def _decide_all(self, messages: Sequence[tuple[Considered, Heard]]) -> list[Decision | Exception | None]:
        found: list[Decision | Exception | None] = []
        with self._database.transaction() as connection:
            for considered, heard in messages:
                try:
                    with connection.begin_nested():  # what goes wrong with one leaves nothing of it, and the others
                        found.append(_decided(Marks(connection, considered.event.group), considered, heard))
                except Exception as error:
                    found.append(error)
        return found

    def _keep(self, group: int, change: MemoryChange) -> None:
        with self._database.transaction() as connection:
            Marks(connection, group).change((change,))

    def _count(self, group: int, decision: Decision) -> None:
        """What depends on nothing that is remembered is only written."""
        with self._database.transaction() as connection:
            Marks(connection, group).change(decision.changes)

    def _sweep(self, now: datetime) -> None:
        with self._database.transaction() as connection:
            for table in (MARKS, COUNTS):
                connection.execute(delete(table).where(table.c.until <= now.timestamp()))


def _decided(marks: Marks, considered: Considered, heard: Heard) -> Decision | None:
    """Read, decide and write, within a transaction."""
    event = considered.event
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
