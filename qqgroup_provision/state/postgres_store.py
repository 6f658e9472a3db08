"""State in PostgreSQL. The lock is an advisory lock of the holder's session: when that ends, however, it is free.

Journal and history are rows beside it. A writer that holds the lock names itself in each statement, so that a session
which lost it (or shares it behind a pooler of connections) writes nothing more. Every state there was is kept.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, LiteralString

from qqgroup_provision.errors import EndpointError
from qqgroup_provision.own_json import own_json
from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.faults import lock_lost, refused, unreachable, unreadable
from qqgroup_provision.state.format import dump, load
from qqgroup_provision.state.history import Record, Run, dump_record, read_records
from qqgroup_provision.state.journal import Journal, JournalContent, read_journal
from qqgroup_provision.state.lock_note import LockNote, dump_note, held, new_note, read_note
from qqgroup_provision.state.model import State
from qqgroup_provision.state.paces import UNKNOWN, AccountPace, Paces, Step, dump_paces, read_paces
from qqgroup_provision.state.store import (
    moved_on,
    not_held,
    require_here,
    require_unchanged,
    with_lineage,
    worth_keeping,
)

if TYPE_CHECKING:
    import psycopg

_TABLES: tuple[LiteralString, ...] = (
    """CREATE TABLE IF NOT EXISTS {schema}.states (
        name text PRIMARY KEY, lineage text NOT NULL, serial bigint NOT NULL, content text NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {schema}.versions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, lineage text NOT NULL,
        serial bigint NOT NULL, content text NOT NULL, saved_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE IF NOT EXISTS {schema}.journal (
        name text, n bigint, line text NOT NULL, PRIMARY KEY (name, n))""",
    """CREATE TABLE IF NOT EXISTS {schema}.history (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, record text NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {schema}.locks (
        name text PRIMARY KEY, id text NOT NULL, backend int NOT NULL, note text NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {schema}.paces (account bigint PRIMARY KEY, content text NOT NULL)""",
)
_CONNECT = 10  # seconds
_ENDING = 10.0  # seconds that a session which was ended may take to be gone


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """Which database, and which state of it: `schema` has the tables, `name` is the state's."""

    url: Secret
    name: str
    schema: str = "qqgroup"


class PostgresStore:
    """Keeps state in rows."""

    def __init__(self, place: PostgresPlace) -> None:
        self._at = place
        self._session: psycopg.Connection[Any] | None = None  # while the lock is held
        self._held: LockNote | None = None

    @property
    def place(self) -> str:
        return f"postgres: {_where(self._at.url)}, {self._at.schema}.{self._at.name}"

    @property
    def keeps_backup(self) -> bool:
        return True

    def load(self) -> State:
        return require_here(self.peek(), self.place)

    def peek(self) -> State:
        with self._using() as session:
            content = self._content(session)
        return load(content.encode(), self.place) if content is not None else State()

    def save(self, before: State, after: State) -> State:
        with self._using() as session, self._whole(session):
            content = self._content(session)
            stored = load(content.encode(), self.place) if content is not None else State()
            require_unchanged(stored, before, self.place)
            if after == before:
                return after
            after = with_lineage(after)
            values = {"lineage": after.lineage, "serial": after.serial, "content": dump(after).decode()}
            if content is None:
                self._tables(session)
                changed = self._do(
                    session,
                    "INSERT INTO {schema}.states (name, lineage, serial, content)"
                    " SELECT %(name)s, %(lineage)s, %(serial)s, %(content)s WHERE {mine} ON CONFLICT DO NOTHING",
                    **values,
                )
            else:
                changed = self._do(
                    session,
                    "UPDATE {schema}.states SET lineage = %(lineage)s, serial = %(serial)s, content = %(content)s"
                    " WHERE name = %(name)s AND lineage = %(was)s AND serial = %(at)s AND content = %(old)s"
                    " AND {mine}",
                    **values, was=stored.lineage, at=stored.serial, old=content,
                )  # fmt: skip
            if not changed:
                self._require_mine(session)
                raise moved_on(self.place)
            self._do(
                session,
                "INSERT INTO {schema}.versions (name, lineage, serial, content)"
                " VALUES (%(name)s, %(lineage)s, %(serial)s, %(content)s)",
                **values,
            )
            return after

    @contextmanager
    def lock(self, operation: str) -> Iterator[None]:
        with self._connected() as session:
            with self._faults():
                self._tables(session)
            note = new_note(operation)
            if not self._take(session):
                raise held(self._holder(session) or LockNote("?"), self.place)
            backend = self._one(session, "SELECT pg_backend_pid()")
            self._do(
                session,
                "INSERT INTO {schema}.locks (name, id, backend, note)"
                " VALUES (%(name)s, %(id)s, %(backend)s, %(note)s)"
                " ON CONFLICT (name) DO UPDATE SET id = %(id)s, backend = %(backend)s, note = %(note)s",
                id=note.id, backend=backend, note=json.dumps(dump_note(note), ensure_ascii=False),
            )  # fmt: skip
            self._session, self._held = session, note
            try:
                yield
            finally:
                self._session = self._held = None
                with suppress(EndpointError):  # whatever happens, the session ends just now, and the lock with it
                    self._do(session, "DELETE FROM {schema}.locks WHERE name = %(name)s AND id = %(id)s", id=note.id)
                    self._one(session, "SELECT pg_advisory_unlock(%(key)s)", key=self._key())

    def holder(self) -> LockNote | None:
        with self._using() as session:
            return self._holder(session)

    def unlock(self, lock_id: str) -> None:
        with self._using() as session:
            note = self._holder(session)
            if note is None or note.id != lock_id:
                raise not_held(lock_id, note, self.place)
            self._do(
                session,
                "SELECT pg_terminate_backend(backend) FROM {schema}.locks WHERE name = %(name)s AND id = %(id)s",
                id=lock_id,
            )
            deadline = time.monotonic() + _ENDING
            while (note := self._holder(session)) is not None and note.id == lock_id:
                if time.monotonic() > deadline:
                    raise unreadable(self.place, "pg_terminate_backend")
                time.sleep(0.05)

    @contextmanager
    def begin_journal(self, state: State, run: Run) -> Iterator[Journal]:
        if self._lines():
            raise FileExistsError(self.place)
        yield Journal(_Rows(self), state.lineage, state.serial, run)

    def read_journal(self) -> JournalContent | None:
        lines = self._lines()
        return read_journal("".join(lines).encode(), self.place) if lines else None

    def end_journal(self, record: Record | None = None) -> None:
        with self._using() as session, self._whole(session):
            self._require_mine(session)
            if record is not None and worth_keeping(record, self.history()[-1:]):
                self.remember([record])
            self._do(session, "DELETE FROM {schema}.journal WHERE name = %(name)s")

    def history(self) -> tuple[Record, ...]:
        with self._using() as session:
            rows = self._rows(session, "SELECT record FROM {schema}.history WHERE name = %(name)s ORDER BY id")
        return tuple(read_records(str(row[0]) for row in rows))

    def remember(self, records: Iterable[Record]) -> None:
        with self._using() as session, self._whole(session):
            self._tables(session)
            for record in records:
                self._do(
                    session,
                    "INSERT INTO {schema}.history (name, record) VALUES (%(name)s, %(record)s)",
                    record=dump_record(record),
                )

    def paces(self) -> Paces:
        return _PaceRows(self)

    def pace_of(self, account: int) -> AccountPace:
        with self._using() as session:
            rows = self._rows(
                session, "SELECT content FROM {schema}.paces WHERE account = %(account)s", account=account
            )
        return _pace(rows, account)

    def change_pace(self, account: int, step: Step) -> AccountPace:
        """In one transaction, for which others who change the same account wait."""
        with self._using() as session, self._whole(session):
            self._do(
                session,
                "INSERT INTO {schema}.paces (account, content) VALUES (%(account)s, '{{}}') ON CONFLICT DO NOTHING",
                account=account,
            )
            rows = self._rows(
                session,
                "SELECT content FROM {schema}.paces WHERE account = %(account)s FOR UPDATE",
                account=account,
            )
            after = step(_pace(rows, account))
            self._do(
                session,
                "UPDATE {schema}.paces SET content = %(content)s WHERE account = %(account)s",
                account=account, content=json.dumps(dump_paces({account: after})),
            )  # fmt: skip
            return after

    def add_line(self, number: int, line: str) -> None:
        """Keep a line of the journal: committed when this returns, and only by who holds the lock."""
        with self._using() as session:
            added = self._do(
                session,
                "INSERT INTO {schema}.journal (name, n, line) SELECT %(name)s, %(n)s, %(line)s WHERE {mine}",
                n=number, line=line,
            )  # fmt: skip
            if not added:
                raise lock_lost(self.place)

    def _lines(self) -> list[str]:
        with self._using() as session:
            rows = self._rows(session, "SELECT line FROM {schema}.journal WHERE name = %(name)s ORDER BY n")
        return [str(row[0]) for row in rows]

    def _content(self, session: psycopg.Connection[Any]) -> str | None:
        rows = self._rows(session, "SELECT content FROM {schema}.states WHERE name = %(name)s")
        return str(rows[0][0]) if rows else None

    # The lock

    def _key(self) -> int:
        """Advisory locks are numbers of the whole database."""
        named = f"qqgroup\0{self._at.schema}\0{self._at.name}".encode()
        return int.from_bytes(hashlib.sha256(named).digest()[:8], "big", signed=True)

    def _take(self, session: psycopg.Connection[Any]) -> bool:
        return bool(self._one(session, "SELECT pg_try_advisory_lock(%(key)s)", key=self._key()))

    def _holder(self, session: psycopg.Connection[Any]) -> LockNote | None:
        key = self._key() & 0xFFFFFFFFFFFFFFFF
        rows = self._rows(
            session,
            "SELECT pid, to_char(state_change AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')"
            " FROM pg_locks LEFT JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
            " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = %(high)s AND objid = %(low)s AND objsubid = 1",
            high=key >> 32, low=key & 0xFFFFFFFF,
        )  # fmt: skip
        if not rows:
            return None
        backend, alive = rows[0]
        notes = self._rows(
            session,
            "SELECT note FROM {schema}.locks WHERE name = %(name)s AND backend = %(backend)s",
            backend=backend,
        )
        try:
            note = read_note(json.loads(notes[0][0])) if notes else LockNote("?")
        except ValueError:
            note = LockNote("?")
        return replace(note, alive=alive or "")

    def _require_mine(self, session: psycopg.Connection[Any]) -> None:
        if self._held is not None and not self._one(session, "SELECT {mine}"):
            raise lock_lost(self.place)

    # Statements

    def _tables(self, session: psycopg.Connection[Any]) -> None:
        """Make what is missing. Two that begin at once take turns: PostgreSQL makes one table only once."""
        with self._whole(session):
            there = self._one(session, "SELECT to_regclass(%(table)s)", table=f'"{self._at.schema}".paces')
            if there is not None:
                return
            self._one(session, "SELECT pg_advisory_xact_lock(%(key)s)::text", key=int.from_bytes(b"qqgroup\0", "big"))
            if self._one(session, "SELECT to_regnamespace(%(schema)s)", schema=f'"{self._at.schema}"') is None:
                self._do(session, "CREATE SCHEMA {schema}")
            for table in _TABLES:
                self._do(session, table)

    def _do(self, session: psycopg.Connection[Any], statement: LiteralString, **values: Any) -> int:
        """Run a statement; gives how many rows it touched."""
        with self._faults():
            return session.execute(self._composed(statement), self._values(values)).rowcount

    def _rows(self, session: psycopg.Connection[Any], statement: LiteralString, **values: Any) -> list[Any]:
        """The rows of a query; none where the tables were never made."""
        from psycopg.errors import InvalidSchemaName, UndefinedTable

        with self._faults():
            try:
                with session.transaction():  # within one already: a savepoint, so that a missing table does no harm
                    return session.execute(self._composed(statement), self._values(values)).fetchall()
            except (UndefinedTable, InvalidSchemaName):
                return []

    def _one(self, session: psycopg.Connection[Any], statement: LiteralString, **values: Any) -> Any:
        with self._faults():
            row = session.execute(self._composed(statement), self._values(values)).fetchone()
        return row[0] if row else None

    def _composed(self, statement: LiteralString) -> Any:
        from psycopg import sql

        mine: LiteralString = "true"
        if self._held is not None:
            mine = "EXISTS (SELECT FROM {schema}.locks WHERE name = %(name)s AND id = %(mine)s)"
        schema = sql.Identifier(self._at.schema)
        return sql.SQL(statement).format(schema=schema, mine=sql.SQL(mine).format(schema=schema))

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"name": self._at.name, "mine": self._held.id if self._held else "", **values}

    # Connections

    @contextmanager
    def _using(self) -> Iterator[psycopg.Connection[Any]]:
        """The session of the lock's holder, never another one instead of it; else one for a moment."""
        if self._session is not None:
            yield self._session
        else:
            with self._connected() as session:
                yield session

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        import psycopg

        with self._faults(connecting=True):
            session = psycopg.connect(
                self._at.url.reveal(),
                autocommit=True,
                connect_timeout=_CONNECT,
                client_encoding="utf-8",
                application_name="qqgroup",
                keepalives_idle=30,
                keepalives_interval=10,
                keepalives_count=3,
                tcp_user_timeout=30000,
            )
        try:
            with self._faults():
                session.execute("SET statement_timeout = '60s'")
                # A holder whose machine is gone is found out by these: its lock is free after about a minute.
                session.execute("SET tcp_keepalives_idle = 30")
                session.execute("SET tcp_keepalives_interval = 10")
                session.execute("SET tcp_keepalives_count = 3")
            yield session
        finally:
            session.close()

    @contextmanager
    def _whole(self, session: psycopg.Connection[Any]) -> Iterator[None]:
        """All of it or nothing."""
        with self._faults(), session.transaction():
            yield

    @contextmanager
    def _faults(self, connecting: bool = False) -> Iterator[None]:
        import psycopg
        from psycopg import errors

        try:
            yield
        except (
            errors.InsufficientPrivilege,
            errors.InvalidPassword,
            errors.InvalidAuthorizationSpecification,
        ) as error:
            raise refused(self.place, self._told(error)) from None
        except psycopg.OperationalError as error:
            if not connecting and self._session is not None:
                raise lock_lost(self.place) from None
            raise self._no_connection(error) from None
        except psycopg.ProgrammingError as error:
            # What cannot be read as a URL is told without its text: part of that may be the password.
            reason = "psycopg.ProgrammingError" if connecting else self._told(error)
            raise unreadable(self.place, reason) from None
        except psycopg.Error as error:
            raise unreadable(self.place, self._told(error)) from None

    def _no_connection(self, error: Exception) -> EndpointError:
        said = self._told(error)
        return refused(self.place, said) if "authentication failed" in said else unreachable(self.place, said)

    def _told(self, error: Exception) -> str:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        for secret in _secret_parts(self._at.url):
            said = said.replace(secret, "…")
        return said


class _Rows:
    """The journal in rows. `JournalLines` (journal.py)."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._number = 0

    def append(self, line: bytes, at_once: bool) -> None:
        self._number += 1
        self._store.add_line(self._number, line.decode())

    def close(self) -> None:
        """Nothing was put off."""


class _PaceRows:
    """The pace of accounts in rows, one for all states of the database. `Paces` (paces.py)."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def of(self, account: int) -> AccountPace:
        return self._store.pace_of(account)

    def change(self, account: int, step: Step) -> AccountPace:
        return self._store.change_pace(account, step)


def _pace(rows: list[Any], account: int) -> AccountPace:
    try:
        return read_paces(own_json(str(rows[0][0]).encode())).get(account, UNKNOWN) if rows else UNKNOWN
    except (ValueError, RecursionError):
        return UNKNOWN


def _parts(url: Secret) -> dict[str, Any]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        return dict(conninfo_to_dict(url.reveal()))
    except psycopg.Error:
        return {}


def _where(url: Secret) -> str:
    """The host and the database, and nothing else of a URL."""
    parts = _parts(url)
    return f"{parts.get('host', '?')}/{parts.get('dbname', '?')}"


def _secret_parts(url: Secret) -> list[str]:
    parts = _parts(url)
    return [str(parts[name]) for name in ("password", "sslpassword") if parts.get(name)]
