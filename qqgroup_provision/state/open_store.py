"""The store that a workspace names, with its secrets looked up. What a store needs is imported when it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from qqgroup_provision.secrets import Secret
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.store import StateStore
from qqgroup_provision.workspace.model import Workspace
from qqgroup_provision.workspace.shared_state import HttpState, PostgresState, S3State, SharedState
from qqgroup_provision.workspace.tokens import resolve_reference


def open_store(workspace: Workspace, environment: Mapping[str, str]) -> StateStore:
    """The store of a workspace. Nothing is asked yet. Raises `InvalidInput` (QG131) for a secret nobody knows."""
    return store_of(workspace.state_path, workspace.shared_state, workspace.root, environment)


def store_of(path: Path, shared: SharedState | None, root: Path, environment: Mapping[str, str]) -> StateStore:
    """The store of a `state:` section."""
    if isinstance(shared, HttpState):
        return _http(shared, root, environment)
    if isinstance(shared, PostgresState):
        from qqgroup_provision.state.postgres_store import PostgresPlace, PostgresStore

        url = resolve_reference(shared.url, shared.place, root, environment)
        return PostgresStore(PostgresPlace(url, shared.name, shared.schema))
    if isinstance(shared, S3State):
        return _s3(shared, root, environment)
    return FileStore(path)


def packages_of(shared: SharedState | None) -> tuple[str, ...]:
    """The optional packages that a store needs."""
    if isinstance(shared, PostgresState):
        return ("psycopg",)
    return ("obstore",) if isinstance(shared, S3State) else ()


def _http(shared: HttpState, root: Path, environment: Mapping[str, str]) -> StateStore:
    from qqgroup_provision.state.http_lock import LockWords
    from qqgroup_provision.state.http_store import HttpPlace, HttpStore

    username = shared.username
    if re.match(r"\$\{", username):
        username = resolve_reference(username, shared.place, root, environment).reveal()
    words = LockWords(
        shared.address, shared.lock_address, shared.unlock_address, shared.lock_method, shared.unlock_method
    )
    password = resolve_reference(shared.password, shared.place, root, environment)
    return HttpStore(HttpPlace(shared.address, words, shared.update_method, username, password))


def _s3(shared: S3State, root: Path, environment: Mapping[str, str]) -> StateStore:
    from qqgroup_provision.state.objects import Bucket, Objects
    from qqgroup_provision.state.s3_store import S3Store

    def known(reference: str) -> Secret | None:
        return resolve_reference(reference, shared.place, root, environment) if reference else None

    bucket = Bucket(
        shared.bucket,
        shared.region,
        shared.endpoint,
        known(shared.access_key_id),
        known(shared.secret_access_key),
        shared.virtual_hosted,
    )
    return S3Store(Objects(bucket), shared.key)
