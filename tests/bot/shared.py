"""A PostgreSQL that bots share in tests: a database of its own for each of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from sqlalchemy import make_url


def new_database(server: str) -> str:
    """The URL of an empty database on a server."""
    name = f"bots_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows that a query gives."""
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def rows(url: str, query: str) -> Callable[[], Iterator[Any]]:
    return lambda: iter(asked(url, query))
