"""The bot's database: what it remembers, what it is about to do, and what it was told to do. One thread works on it.

Mostly that is a file of its own, with SQLite. Bots that share one PostgreSQL share all of it: see `SharedDatabase`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    make_url,
    text,
)
from sqlalchemy.exc import OperationalError

from qqgroup_provision.secrets import Secret

T = TypeVar("T")

_TABLES = MetaData()
# Ranges are asked for by it, and a language's own order would pass over `/` and `~`.
_WHAT = String(100).with_variant(String(100, collation="C"), "postgresql")
MARKS = Table(
    "marks",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("item", String(200), primary_key=True),
    Column("what", _WHAT, primary_key=True),
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),  # ISO 8601, with its zone
    Column("people", Text, nullable=False),  # JSON: a list of number and name
    Column("until", Float, nullable=False, index=True),  # seconds since 1970
)
COUNTS = Table(
    "counts",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("item", String(200), primary_key=True),
    Column("what", _WHAT, primary_key=True),
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("amount", BigInteger, nullable=False),
    Column("at", Text, nullable=False),  # as in marks: when it grew last
    Column("until", Float, nullable=False, index=True),
    sqlite_with_rowid=False,  # the key is where a row lies, so adding to one is a single step
)
HEARD = Table(
    "heard",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("identity", String(120), primary_key=True),  # of what was decided about
    Column("at", Float, nullable=False),  # when it happened, in seconds since 1970
    Column("until", Float, nullable=False, index=True),
    sqlite_with_rowid=False,
)
OUTBOX = Table(
    "outbox",
    _TABLES,
    Column("bot", BigInteger, primary_key=True, autoincrement=False),  # which of BOTS carries it out
    Column("n", BigInteger, primary_key=True, autoincrement=False),  # in the order in which that one does
    Column("group_id", BigInteger, nullable=False),
    Column("at", Float, nullable=False),  # when it was decided
    Column("body", Text, nullable=False),  # outbox.py
)
LISTENED = Table(
    "listened",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("first", Float, nullable=False),  # when somebody began to listen
    Column("since", Float, nullable=False),  # since when every message was heard, or read afterwards
    Column("decided", Float, nullable=False),  # when the last message was said that was decided about
    Column("alive", Float, nullable=False),  # when everything that was heard was last decided about
)
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts for itself only what is called so
BOTS = Table("bots", _TABLES, Column("number", _NUMBER, primary_key=True), Column("began", Float, nullable=False))
ACCOUNTS = Table(
    "accounts",
    _TABLES,
    Column("qq", BigInteger, primary_key=True, autoincrement=False),
    Column("until", Float, nullable=False, index=True),  # when it is no account of a bot any more
)
DOCUMENTS = Table(
    "documents",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
)
SCHEMA = "qqgroup_bot"
_TIMES, _WAIT = 8, 0.25  # attempts at a transaction that another one, or a restart of the server, has ended


class Database:
    """Opens the file, and makes it if need be, for its owner alone. Raises OSError or `SQLAlchemyError`.

    `number` is of this process: no other one that ever used the database has it.
    """

    shared = False

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What SQLite puts beside the file gets the file's own rights.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        self._open(engine)

    def _open(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self.number = 0
        try:
            self._create()
        except BaseException:
            self.close()
            raise

    def _create(self) -> None:
        with self.transaction() as connection:
            _TABLES.create_all(connection)
            self.number = self._enrol(connection)

    def _enrol(self, connection: Connection) -> int:
        enrolled = insert(BOTS).values(began=time.time()).returning(BOTS.c.number)
        return int(connection.execute(enrolled).scalar_one())

    @contextmanager
    def transaction(self, group: int | None = None) -> Iterator[Connection]:
        """Everything in it happens, or nothing does. It is on the disk when this is left.

        No two that name one `group` overlap, whichever bots they are of.
        """
        with self._engine.begin() as connection:
            yield connection

    def lock(self, connection: Connection, group: int) -> None:
        """Let no other transaction that names this group overlap with the rest of this one."""

    def dead(self, connection: Connection, bots: Collection[int]) -> frozenset[int]:
        """Which of these bots have ended, none of which this is. Nobody else takes the same ones at the same time."""
        return frozenset(bots)  # one process has the file

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something in the database's own thread: one transaction, done again where it was ended from outside."""
        for attempt in range(_TIMES):
            try:
                return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
            except OperationalError:
                if not self.shared or attempt == _TIMES - 1:
                    raise
                await asyncio.sleep(_WAIT * (attempt + 1))
        raise AssertionError("the last attempt ends in a value or in an exception")

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()


class SharedDatabase(Database):
    """A PostgreSQL that several bots use at once, each with accounts of its own. Raises `SQLAlchemyError`.

    A bot lives as long as a session of its own does: that holds a lock, which the server frees when the session ends,
    however it does. No clock is asked, and no bot that is only slow is taken for dead. What stands between bot and
    server must therefore leave sessions whole, and not pool their transactions.
    """

    shared = True

    def __init__(self, url: Secret, schema: str = SCHEMA) -> None:
        self._schema = schema
        self._life: Connection | None = None
        settings = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        where = make_url(url.reveal()).set(drivername="postgresql+psycopg")
        if "options" not in where.query:
            where = where.update_query_dict({"options": settings})
        if "connect_timeout" not in where.query:
            where = where.update_query_dict({"connect_timeout": "10"})
        engine = create_engine(where, pool_pre_ping=True, hide_parameters=True)
        self._open(engine.execution_options(schema_translate_map={None: schema}))

    def _create(self) -> None:
        with self.transaction() as connection:
            self._lock(connection, "create", 0)
            if not connection.execute(text("SELECT to_regnamespace(:it)"), {"it": self._schema}).scalar():
                connection.execute(text(f'CREATE SCHEMA "{self._schema}"'))
            _TABLES.create_all(connection)
        self._live()

    def _live(self) -> None:
        """Begin a session that lives as long as this bot does."""
        self._life = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        number = self._enrol(self._life)
        self._life.execute(text("SELECT pg_advisory_lock(:key)"), {"key": self._key("bot", number)})
        self.number = number

    def check(self) -> bool:
        """Whether the session is alive; where it is not, this bot goes on as another one."""
        try:
            if self._life is not None:
                self._life.execute(text("SELECT 1"))
                return True
        except OperationalError:
            if self._life is not None:
                self._life.invalidate()
                self._life.close()
            self._life = None
        self._live()
        return False

    @contextmanager
    def transaction(self, group: int | None = None) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            if group is not None:
                self.lock(connection, group)
            yield connection

    def lock(self, connection: Connection, group: int) -> None:
        self._lock(connection, "group", group)

    def dead(self, connection: Connection, bots: Collection[int]) -> frozenset[int]:
        tried = text("SELECT pg_try_advisory_xact_lock(:key)")
        return frozenset(
            number for number in sorted(bots) if connection.execute(tried, {"key": self._key("bot", number)}).scalar()
        )

    def close(self) -> None:
        if self._life is not None:
            self._life.close()
            self._life = None
        super().close()

    def _lock(self, connection: Connection, what: str, number: int) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": self._key(what, number)})

    def _key(self, what: str, number: int) -> int:
        """A lock's number: those of other programs are hardly the same."""
        return int.from_bytes(sha256(f"{self._schema}/{what}/{number}".encode()).digest()[:8], signed=True)


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    """At once as one that writes, so that two processes cannot both read first and then both decide."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
