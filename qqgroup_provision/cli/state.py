"""`qqgroup state list` and `qqgroup state show`."""

from __future__ import annotations

import json

import click

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.reports.lists import listed
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.reports.state_text import render_entry
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.format import dump
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.suggest import suggest


@click.group(help=str(say("Look at what was applied last.")))
def command() -> None:
    pass


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


def _state(settings: Settings) -> State:
    return FileStore(load_workspace(settings.folder).required().state_path).load()
