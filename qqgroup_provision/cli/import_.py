"""`qqgroup import`: YAML for groups that are there. Reads only; what it writes are files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.store import lock_timeout_option
from qqgroup_provision.cli.terminal import show_diagnostics, working, writing
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.reports.printable import printable

_MOST_BYTES = 1 << 30  # that are downloaded of one group

if TYPE_CHECKING:
    from qqgroup_provision.adoption.adopt import Adopted
    from qqgroup_provision.adoption.files import Limits, Sources
    from qqgroup_provision.applying.fetch_files import Fetched
    from qqgroup_provision.platforms.sessions import Sessions
    from qqgroup_provision.ports import LiveFiles, Reading, Value
    from qqgroup_provision.resources.live import Collection, LiveGroup
    from qqgroup_provision.state.model import Entry
    from qqgroup_provision.state.store import StateStore
    from qqgroup_provision.workspace.model import Asset, Group, Workspace


@click.command(help=str(say("Write YAML for groups that are there: new files, or what differs in those there are.")))
@click.argument("numbers", nargs=-1, type=click.IntRange(10001, 4294967295), metavar="[GROUP-ID]...")
@click.option("--all", "every", is_flag=True, help=str(say("Every group the account is in.")))
@click.option("--account", metavar="KEY", help=str(say("The account that reads them. Needed if there are several.")))
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help=str(say("Where new files go: a folder of the workspace, or another workspace.")),
)
@click.option(
    "--template",
    metavar="NAME",
    default="shared",
    show_default=True,
    help=str(say("The name of the template for what new groups share.")),
)
@click.option(
    "--files",
    "which",
    type=click.Choice(["all", "folders", "none"]),
    default="all",
    show_default=True,
    help=str(say("What of the groups' files: download them, only name their folders, or leave them out.")),
)
@click.option(
    "--largest-file",
    type=click.IntRange(0),
    metavar="MIB",
    default=20,
    show_default=True,
    help=str(say("Files that are larger than this many MiB are left out.")),
)
@click.option(
    "--most-files",
    type=click.IntRange(0),
    metavar="COUNT",
    default=100,
    show_default=True,
    help=str(say("How many files of one group are downloaded at most.")),
)
@click.option(
    "--state",
    "remember",
    is_flag=True,
    help=str(say("Also take what is there already into state, as apply would.")),
)
@lock_timeout_option
@click.pass_obj
def command(
    settings: Settings,
    numbers: tuple[int, ...],
    every: bool,
    account: str | None,
    output: Path | None,
    template: str,
    which: str,
    largest_file: int,
    most_files: int,
    remember: bool,
    patience: float,
) -> int:
    from qqgroup_provision.adoption.files import Limits
    from qqgroup_provision.workspace.load import load_workspace

    if bool(numbers) == every:
        raise click.UsageError(str(say("Name groups by their numbers, or all of them with --all.")))
    source = load_workspace(settings.folder).required()
    limits = Limits(largest_file << 20, most_files, _MOST_BYTES)
    run = _Import(settings, source, _account(source, account), _template(template), which, limits, remember, patience)
    return asyncio.run(run.go(frozenset(numbers), output))


def _account(workspace: Workspace, wished: str | None) -> str:
    known = ", ".join(workspace.accounts)
    if wished is None and len(workspace.accounts) == 1:
        return next(iter(workspace.accounts))
    if wished is None:
        raise click.UsageError(str(say("Name an account with --account: {known}.", known=known)))
    if wished not in workspace.accounts:
        raise click.UsageError(str(say("There is no account `{name}`; there is: {known}.", name=wished, known=known)))
    return wished


def _template(name: str) -> str:
    from qqgroup_provision.adoption.names import slug

    if slug(name) != name:
        raise click.UsageError(str(say("`{name}` cannot be a template's name: use small letters.", name=name)))
    return name


class _Import:
    """One import, from the first request to the last file."""

    def __init__(
        self,
        settings: Settings,
        source: Workspace,
        account: str,
        template: str,
        which: str,
        limits: Limits,
        remember: bool,
        patience: float,
    ) -> None:
        self._settings = settings
        self._which = which
        self._limits = limits
        self._source = source
        self._account = account
        self._template = template
        self._remember = remember
        self._patience = patience
        self._store: StateStore | None = None  # with its lock, while it is to be written to
        self._failed = False
        self._fetched: dict[int, list[Fetched]] = {}

    async def go(self, numbers: frozenset[int], output: Path | None) -> int:
        from qqgroup_provision.adoption.adopt import Wish, adopt
        from qqgroup_provision.cli.store import locked, store_of
        from qqgroup_provision.platforms.sessions import open_sessions

        root, folder = _target(self._source.root, output)
        target = self._target_workspace(root)
        with ExitStack() as held:
            if self._remember:
                self._store = store_of(target)
                held.enter_context(locked(self._store, "import", self._patience))
            async with open_sessions(self._source, {self._account}, os.environ) as sessions:
                with working(say("Reading the groups…"), self._settings):
                    live = await self._read(sessions, target, numbers)
                files = _texts(target)
                wish = Wish(self._account, folder, self._template)
                adopted = adopt(target, files, live, wish, await self._fetch(sessions, target, root, live))
                if root != self._source.root and not files:
                    adopted = replace(adopted, files={**_texts(self._source, "workspace.yaml"), **adopted.files})
                self._write(root, files, adopted)
                self._show(root, adopted)
                if self._store is not None and adopted.keys:
                    await self._record(root, sessions, adopted, live)
        return 1 if self._failed or any(note.is_error for note in adopted.notes) else 0

    def _target_workspace(self, root: Path) -> Workspace:
        """The workspace to write into; one that is not there yet has the source's accounts and nothing else."""
        from qqgroup_provision.workspace.files import yaml_files
        from qqgroup_provision.workspace.load import load_workspace

        if root == self._source.root or (root.is_dir() and any(yaml_files(root))):
            return load_workspace(root).required()
        state = root / self._source.state_path.relative_to(self._source.root.resolve())
        return replace(self._source, root=root, people={}, groups={}, state_path=state)

    async def _read(self, sessions: Sessions, target: Workspace, numbers: frozenset[int]) -> Mapping[int, LiveGroup]:
        """The groups that could be read whole; the others are told of."""
        from qqgroup_provision.platforms.read_groups import Request, read_groups
        from qqgroup_provision.ports import Known, Unknown

        connection = sessions.connections[self._account]
        reader, self_id = connection.reader, connection.facts.self_id
        operated = {group.id: group.account for group in target.groups.values()}
        profiles = await reader.profiles()
        if not numbers:
            if isinstance(profiles, Unknown):
                self._fail((_unread(say("the list of groups"), profiles.reason),))
            numbers = frozenset(profiles.value) if isinstance(profiles, Known) else frozenset()
            numbers = frozenset(n for n in numbers if operated.get(n, self._account) == self._account)
        else:
            others = {n: operated[n] for n in numbers if operated.get(n, self._account) != self._account}
            self._fail(
                _unread(
                    say("the group {id}", id=number),
                    say("the account `{account}` operates it, so import it with --account {account}", account=other),
                )
                for number, other in sorted(others.items())
            )
            numbers -= others.keys()
        needs = needs_of(connection.facts.capabilities, files=self._which != "none")
        requests = {str(number): Request(number, needs) for number in sorted(numbers)}
        live = await read_groups(requests, reader, self_id, profiles) if requests else {}
        whole: dict[int, LiveGroup] = {}
        for number, group in live.items():
            reason = next((found for reading in _lists(group, needs) if (found := _missing(reading))), None)
            if reason is None:
                whole[int(number)] = group
            else:
                self._fail((_unread(say("the group {id}", id=int(number)), reason),))
        return whole

    async def _fetch(
        self, sessions: Sessions, target: Workspace, root: Path, live: Mapping[int, LiveGroup]
    ) -> dict[int, Sources]:
        """Download what YAML is to name and has no content of yet."""
        from qqgroup_provision.adoption.describe import takes_file
        from qqgroup_provision.adoption.files import Sources, choose
        from qqgroup_provision.applying.fetch_files import fetch_files
        from qqgroup_provision.ports import Capability, Known
        from qqgroup_provision.resources.group_files import path_of

        connection = sessions.connections[self._account]
        if self._which != "all" or Capability.DOWNLOAD_FILE not in connection.facts.capabilities:
            return {}
        named = {group.id: group for group in target.groups.values()}
        sources: dict[int, Sources] = {}
        for number, group in live.items():
            if not isinstance(group.files, Known):
                continue
            have = _sources_of(named.get(number))
            known = {path: asset.size for path, asset in have.items()}
            replaced = self._replaced(target, named.get(number), group.files.value)
            chosen, left = choose(
                group.files.value, group.account_id, {path: known[path] for path in known.keys() - replaced},
                takes_file, self._limits,
            )  # fmt: skip
            with working(say("Downloading files: {count}…", count=len(chosen)), self._settings), writing(root):
                found, lost = await fetch_files(root, number, chosen, have, connection.reader)
            sources[number] = Sources({path_of(got.file): got.source for got in found}, (*left, *lost))
            self._fetched[number] = found
        return sources

    def _replaced(self, target: Workspace, group: Group | None, live: LiveFiles) -> set[str]:
        """Paths that hold another file than state knows: its size says nothing of what is in it."""
        from qqgroup_provision.addresses import Address
        from qqgroup_provision.resources.file import FileKind
        from qqgroup_provision.resources.group_files import ids_of, path_of

        if group is None or self._store is None:
            return set()
        entries = self._store.load().entries
        kept = {path_of(file): entries.get(Address(group.key, FileKind.name, path_of(file))) for file in live.files}
        return {
            path_of(file)
            for file in live.files
            if (entry := kept[path_of(file)]) is not None and dict(entry.ids) != ids_of(file)
        }

    def _fail(self, diagnostics: Iterable[Diagnostic]) -> None:
        found = tuple(diagnostics)
        if found:
            self._failed = True
            show_diagnostics(found, None, color=self._settings.color)

    def _write(self, root: Path, before: Mapping[str, str], adopted: Adopted) -> None:
        from qqgroup_provision.workspace.replace import replace_file

        for name, text in adopted.files.items():
            path = root / name
            with writing(path):
                if name in before and path.read_bytes().decode("utf-8-sig") != before[name]:
                    raise OSError(0, str(say("it was changed meanwhile")))
                bom = b"\xef\xbb\xbf" if name in before and path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
                replace_file(path, bom + text.encode())

    def _show(self, root: Path, adopted: Adopted) -> None:
        if adopted.notes:
            show_diagnostics(adopted.notes, root, color=self._settings.color)
        for name in adopted.files:
            click.echo(printable(str(say("written: {file}", file=(root / name).as_posix()))))
        downloaded = sum(map(len, self._fetched.values()))
        if downloaded:
            click.echo(say("Files downloaded: {count}.", count=downloaded))
        click.echo(
            say("Imported. Groups: {groups}, files written: {files}.",
                groups=len(adopted.keys), files=len(adopted.files))
        )  # fmt: skip

    async def _record(self, root: Path, sessions: Sessions, adopted: Adopted, live: Mapping[int, LiveGroup]) -> None:
        from qqgroup_provision.addresses import Address
        from qqgroup_provision.applying.adopt import record_adoption
        from qqgroup_provision.resources.file import FileKind
        from qqgroup_provision.resources.group_files import path_of
        from qqgroup_provision.workspace.load import load_workspace

        assert self._store is not None  # noqa: S101  (the lock is held)
        workspace = load_workspace(root).required()
        of_target = replace(sessions, workspace=workspace)
        found = {key: live[number] for number, key in adopted.keys.items()}
        known = {
            Address(adopted.keys[number], FileKind.name, path_of(got.file)): _entry(got)
            for number, files in self._fetched.items()
            if number in adopted.keys
            for got in files
        }
        count, left = await record_adoption(of_target, self._store, found, known)
        click.echo(say("Taken into state: {count}.", count=count))
        if left:
            click.echo(say("Changes that `qqgroup plan` still shows: {count}.", count=left))


