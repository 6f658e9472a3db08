"""Reads a folder of YAML into a `Workspace`, with every fault of every file in one run."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace import schema
from qqgroup_provision.workspace.build import GroupBuilder
from qqgroup_provision.workspace.checks import read_checks
from qqgroup_provision.workspace.compose import Composer
from qqgroup_provision.workspace.document import MAX_BYTES, Document, parse_document
from qqgroup_provision.workspace.files import read_yaml, yaml_files
from qqgroup_provision.workspace.leaks import leaks
from qqgroup_provision.workspace.model import Account, Bot, Group, Person, Workspace
from qqgroup_provision.workspace.notifications import read_notifications, unknown_names
from qqgroup_provision.workspace.owners import read_owners
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.settings import (
    read_bots,
    read_people,
    read_safety,
    read_settings,
    read_store,
    read_zone,
)
from qqgroup_provision.workspace.transport import unprotected

if TYPE_CHECKING:
    from qqgroup_provision.workspace.scenarios import Scenario
    from qqgroup_provision.workspace.shared_state import SharedState

MAIN_FILE = "workspace.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of reading a workspace: `workspace` is `None` exactly when a diagnostic is an error."""

    workspace: Workspace | None
    diagnostics: Diagnostics
    files: int
    scenarios: tuple[Scenario, ...] = ()

    def required(self) -> Workspace:
        """The workspace, or `InvalidInput` with all that is wrong with it."""
        if self.workspace is None:
            raise InvalidInput(self.diagnostics)
        return self.workspace


def load_workspace(root: Path, now: datetime | None = None) -> Loaded:
    """Read every YAML file below `root`. Raises nothing for what a file says; all of that is diagnostics.

    With `now`, in any time zone, what is wrong at that time is told of as well.
    """
    diagnostics = Diagnostics()
    if not (root / MAIN_FILE).is_file():
        diagnostics.add(_no_workspace(root))
        return Loaded(None, diagnostics, 0)
    with _few_collections():
        return _load(root, diagnostics, now)


@dataclass(slots=True)
class _Documents:
    """The files of a workspace by what they are."""

    workspace: Document | None = None
    people: list[Document] = field(default_factory=list)
    templates: dict[str, Document] = field(default_factory=dict)
    groups: dict[str, Document] = field(default_factory=dict)
    tests: list[Document] = field(default_factory=list)


def _load(root: Path, diagnostics: Diagnostics, now: datetime | None) -> Loaded:
    positions = Positions()
    documents = _Documents()
    digest = hashlib.sha256()
    count = 0
    for relative, path in yaml_files(root):
        count += 1
        try:
            content = read_yaml(root, relative, path, MAX_BYTES)
        except InvalidInput as error:
            diagnostics.extend(error.diagnostics)
            continue
        digest.update(relative.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(content).digest())
        diagnostics.extend(leaks(content, relative))
        document, found = parse_document(content, relative, positions)
        if document is not None:
            found = schema.check(document, positions)
        if found:
            diagnostics.extend(found)
        elif document is not None:
            _sort_in(document, documents, positions, diagnostics)
    if documents.workspace is None:
        if not diagnostics.has_errors:
            diagnostics.add(_no_workspace(root))
        return Loaded(None, diagnostics, count)
    accounts, state_path = read_settings(documents.workspace, root, positions, diagnostics)
    people = read_people(documents.people, positions, diagnostics)
    safety = read_safety(documents.workspace, people, positions, diagnostics)
    zone = read_zone(documents.workspace, positions, diagnostics)
    bots = read_bots(documents.workspace, positions)
    store = read_store(documents.workspace, positions, diagnostics)
    unprotected(_endpoints(accounts, bots, store), safety.require_tls, diagnostics)
    checks = read_checks(documents.workspace, positions, diagnostics)
    owners = read_owners(documents.workspace, people, positions, diagnostics)
    notifications = read_notifications(documents.workspace, positions, diagnostics)
    settings = documents.workspace.data
    secrets, assistants = settings.get("secrets", ()), settings.get("assistants") or {}
    builder = GroupBuilder(root, people, accounts, positions, zone, bots, secrets, assistants)
    groups, assets = _groups(documents, builder, positions, diagnostics)
    diagnostics.extend(unknown_names(notifications, groups))
    diagnostics.extend(_untimely(groups, now))
    scenarios = _scenarios(documents, groups, people, positions, zone, diagnostics)
    for path_and_sha in sorted(assets.items()):
        digest.update("\0".join(path_and_sha).encode())
    if diagnostics.has_errors or state_path is None:
        return Loaded(None, diagnostics, count)
    workspace = Workspace(
        root,
        accounts,
        people,
        groups,
        state_path,
        digest.hexdigest(),
        safety,
        bots,
        store,
        zone,
        checks,
        owners,
        notifications,
        frozenset(assets),
    )
    return Loaded(workspace, diagnostics, count, scenarios)


