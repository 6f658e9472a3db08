"""`qqgroup validate`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, sources_of, use_color
from qqgroup_provision.messages import say
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.workspace.load import Loaded, load_workspace

FORMATS = ("text", "json", "github", "sarif")


@click.command(help=str(say("Check every YAML file of the workspace, without asking any endpoint.")))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    help=str(say("How to write what is wrong.")),
)
@click.pass_obj
def command(settings: Settings, form: str) -> int:
    loaded = load_workspace(settings.folder, datetime.now(UTC))
    if form == "text":
        _text(loaded, settings)
    else:
        click.echo(_data(loaded, settings, form), nl=False)
    return 0 if loaded.workspace else 1


def _text(loaded: Loaded, settings: Settings) -> None:
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    if loaded.workspace is not None:
        paint = Paint(use_color(settings.color, sys.stdout))
        groups = len(loaded.workspace.groups)
        said = say("Valid. Files: {files}, groups: {groups}.", files=loaded.files, groups=groups)
        click.echo(paint("create", str(said)), color=True)


def _data(loaded: Loaded, settings: Settings, form: str) -> str:
    from qqgroup_provision.reports import diagnostics_data as data

    folder = settings.folder.as_posix()
    if form == "json":
        return data.diagnostics_json(loaded.diagnostics, sources=sources_of(settings.folder), folder=folder)
    if form == "github":
        return data.diagnostics_github(loaded.diagnostics, folder=folder)
    return data.diagnostics_sarif(loaded.diagnostics, folder=folder)