def _target(source: Path, output: Path | None) -> tuple[Path, str]:
    """The workspace to write into, and the folder in it."""
    if output is None:
        return source, ""
    here, there = source.resolve(), output.resolve()
    if there.is_relative_to(here):
        relative = there.relative_to(here).as_posix()
        return source, "" if relative == "." else relative
    return output, ""


def _texts(workspace: Workspace, only: str = "") -> dict[str, str]:
    """The YAML files of a workspace by their names in it."""
    from qqgroup_provision.workspace.document import MAX_BYTES
    from qqgroup_provision.workspace.files import read_yaml, yaml_files

    if not workspace.root.is_dir():
        return {}
    return {
        name: read_yaml(workspace.root, name, path, MAX_BYTES).decode("utf-8-sig")
        for name, path in yaml_files(workspace.root)
        if not only or name == only
    }


def _sources_of(group: Group | None) -> dict[str, Asset]:
    """What YAML names as the content of the group's files, by path."""
    return {item.path: item.source for item in group.files.items} if group and group.files else {}


def _entry(got: Fetched) -> Entry:
    """What state holds of a file whose content is known, as if it had been uploaded from here."""
    from qqgroup_provision.resources.group_files import ids_of
    from qqgroup_provision.state.model import Entry

    applied: dict[str, Value] = {"sha256": got.sha256, "size": got.file.size, "temporary": None, "older": None}
    return Entry(ids_of(got.file), applied, applied_at=datetime.now(UTC).isoformat(timespec="seconds"))


