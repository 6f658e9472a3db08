"""`qqgroup history`."""

from __future__ import annotations

import sys

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.messages import say


@click.command(help=str(say("Show what earlier runs did: who, when, from which commit, and how each step ended.")))
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help=str(say("So many runs, the newest ones.")),
)
@click.option("--json", "as_json", is_flag=True, help=str(say("Write one JSON object a line, the oldest first.")))
@click.pass_obj
def command(settings: Settings, limit: int, as_json: bool) -> None:
    from qqgroup_provision.cli.store import store_of
    from qqgroup_provision.cli.terminal import use_color
    from qqgroup_provision.reports.history import render_history
    from qqgroup_provision.state.history import dump_record
    from qqgroup_provision.workspace.load import load_workspace

    records = store_of(load_workspace(settings.folder).required()).history()[-limit:]
    if as_json:
        for record in records:
            click.echo(dump_record(record), nl=False)
    elif records:
        click.echo(render_history(records, color=use_color(settings.color, sys.stdout)), nl=False, color=True)
    else:
        click.echo(str(say("Nothing was applied yet.")))
