"""Each kind of store, on a server of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.http_lock import LockWords
from qqgroup_provision.state.http_store import HttpPlace, HttpStore
from qqgroup_provision.state.postgres_store import PostgresPlace, PostgresStore
from qqgroup_provision.state.s3_store import S3Store
from qqgroup_provision.state.store import StateStore
from tests.state.buckets import Buckets, buckets
from tests.state.postgres_server import shared_postgres
from tests.state.web_state_server import PASSWORD, USER, WebStates, web_states

Open = Callable[[], StateStore]
SHARED = ["gitlab", "gitea", "plain", "postgres", "s3"]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The URL of a PostgreSQL that all workers share."""
    own = tmp_path_factory.getbasetemp()
    with shared_postgres(own if worker_id == "master" else own.parent) as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Buckets]:
    with buckets() as served:
        yield served


@pytest.fixture
def s3(s3_server: Buckets) -> Iterator[Buckets]:
    """A server that is as it should be before and after."""
    s3_server.requests.clear()
    yield s3_server
    s3_server.blind, s3_server.trouble = frozenset(), lambda *_: None


@pytest.fixture(params=["gitlab", "gitea", "plain"])
def web(request: pytest.FixtureRequest) -> Iterator[WebStates]:
    with web_states(request.param) as states:
        yield states


def web_store(states: WebStates, password: str = PASSWORD, timeout: float = 20.0) -> HttpStore:
    at, plain = states.address, states.flavour == "plain"
    lock = at if plain else f"{at}/lock"
    words = LockWords(at, lock, lock, "LOCK" if plain else "POST", "UNLOCK" if plain else "DELETE")
    return HttpStore(HttpPlace(at, words, "POST", USER, Secret(password), timeout))


def postgres_store(url: str, name: str, schema: str = "qqgroup") -> PostgresStore:
    return PostgresStore(PostgresPlace(Secret(url), name, schema))


def _opener(kind: str, request: pytest.FixtureRequest) -> Iterator[Open]:
    name = uuid.uuid4().hex
    if kind == "file":
        path: Path = request.getfixturevalue("tmp_path") / "store" / "state.json"
        yield lambda: FileStore(path)
    elif kind == "postgres":
        url = request.getfixturevalue("postgres")
        yield lambda: postgres_store(url, name)
    elif kind == "s3":
        served: Buckets = request.getfixturevalue("s3")
        yield lambda: S3Store(served.objects(), f"{name}/state.json")
    else:
        with web_states(kind) as states:
            yield lambda: web_store(states)


@pytest.fixture(params=["file", *SHARED])
def opened(request: pytest.FixtureRequest) -> Iterator[Open]:
    """What opens one store again and again, as commands on different machines do."""
    yield from _opener(request.param, request)


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest) -> Iterator[Open]:
    """The same, of stores that several machines share."""
    yield from _opener(request.param, request)
