"""`qqgroup state pull`, `push`, `lock`, `unlock` and `migrate`: the state as a whole, and the store that keeps it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.store import lock_timeout_option, locked, store_of
from qqgroup_provision.cli.terminal import require_extra
from qqgroup_provision.diagnostics import Diagnostic, Diagnostics
from qqgroup_provision.errors import InvalidInput, LockHeld
from qqgroup_provision.messages import Text, say
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.state import push
from qqgroup_provision.state.format import dump, load
from qqgroup_provision.state.lock_note import dump_note
from qqgroup_provision.state.model import State
from qqgroup_provision.state.store import StateStore, require_here
from qqgroup_provision.workspace.load import load_workspace


@click.command("pull", help=str(say("Write the whole state to standard output, as it is stored.")))
@click.pass_obj
def pull_command(settings: Settings) -> None:
    store = store_of(load_workspace(settings.folder).required())
    click.echo(dump(store.load()).decode(), nl=False)


@click.command("push", help=str(say("Store a state from a file, if it follows from the one that is stored.")))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--over",
    metavar="LINEAGE",
    default="",
    help=str(say("Write over a state that it does not follow from: the one of this lineage.")),
)
@click.option("--yes", is_flag=True, help=str(say("Do not ask.")))
@lock_timeout_option
@click.pass_obj
def push_command(settings: Settings, file: Path, over: str, yes: bool, patience: float) -> None:
    store = store_of(load_workspace(settings.folder).required())
    given = require_here(load(file.read_bytes(), file.as_posix()), file.as_posix())
    with locked(store, "push", patience):
        require_settled(store)
        stored = store.load()
        after = push.pushed(stored, given, over, store.place)
        if after == stored:
            click.echo(str(say("That is what is stored already.")))
            return
        click.echo(_counts(stored, after))
        if not yes and not agreed():
            click.echo(str(say("Nothing was changed.")))
            return
        store.save(stored, after)
    click.echo(str(saved(store)))


@click.command("lock", help=str(say("Show who holds the lock. Ends with 4 if somebody does.")))
@click.option("--json", "as_json", is_flag=True, help=str(say("Write it as JSON.")))
@click.pass_obj
def lock_command(settings: Settings, as_json: bool) -> int:
    note = store_of(load_workspace(settings.folder).required()).holder()
    if as_json:
        said = {"held": note is not None, **(dump_note(note) if note else {})}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True))
    elif note is None:
        click.echo(str(say("Nobody holds the lock.")))
    else:
        rows = (
            (say("lock"), note.id),
            (say("who"), note.who),
            (say("process"), note.pid),
            (say("operation"), note.operation),
            (say("since"), note.created),
            (say("last sign of life"), note.alive),
            (say("log"), note.log),
        )
        for name, value in rows:
            if value:
                click.echo(printable(f"{name}: {value}"))
    return LockHeld.exit_code if note is not None else 0


@click.command("unlock", help=str(say("Free the lock of a run that is dead for certain. `state lock` shows its id.")))
@click.argument("lock_id", metavar="ID")
@click.pass_obj
def unlock_command(settings: Settings, lock_id: str) -> None:
    store_of(load_workspace(settings.folder).required()).unlock(lock_id)
    click.echo(str(say("The lock is free.")))


@click.command("migrate", help=str(say("Move the state from another store to the one that workspace.yaml names.")))
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=str(say("The workspace.yaml as it was, which names the store it is in; else the file .qqgroup/state.json.")),
)
@lock_timeout_option
@click.pass_obj
def migrate_command(settings: Settings, source: Path | None, patience: float) -> None:
    target = store_of(load_workspace(settings.folder).required())
    old = _store_in(source, settings.folder)
    if old.place == target.place:
        summary = say("That is the store that workspace.yaml names.")
        hint = say("Name the new store in workspace.yaml, and the file as it was with --from.")
        raise InvalidInput(Diagnostic("QG729", summary, subject=old.place, hint=hint))
    with ExitStack() as held:
        for store in (old, target):
            held.enter_context(locked(store, "migrate", patience))
            require_settled(store)
        state = push.migrate(old, target)
    click.echo(
        printable(
            str(say("Moved. Entries: {count}. From {old} to {new}.",
                    count=len(state.entries), old=old.place, new=target.place))
        )
    )  # fmt: skip


COMMANDS = (pull_command, push_command, lock_command, unlock_command, migrate_command)


def require_settled(store: StateStore) -> None:
    """Raise `InvalidInput` (QG718) while a run that died is not in the state yet."""
    if store.read_journal() is not None:
        raise InvalidInput(
            Diagnostic(
                "QG718",
                say("An earlier run was cut off, and what it did is not in the state yet."),
                hint=say("Run `qqgroup apply` first: it settles what was left."),
            )
        )


def agreed() -> bool:
    """Whether somebody says yes."""
    if not sys.stdin.isatty():
        raise InvalidInput(Diagnostic("QG611", say("There is no terminal to ask on."), hint=say("Add --yes.")))
    question = str(say("\nChange the state like this? Only `yes` will do"))
    return str(click.prompt(question, default="", show_default=False)).strip() == "yes"


def saved(store: StateStore) -> Text:
    if store.keeps_backup:
        return say("Saved. The state before it is kept beside it, as the backup.")
    return say("Saved. Whether the state before it is kept is up to the server.")


def _counts(stored: State, after: State) -> str:
    return str(say("Entries: {before} before, {after} after.", before=len(stored.entries), after=len(after.entries)))


def _store_in(file: Path | None, folder: Path) -> StateStore:
    """The store that another workspace.yaml names. Raises `InvalidInput` for what is none."""
    from qqgroup_provision.state.open_store import packages_of
    from qqgroup_provision.state.open_store import store_of as store_in
    from qqgroup_provision.workspace import schema
    from qqgroup_provision.workspace.document import parse_document
    from qqgroup_provision.workspace.positions import Positions
    from qqgroup_provision.workspace.settings import DEFAULT_STATE, read_settings, read_store

    if file is None:
        return store_in(folder / DEFAULT_STATE, None, folder, os.environ)
    positions, found = Positions(), Diagnostics()
    document, faults = parse_document(file.read_bytes(), file.as_posix(), positions)
    if document is None or faults:
        raise InvalidInput(faults)
    wrong = schema.check(document, positions)
    if wrong:
        raise InvalidInput(wrong)
    shared = read_store(document, positions, found)
    _, path = read_settings(document, folder, positions, found)
    if path is None or found.has_errors:
        raise InvalidInput(found)
    require_extra("stores", *packages_of(shared))
    return store_in(path, shared, folder, os.environ)
