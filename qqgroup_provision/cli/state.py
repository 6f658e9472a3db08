"""`qqgroup state`: what was applied last, looked at or put right. Nothing here asks an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.cli import state_stores
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.store import lock_timeout_option, locked, store_of
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import listed, say
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.reports.state_text import cut_line, render_entry
from qqgroup_provision.state import surgery
from qqgroup_provision.state.format import dump
from qqgroup_provision.state.model import State
from qqgroup_provision.state.store import StateStore
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.suggest import suggest


@click.group(help=str(say("Look at what was applied last, or put it right.")))
def command() -> None:
    pass


for _one in state_stores.COMMANDS:
    command.add_command(_one)


@command.command("list", help=str(say("List the managed addresses, or those that match a pattern.")))
@click.argument("patterns", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help=str(say("Write the whole state as JSON.")))
@click.pass_obj
def list_command(settings: Settings, patterns: tuple[str, ...], as_json: bool) -> None:
    state = _state(settings)
    if as_json:
        click.echo(dump(state).decode(), nl=False)
        return
    for address in sorted(state.entries):
        if matches_any(address, patterns):
            unverified = state.entries[address].unverified
            mark = "  " + str(say("(not verified: {fields})", fields=listed(unverified))) if unverified else ""
            click.echo(printable(f"{address}{mark}"))


@command.command("show", help=str(say("Show what state holds of one address.")))
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help=str(say("Write it as JSON.")))
@click.pass_obj
def show_command(settings: Settings, address: str, as_json: bool) -> None:
    from qqgroup_provision.state.format import dump_entry

    state = _state(settings)
    known = {str(found): found for found in state.entries}
    if address not in known:
        raise InvalidInput(
            Diagnostic(
                "QG143",
                say("State holds nothing called `{address}`.", address=address),
                hint=suggest(address, known) or say("`qqgroup state list` lists what it holds."),
            )
        )
    entry = state.entries[Address.parse(address)]
    if as_json:
        click.echo(json.dumps(dump_entry(entry), ensure_ascii=False, indent=1, sort_keys=True))
    else:
        click.echo(render_entry(known[address], entry), nl=False)


_yes = click.option("--yes", is_flag=True, help=str(say("Do not ask.")))


@command.command("mv", help=str(say("Give an entry, or all of a group, another name. Nothing live is touched.")))
@click.argument("old")
@click.argument("new")
@_yes
@lock_timeout_option
@click.pass_obj
def move_command(settings: Settings, old: str, new: str, yes: bool, patience: float) -> None:
    _operate(settings, yes, patience, lambda state: surgery.move(state, old, new))


@command.command("rm", help=str(say("Let go of entries, by address or pattern. Nothing live is touched.")))
@click.argument("patterns", nargs=-1, required=True, metavar="ADDRESS...")
@_yes
@lock_timeout_option
@click.pass_obj
def remove_command(settings: Settings, patterns: tuple[str, ...], yes: bool, patience: float) -> None:
    _operate(settings, yes, patience, lambda state: surgery.remove(state, patterns))


@command.command("forget", help=str(say("Let go of everything state holds of a group. Nothing live is touched.")))
@click.argument("group")
@_yes
@lock_timeout_option
@click.pass_obj
def forget_command(settings: Settings, group: str, yes: bool, patience: float) -> None:
    _operate(settings, yes, patience, lambda state: surgery.forget(state, group))


def _operate(
    settings: Settings, yes: bool, patience: float, choose: Callable[[State], tuple[surgery.Cut, ...]]
) -> None:
    """Show what would become of the state, ask, and save it: under the lock, so that no apply is in between."""
    store = _store(settings)
    with locked(store, "state", patience):
        state_stores.require_settled(store)
        state = store.load()
        cuts = choose(state)
        for cut in cuts:
            click.echo(cut_line(cut))
        if not yes and not state_stores.agreed():
            click.echo(str(say("Nothing was changed.")))
            return
        store.save(state, surgery.after(state, cuts))
    click.echo(str(state_stores.saved(store)))


def _store(settings: Settings) -> StateStore:
    return store_of(load_workspace(settings.folder).required())


def _state(settings: Settings) -> State:
    return _store(settings).load()
