"""The bot's file: what it remembers, and what it was told to do. SQLite, and one thread that works on it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)

T = TypeVar("T")

_TABLES = MetaData()
MARKS = Table(
    "marks",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("item", String(200), primary_key=True),
    Column("what", String(100), primary_key=True),
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
    Column("what", String(100), primary_key=True),
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("amount", BigInteger, nullable=False),
    Column("at", Text, nullable=False),  # as in marks: when it grew last
    Column("until", Float, nullable=False, index=True),
    sqlite_with_rowid=False,  # the key is where a row lies, so adding to one is a single step
)
DOCUMENTS = Table(
    "documents",
    _TABLES,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
)


class Database:
    """Opens the file, and makes it if need be, for its owner alone. Raises OSError or `SQLAlchemyError`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What SQLite puts beside the file gets the file's own rights.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        try:
            with self.transaction() as connection:
                _TABLES.create_all(connection)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything in it happens, or nothing does. It is on the disk when this is left."""
        with self._engine.begin() as connection:
            yield connection

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something in the database's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    """At once as one that writes, so that two processes cannot both read first and then both decide."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
