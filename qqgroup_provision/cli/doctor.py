"""`qqgroup doctor`."""

from __future__ import annotations

import asyncio
import os
import sys

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, sources_of, use_color, working
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.suggest import suggest


@click.command(help=str(say("Ask every account who it is, and what it may and can do. Changes nothing.")))
@click.option(
    "--account", "accounts", multiple=True, metavar="KEY", help=str(say("Only this account. May be given again."))
)
@click.option("--json", "as_json", is_flag=True, help=str(say("Write it as JSON.")))
@click.pass_obj
def command(settings: Settings, accounts: tuple[str, ...], as_json: bool) -> int:
    from qqgroup_provision.applying.examine import examine
    from qqgroup_provision.reports.doctor import examined_json, render_examined
    from qqgroup_provision.workspace.load import load_workspace

    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    for key in accounts:
        if key not in workspace.accounts:
            summary = say("There is no account `{name}`.", name=key)
            raise InvalidInput(Diagnostic("QG143", summary, hint=suggest(key, workspace.accounts)))
    with working(say("Asking the accounts…"), settings):
        results = asyncio.run(examine(workspace, sorted(set(accounts or workspace.accounts)), os.environ))
    if as_json:
        click.echo(examined_json(results, sources_of(settings.folder), settings.folder.as_posix()), nl=False)
    else:
        click.echo(render_examined(results, color=use_color(settings.color, sys.stdout)), nl=False, color=True)
        found = [item for result in results for item in result.found]
        if found:
            show_diagnostics(found, settings.folder, color=settings.color)
    return 0 if all(result.well for result in results) else 1