def _lists(group: LiveGroup, needs: Iterable[Collection]) -> list[Reading[Any]]:
    """The lists that were asked for, that of the files as far as it is believed."""
    from qqgroup_provision.resources.group_files import seen
    from qqgroup_provision.resources.live import Collection

    return [seen(group, ()) if name is Collection.FILES else getattr(group, name.value) for name in sorted(needs)]


def needs_of(capabilities: Iterable[str], *, files: bool) -> frozenset[Collection]:
    """The lists that describing a group takes. One that the implementation does not give at all is not managed."""
    from qqgroup_provision.adoption.describe import speaks_of_settings
    from qqgroup_provision.ports import Capability
    from qqgroup_provision.resources.live import Collection

    needs = {Collection.PROFILE, Collection.MEMBERS}
    if Capability.READ_NOTICES in capabilities:
        needs.add(Collection.NOTICES)
    if Capability.READ_ESSENCE in capabilities:
        needs.add(Collection.ESSENCE)
    if files and Capability.READ_FILES in capabilities:
        needs |= {Collection.FILES, Collection.SPACE}
    details = {Capability.READ_SETTINGS, Capability.READ_DESCRIPTION}
    if not details.isdisjoint(capabilities) and speaks_of_settings():
        needs.add(Collection.SETTINGS)
    return frozenset(needs)


def _missing(reading: Reading[Any]) -> Text | None:
    """Why a list cannot be used; `None` if it can."""
    from qqgroup_provision.ports import Known
    from qqgroup_provision.resources.live import unread

    return None if isinstance(reading, Known) else unread(reading).reason


def _unread(what: Text, reason: Text) -> Diagnostic:
    return Diagnostic(
        "QG161",
        say("Not imported: {what}: {reason}.", what=what, reason=reason),
        hint=say("Nothing is written for it. Run the import again once it can be read."),
    )
