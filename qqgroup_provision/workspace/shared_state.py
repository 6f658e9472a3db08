"""What `state:` of workspace.yaml says of a store that several machines share, typed and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest


@dataclass(frozen=True, slots=True)
class HttpState:
    """State at a web address, by the protocol of Terraform. `username` and `password` are as written: the second
    is a reference, the first may be one."""

    address: str
    lock_address: str
    unlock_address: str
    update_method: str
    lock_method: str
    unlock_method: str
    username: str
    password: str
    place: Place


@dataclass(frozen=True, slots=True)
class PostgresState:
    """State in a database. `url` is a reference."""

    url: str
    name: str
    schema: str
    place: Place


@dataclass(frozen=True, slots=True)
class S3State:
    """State in a bucket. The two parts of the access key are references, or empty for what the environment says."""

    bucket: str
    key: str
    region: str
    endpoint: str
    access_key_id: str
    secret_access_key: str
    virtual_hosted: bool
    place: Place


SharedState: TypeAlias = HttpState | PostgresState | S3State

# Keys of each store: those that have to be there, and those that may.
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "file": ((), ("path",)),
    "http": (
        ("address",),
        ("username", "password", "lock_address", "unlock_address", "update_method", "lock_method", "unlock_method"),
    ),
    "postgres": (("url",), ("name", "schema")),
    "s3": (
        ("bucket", "key"),
        ("region", "endpoint", "access_key_id", "secret_access_key", "virtual_hosted"),
    ),
}


def read_shared_state(
    written: Mapping[str, Any], positions: Positions, place: Place, diagnostics: Diagnostics
) -> SharedState | None:
    """The store that `state:` names; `None` for the file, or where something is wrong with it."""
    store = written.get("store", "file")
    faults = list(_faults(store, written, positions, place))
    diagnostics.extend(faults)
    if faults or store == "file":
        return None
    there = positions.value(written, "store", place)
    if store == "http":
        return _http(written, there)
    if store == "postgres":
        return PostgresState(written["url"], written.get("name", "qq"), written.get("schema", "qqgroup"), there)
    texts = {name: written.get(name, "") for name in ("region", "endpoint", "access_key_id", "secret_access_key")}
    return S3State(
        written["bucket"], written["key"], **texts, virtual_hosted=written.get("virtual_hosted", False), place=there
    )


def _faults(store: str, written: Mapping[str, Any], positions: Positions, place: Place) -> Iterator[Diagnostic]:
    needed, possible = _KEYS[store]
    for key in written:
        if key not in ("store", *needed, *possible):
            yield Diagnostic(
                "QG203",
                say("The store `{store}` has no key `{key}`.", store=store, key=key),
                place=positions.key(written, key, place),
                hint=suggest(key, (*needed, *possible)),
            )
    for key in needed:
        if key not in written:
            at = positions.value(written, "store", place)
            yield Diagnostic("QG204", say("The key `{key}` is missing here.", key=key), place=at)


def _http(written: Mapping[str, Any], place: Place) -> HttpState:
    """With what the protocol leaves to each server: GitLab and Gitea are known by the path of their addresses."""
    address = written["address"].rstrip("/")
    path = urlsplit(address).path
    at_forge = "/terraform/state/" in path and ("/api/v4/projects/" in path or "/api/packages/" in path)
    lock_address = written.get("lock_address", f"{address}/lock" if at_forge else address)
    return HttpState(
        address,
        lock_address,
        written.get("unlock_address", lock_address),
        written.get("update_method", "POST"),
        written.get("lock_method", "POST" if at_forge else "LOCK"),
        written.get("unlock_method", "DELETE" if at_forge else "UNLOCK"),
        written.get("username", ""),
        written.get("password", ""),
        place,
    )
