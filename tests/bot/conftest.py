"""A PostgreSQL for tests of bots that share one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.shared import new_database
from tests.state.postgres_server import shared_postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The URL of a PostgreSQL that all workers share."""
    own = tmp_path_factory.getbasetemp()
    with shared_postgres(own if worker_id == "master" else own.parent) as url:
        yield url


@pytest.fixture
def database(postgres: str) -> str:
    """The URL of an empty database."""
    return new_database(postgres)
