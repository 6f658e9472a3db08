"""The engine's memory in the bot's database, and deciding with it.

For each event of a group, or for several messages at once, there is one transaction: what was decided about before is
passed over, marks are read, the engine decides, marks are written, and what is to be done is put into the outbox. All
of it is on the disk *before* anything is done. What was done goes from the outbox with the next transaction, so that
no message takes one of its own. A process that dies leaves deeds there, which settling.py settles.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Executable, and_, bindparam, case, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from qqgroup_provision.behavior.decide import STALE, Considered, conclude
from qqgroup_provision.behavior.decision import Decision
from qqgroup_provision.behavior.event import Joined, Left, Message
from qqgroup_provision.behavior.memory import SHARED, Add, Asked, Key, Mark, MemoryChange, Remember, Scan, Shelf
from qqgroup_provision.bot.database import (
    ACCOUNTS,
    BOTS,
    COUNTS,
    HEARD,
    LISTENED,
    MARKS,
    OUTBOX,
    Database,
    SharedDatabase,
)
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.outbox import Cause, Deed, is_durable, read, written

_MARGIN = timedelta(minutes=1)
_COMINGS = timedelta(days=2)  # how long it is known that somebody has come: longer than lists of members are asked
_ONE = 10.0  # seconds between what a server tells of somebody's coming, and what its list of members does
_NEVER = 1e12  # seconds; a message is the same one whenever it is heard
_OURS = 30 * 86400.0  # seconds that an account counts as ours after it was last there

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
_SCAN = select(COUNTS.c.what, COUNTS.c.subject, COUNTS.c.amount, COUNTS.c.at).where(
    COUNTS.c.group_id == bindparam("of"),
    COUNTS.c.item == bindparam("one"),
    COUNTS.c.what.between(bindparam("first"), bindparam("last")),
)
_SHELF = (
    select(MARKS.c.what, MARKS.c.subject, MARKS.c.at, MARKS.c.people)
    .where(
        MARKS.c.group_id == bindparam("of"),
        MARKS.c.item == bindparam("one"),
        MARKS.c.what.between(bindparam("first"), bindparam("last")),
    )
    .order_by(MARKS.c.what.desc(), MARKS.c.subject.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class _Upserts:
    """What is written whether it is there or not. SQLite and PostgreSQL say it alike, but not for SQLAlchemy."""

    add: Executable
    claim: Executable
    listen: Executable
    ours: Executable


def _upserts(into: Any) -> _Upserts:
    counts, heard, accounts = into(COUNTS), into(HEARD), into(ACCOUNTS)
    before, after = heard.excluded.at - bindparam("apart"), heard.excluded.at + bindparam("apart")
    return _Upserts(
        add=counts.on_conflict_do_update(
            index_elements=COUNTS.primary_key.columns.values(),
            set_={
                "amount": COUNTS.c.amount + counts.excluded.amount,
                "at": counts.excluded.at,
                "until": counts.excluded.until,
            },
        ),
        # A time is taken that was not there, or that is another one than was there.
        claim=heard.on_conflict_do_update(
            index_elements=HEARD.primary_key.columns.values(),
            set_={"at": heard.excluded.at, "until": heard.excluded.until},
            where=(HEARD.c.at < before) | (HEARD.c.at > after),
        ).returning(HEARD.c.at),
        listen=into(LISTENED).on_conflict_do_nothing(),
        ours=accounts.on_conflict_do_update(index_elements=[ACCOUNTS.c.qq], set_={"until": accounts.excluded.until}),
    )


_UPSERTS = {"sqlite": _upserts(sqlite.insert), "postgresql": _upserts(postgresql.insert)}
_STORE = insert(OUTBOX)
_DONE = delete(OUTBOX).where(OUTBOX.c.bot == bindparam("whose"), OUTBOX.c.n == bindparam("which"))
_LISTEN = (
    update(LISTENED)
    .where(LISTENED.c.group_id == bindparam("of"))
    .values(
        alive=case((LISTENED.c.alive < bindparam("all"), bindparam("all")), else_=LISTENED.c.alive),
        decided=case((LISTENED.c.decided < bindparam("upto"), bindparam("upto")), else_=LISTENED.c.decided),
    )
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the deeds that stand in the outbox: one for each action that outlasts the process."""

    decision: Decision
    deeds: tuple[Deed | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard of a group so far: from `first` on, and everything since `since`.

    All that was said up to `decided` was decided about, and at `alive` everything that had been heard.
    """

    first: datetime
    since: datetime
    decided: datetime
    alive: datetime


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
            if isinstance(key, Shelf):
                found.update(self._shelved(key))
                continue
            row = self._connection.execute(_FIND, self._named(key)).one_or_none()
            if row is not None:
                found[key] = _mark(row)
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
                    "group_id": self._of(key.item),
                    "item": key.item,
                    "what": key.what,
                    "subject": key.subject,
                    "at": mark.at.isoformat(),
                    "people": json.dumps(mark.people),
                    "until": change.until.timestamp(),
                }
                self._connection.execute(_KEEP, values)

    def _shelved(self, shelf: Shelf) -> dict[Key, Mark]:
        """A prefix has no letter that comes after `~`."""
        asked = {"of": self._of(shelf.item), "one": shelf.item, "first": shelf.prefix, "last": f"{shelf.prefix}~"}
        rows = self._connection.execute(_SHELF, {**asked, "most": shelf.most}).all()
        return {Key(shelf.item, row.what, row.subject): _mark(row) for row in reversed(rows)}

    def _counts(self, scan: Scan) -> dict[Key, Mark]:
        asked = {"of": self._of(scan.item), "one": scan.item, "first": scan.first, "last": scan.last}
        return {
            Key(scan.item, row.what, row.subject): Mark(datetime.fromisoformat(row.at), ((row.amount, ""),))
            for row in self._connection.execute(_SCAN, asked)
        }

    def _add(self, change: Add) -> None:
        values = {
            "group_id": self._of(change.key.item),
            "item": change.key.item,
            "what": change.key.what,
            "subject": change.key.subject,
            "amount": change.amount,
            "at": change.at.isoformat(),
            "until": change.until.timestamp(),
        }
        self._connection.execute(_UPSERTS[self._connection.dialect.name].add, values)

    def _of(self, item: str) -> int:
        """Whose marks an item's are: nought is of groups that are linked, which have them together."""
        return 0 if item.startswith(SHARED) else self._group

    def _named(self, key: Key) -> dict[str, object]:
        return {"of": self._of(key.item), "one": key.item, "which": key.what, "about": key.subject}


class BotMemory:
    """Decides events of a group with what is remembered of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._done: dict[tuple[int, int], None] = {}  # deeds that are to go from the outbox
        self._count = 0

    @property
    def is_shared(self) -> bool:
        """Whether other bots use it too."""
        return self._database.shared

    async def decide(self, considered: Considered, heard: Heard, speaker: int = 0, after: str = "") -> Decided | None:
        """The decision, with what it changes and what is to be done stored. `None` for what was decided before.

        `speaker` is the account that is about to act, and `after` the id of what it said last in this group.
        """
        if considered.chosen is None and not considered.keys:
            decision = conclude(considered, {})
            if not decision.changes and not any(map(is_durable, decision.actions)):
                return Decided(decision)  # mostly: nothing is said, so there is nothing to remember
        [decided] = await self._database.run(self._decide_all, [(considered, heard)], speaker, after)
        if isinstance(decided, Exception):
            raise decided
        return decided

    async def decide_all(
        self, messages: Sequence[tuple[Considered, Heard]], speaker: int = 0, after: str = ""
    ) -> list[Decided | Exception | None]:
        """The decisions about several messages of one group, in their order and stored together: what one of them
        changes the next one knows. Where it does not come to a decision stands why.
        """
        plain = [
            conclude(considered, {}) if considered.chosen is None and not considered.keys else None
            for considered, _ in messages
        ]
        if all(decision is not None and not decision.changes and not decision.actions for decision in plain):
            return [Decided(decision) for decision in plain if decision is not None]
        return await self._database.run(self._decide_all, messages, speaker, after)

    async def keep(self, group: int, change: MemoryChange) -> None:
        """Remember something that happened only after a decision, such as that it was said."""
        await self._database.run(self._keep, group, change)

    def done(self, deed: Deed) -> None:
        """A deed was done, or given up. It goes from the outbox with the next transaction, or with `flush`."""
        self._done[deed.bot, deed.n] = None

    async def flush(self) -> None:
        """Take from the outbox what was done."""
        if self._done:
            await self._database.run(self._flush)

    async def left(self, groups: Collection[int]) -> list[Deed]:
        """The deeds in these groups of bots that have ended, in order; they are this one's now."""
        return await self._database.run(self._left, frozenset(groups)) if groups else []

    async def listened(self, groups: Collection[int], now: datetime) -> dict[int, Listened]:
        """What was heard of these groups so far; nothing of those that nobody listened to before, but from now on."""
        return await self._database.run(self._listened, sorted(groups), now.timestamp())

    async def begin(self, group: int, since: datetime) -> None:
        """What was said before then may not have been heard."""
        await self._database.run(self._begin, group, since.timestamp())

    async def listen(self, heard: Mapping[int, tuple[datetime | None, datetime | None]]) -> None:
        """Up to when all messages of groups were decided about, and when everything else was as well."""
        rows = [
            {
                "of": group,
                **{name: at.timestamp() if at is not None else 0.0 for name, at in (("upto", upto), ("all", all_))},
            }
            for group, (upto, all_) in sorted(heard.items())
        ]
        if rows:
            await self._database.run(self._listen, rows)

    async def fellows(self) -> frozenset[int]:
        """The other bots that are alive."""
        return await self._database.run(self._fellows) if self._database.shared else frozenset()

    async def ours(self, accounts: Collection[int], now: datetime) -> frozenset[int]:
        """All accounts of all bots that share the database, with these, which are there now."""
        return await self._database.run(self._ours, sorted(accounts), now.timestamp())

    async def check(self) -> bool:
        """Whether other bots still take this one for alive; if not, it begins anew."""
        if isinstance(self._database, SharedDatabase):
            return await self._database.run(self._database.check)
        return True

    async def sweep(self, now: datetime) -> None:
        """Drop the marks that count no more."""
        await self._database.run(self._sweep, now)

    def _decide_all(
        self, messages: Sequence[tuple[Considered, Heard]], speaker: int, after: str
    ) -> list[Decided | Exception | None]:
        found: list[Decided | Exception | None] = []
        done = list(self._done)
        with self._database.transaction(messages[0][0].event.group) as connection:
            if any(key.item.startswith(SHARED) for considered, _ in messages for key in considered.keys):
                self._database.lock(connection, 0)  # those of groups that are linked
            self._drop(connection, done)
            ours = _all_ours(connection) if self._database.shared else frozenset()
            rows: list[dict[str, Any]] = []
            for considered, heard in messages:
                if isinstance(heard.event, Message) and heard.event.sender.qq in ours:
                    found.append(None)
                    continue
                try:
                    with connection.begin_nested():  # what goes wrong with one leaves nothing of it, and the others
                        decision = _decided(connection, considered, heard)
                        found.append(
                            self._stored(decision, considered, heard, speaker, after, rows)
                            if decision is not None
                            else None
                        )
                except Exception as error:
                    if self._database.shared and connection.closed:
                        raise
                    found.append(error)
            if rows:
                connection.execute(_STORE, rows)
        self._forget(done)
        return found

    def _stored(
        self,
        decision: Decision,
        considered: Considered,
        heard: Heard,
        speaker: int,
        after: str,
        rows: list[dict[str, Any]],
    ) -> Decided:
        """With a deed for each action that outlasts the process."""
        if not any(map(is_durable, decision.actions)):
            return Decided(decision, (None,) * len(decision.actions))
        cause = Cause(heard.by, str(getattr(heard.event, "id", "")), heard.sequence, heard.likeness, speaker, after)
        deeds: list[Deed | None] = []
        for action in decision.actions:
            if not is_durable(action):
                deeds.append(None)
                continue
            deed = self._deed(considered.event.group, considered.now, action, cause)
            deeds.append(deed)
            rows.append(_row(deed))
        return Decided(decision, tuple(deeds))

    def _deed(self, group: int, at: datetime, action: Any, cause: Cause) -> Deed:
        self._count += 1
        return Deed(self._database.number, self._count, group, at, action, cause)

    def _keep(self, group: int, change: MemoryChange) -> None:
        with self._database.transaction(group) as connection:
            Marks(connection, group).change((change,))

    def _drop(self, connection: Connection, done: Sequence[tuple[int, int]]) -> None:
        if done:
            connection.execute(_DONE, [{"whose": bot, "which": n} for bot, n in done])

    def _forget(self, done: Iterable[tuple[int, int]]) -> None:
        for one in done:
            self._done.pop(one, None)

    def _flush(self) -> None:
        done = list(self._done)
        with self._database.transaction() as connection:
            self._drop(connection, done)
        self._forget(done)

    def _left(self, groups: frozenset[int]) -> list[Deed]:
        mine, taken = self._database.number, []
        with self._database.transaction() as connection:
            others = set(connection.execute(select(OUTBOX.c.bot).where(OUTBOX.c.bot != mine).distinct()).scalars())
            dead = self._database.dead(connection, others) if others else frozenset()
            rows = [
                row
                for row in connection.execute(select(OUTBOX).where(OUTBOX.c.bot.in_(dead)))
                if row.group_id in groups
            ]
            for row in sorted(rows, key=lambda row: (row.at, row.bot, row.n)):
                connection.execute(_DONE, {"whose": row.bot, "which": row.n})
                try:
                    action, cause = read(row.body)
                except ValueError:
                    continue  # of another version of this program, which nobody can carry out here
                deed = self._deed(row.group_id, datetime.fromtimestamp(row.at, UTC), action, cause)
                taken.append(deed)
                connection.execute(_STORE, _row(deed))
        return taken

    def _listened(self, groups: Sequence[int], now: float) -> dict[int, Listened]:
        with self._database.transaction() as connection:
            known = {
                row.group_id: Listened(
                    *(datetime.fromtimestamp(at, UTC) for at in (row.first, row.since, row.decided, row.alive))
                )
                for row in connection.execute(select(LISTENED))
            }
            new = [{"group_id": group, "first": now, "since": now, "decided": now, "alive": now} for group in groups
                   if group not in known]  # fmt: skip
            if new:
                connection.execute(_UPSERTS[connection.dialect.name].listen, new)
        return {group: known[group] for group in groups if group in known}

    def _begin(self, group: int, since: float) -> None:
        with self._database.transaction() as connection:
            connection.execute(update(LISTENED).where(LISTENED.c.group_id == group).values(since=since))

    def _listen(self, rows: list[dict[str, Any]]) -> None:
        with self._database.transaction() as connection:
            connection.execute(_LISTEN, rows)

    def _fellows(self) -> frozenset[int]:
        with self._database.transaction() as connection:
            others = set(
                connection.execute(select(BOTS.c.number).where(BOTS.c.number != self._database.number)).scalars()
            )
            dead = self._database.dead(connection, others)
            if dead:
                connection.execute(delete(BOTS).where(BOTS.c.number.in_(dead)))
            return frozenset(others - dead)

    def _ours(self, accounts: Sequence[int], now: float) -> frozenset[int]:
        with self._database.transaction() as connection:
            if accounts:
                connection.execute(
                    _UPSERTS[connection.dialect.name].ours, [{"qq": qq, "until": now + _OURS} for qq in accounts]
                )
            return _all_ours(connection)

    def _sweep(self, now: datetime) -> None:
        with self._database.transaction() as connection:
            for table in (MARKS, COUNTS, HEARD, ACCOUNTS):
                connection.execute(delete(table).where(table.c.until <= now.timestamp()))


def _mark(row: Any) -> Mark:
    people = tuple((int(qq), str(name)) for qq, name in json.loads(row.people))
    return Mark(datetime.fromisoformat(row.at), people)


def _row(deed: Deed) -> dict[str, Any]:
    return {
        "bot": deed.bot,
        "n": deed.n,
        "group_id": deed.group,
        "at": deed.at.timestamp(),
        "body": written(deed.action, deed.cause),
    }


def _all_ours(connection: Connection) -> frozenset[int]:
    return frozenset(connection.execute(select(ACCOUNTS.c.qq)).scalars())


def _decided(connection: Connection, considered: Considered, heard: Heard) -> Decision | None:
    """Claim, read, decide and write, within a transaction."""
    if not _claimed(connection, considered, heard):
        return None
    marks = Marks(connection, considered.event.group)
    decision = conclude(considered, marks.recall(considered.keys))
    marks.change(decision.changes)
    return decision


def _claimed(connection: Connection, considered: Considered, heard: Heard) -> bool:
    """Whether nobody decided about this before. What is not heard twice is always new."""
    event = considered.event
    if not isinstance(event, Message | Joined | Left):
        return True
    # What was said longer ago is not answered anyway, whoever tells it again.
    kept = STALE + _MARGIN if isinstance(event, Message) else _COMINGS
    claim = {
        "group_id": event.group,
        "identity": heard.identity[:120],
        "at": event.at.timestamp(),
        "until": (max(event.at, considered.now) + kept).timestamp(),
        "apart": _NEVER if isinstance(event, Message) else _ONE,
    }
    return connection.execute(_UPSERTS[connection.dialect.name].claim, claim).first() is not None