def _sort_in(document: Document, documents: _Documents, positions: Positions, diagnostics: Diagnostics) -> None:
    kind = document.data["kind"]
    if kind == "Workspace":
        if documents.workspace is None:
            documents.workspace = document
        else:
            diagnostics.add(_second(document, "workspace", documents.workspace.place, positions))
    elif kind == "People":
        documents.people.append(document)
    elif kind == "Tests":
        documents.tests.append(document)
    else:
        shelf = documents.groups if kind == "Group" else documents.templates
        first = shelf.setdefault(document.data["key"], document)
        if first is not document:
            diagnostics.add(_second(document, document.data["key"], first.place, positions))


def _groups(
    documents: _Documents, builder: GroupBuilder, positions: Positions, diagnostics: Diagnostics
) -> tuple[dict[str, Group], dict[str, str]]:
    composer = Composer(documents.groups, documents.templates, positions)
    groups: dict[str, Group] = {}
    by_id: dict[int, Group] = {}
    composed = {key: composer.group(key) for key in documents.groups}
    bodies = builder.linked(composed, {key: document.place for key, document in documents.groups.items()})
    for key, document in documents.groups.items():
        group = builder.build(document, bodies[key])
        if group is None:
            continue
        groups[key] = group
        first = by_id.setdefault(group.id, group)
        if first is not group:
            diagnostics.add(_same_id(group, first))
    diagnostics.extend(_wrong_moves(groups))
    diagnostics.extend(composer.found)
    diagnostics.extend(builder.found)
    return groups, {path: asset.sha256 for path, asset in builder.assets.items()}


def _endpoints(
    accounts: Mapping[str, Account], bots: Mapping[str, Bot], store: SharedState | None
) -> Iterator[tuple[str, Place]]:
    yield from ((account.endpoint, account.place) for account in accounts.values())
    yield from ((bot.endpoint, bot.place) for bot in bots.values())
    if store is not None:
        from qqgroup_provision.workspace.shared_state import HttpState

        if isinstance(store, HttpState):
            yield store.address, store.place


def _untimely(groups: Mapping[str, Group], now: datetime | None) -> Iterator[Diagnostic]:
    for group in groups.values() if now is not None else ():
        behavior = group.behavior
        if now is not None and behavior is not None and (behavior.schedules or behavior.curfew):
            from qqgroup_provision.behavior.time_checks import timely

            yield from timely(behavior, now)


def _scenarios(
    documents: _Documents,
    groups: Mapping[str, Group],
    people: Mapping[str, Person],
    positions: Positions,
    zone: tzinfo,
    diagnostics: Diagnostics,
) -> tuple[Scenario, ...]:
    if not documents.tests:
        return ()
    from qqgroup_provision.workspace.scenarios import ScenarioBuilder

    builder = ScenarioBuilder(groups, people, positions, zone)
    built = tuple(scenario for document in documents.tests for scenario in builder.build(document))
    diagnostics.extend(builder.found)
    return built


def _no_workspace(root: Path) -> Diagnostic:
    return Diagnostic(
        "QG120",
        say("There is no workspace here: {path} is missing.", path=(root / MAIN_FILE).as_posix()),
        subject=root.as_posix(),
        hint=say("Name its folder with `--dir`, or begin one with `qqgroup init`."),
    )


def _second(document: Document, key: str, first: Place, positions: Positions) -> Diagnostic:
    return Diagnostic(
        "QG316",
        say("`{key}` is described a second time; the first is {place}.", key=key, place=first),
        place=positions.value(document.data, "key", document.place),
        hint=say("Merge the two, or give one another key."),
    )


def _wrong_moves(groups: Mapping[str, Group]) -> Iterator[Diagnostic]:
    """QG321: a key that a group had before is nobody's now, and was one group's only."""
    named: dict[str, Group] = {}
    for group in groups.values():
        if group.moved is None:
            continue
        other = groups.get(group.moved) or named.setdefault(group.moved, group)
        if group.moved in groups or other is not group:
            yield Diagnostic(
                "QG321",
                say(
                    "`{key}` cannot be what this group was called: {place} has it.",
                    key=group.moved,
                    place=other.place,
                ),
                place=group.places["moved"],
                hint=say("Give the key that the group itself had before, or remove the line."),
            )


def _same_id(group: Group, first: Group) -> Diagnostic:
    return Diagnostic(
        "QG309",
        say("`{key}` and `{other}` are the same QQ group, {id}.", key=group.key, other=first.key, id=group.id),
        place=group.places["id"],
        hint=say("One of the two ids is wrong; the other is at {place}.", place=first.places["id"]),
    )


@contextmanager
def _few_collections() -> Iterator[None]:
    """Loading only ever allocates, and what it makes holds no cycles.

    The collector would look at all of it again and again for nothing; afterwards it is told to leave it be.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.enable()
