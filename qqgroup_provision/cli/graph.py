"""`qqgroup graph`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, use_color, working
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Known, Unknown
from qqgroup_provision.reports import graph
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace

FORMATS = ("text", "mermaid", "svg")


@click.command(help=str(say("Draw the groups as a tree of parents and sub-groups.")))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help=str(say("How to draw it.")))
@click.option("--live", is_flag=True, help=str(say("Read names, how many people, and which groups are full.")))
@click.pass_obj
def command(settings: Settings, form: str, live: bool) -> int:
    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    read: Mapping[str, LiveGroup] = {}
    if live:
        with working(say("Reading the groups…"), settings):
            read = asyncio.run(_read(workspace))
    seen = {key: found.profile.value for key, found in read.items() if isinstance(found.profile, Known)}
    sizes = {key: graph.Size(profile.member_count, profile.capacity) for key, profile in seen.items()}
    nodes = graph.tree(workspace.groups, {key: profile.name for key, profile in seen.items()}, sizes)
    if form == "text":
        click.echo(graph.graph_text(nodes, color=use_color(settings.color, sys.stdout)), nl=False, color=True)
    else:
        click.echo((graph.graph_svg if form == "svg" else graph.graph_mermaid)(nodes), nl=False)
    unseen = [_unseen(workspace, key, found) for key, found in read.items() if key not in seen]
    if unseen:
        show_diagnostics(unseen, settings.folder, color=settings.color)
    return 1 if unseen else 0


async def _read(workspace: Workspace) -> Mapping[str, LiveGroup]:
    from qqgroup_provision.platforms.sessions import open_sessions

    accounts = {group.account for group in workspace.groups.values()}
    async with open_sessions(workspace, accounts, os.environ) as sessions:
        return await sessions.read(dict.fromkeys(workspace.groups, frozenset({Collection.PROFILE})))


def _unseen(workspace: Workspace, key: str, found: LiveGroup) -> Diagnostic:
    group = workspace.groups[key]
    if isinstance(found.profile, Unknown):
        summary = say("The group could not be seen: {reason}.", reason=found.profile.reason)
        return Diagnostic("QG501", summary, place=group.place, subject=key)
    summary = say("The account `{account}` is not in the group {id}.", account=group.account, id=group.id)
    return Diagnostic("QG502", summary, place=group.places.get("id", group.place), subject=key)
