"""`qqgroup snapshot`."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.plan import targets_option
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, working, writing
from qqgroup_provision.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qqgroup_provision.diagnostics import Diagnostic
    from qqgroup_provision.planning.snapshot import Snapshot
    from qqgroup_provision.resources.live import Collection
    from qqgroup_provision.state.model import State
    from qqgroup_provision.workspace.model import Workspace


@click.command(help=str(say("Save what the groups are now, so that `qqgroup plan --against` needs no token.")))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("snapshot.json"),
    show_default=True,
    help=str(say("The file to write.")),
)
@targets_option
@click.pass_obj
def command(settings: Settings, out: Path, targets: tuple[str, ...]) -> int:
    from qqgroup_provision.cli.store import store_of
    from qqgroup_provision.planning.snapshot import write_snapshot
    from qqgroup_provision.workspace.load import load_workspace

    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    state = store_of(workspace).load()
    with working(say("Reading the groups…"), settings):
        snapshot, missing = asyncio.run(_taken(workspace, state, targets))
    with writing(out):
        out.write_bytes(write_snapshot(snapshot))
    click.echo(str(say("Saved {count} groups. Plan against them with: qqgroup plan --against {path}",
                       count=len(snapshot.groups), path=out.as_posix())))  # fmt: skip
    if missing:
        show_diagnostics(missing, settings.folder, color=settings.color)
    return 1 if missing else 0


async def _taken(workspace: Workspace, state: State, targets: tuple[str, ...]) -> tuple[Snapshot, list[Diagnostic]]:
    from qqgroup_provision.applying.preview import accounts_needed
    from qqgroup_provision.cli.import_ import needs_of
    from qqgroup_provision.planning.make_plan import targeted
    from qqgroup_provision.planning.snapshot import take
    from qqgroup_provision.platforms.sessions import open_sessions
    from qqgroup_provision.resources.live import Collection

    async with open_sessions(workspace, accounts_needed(workspace, targets), os.environ) as sessions:
        needs: dict[str, frozenset[Collection]] = {}
        for key, group in workspace.groups.items():
            if targeted(key, targets):
                # Everything that YAML could come to speak of: whoever plans has other YAML than this.
                asked = needs_of(sessions.facts[group.account].capabilities, files=True)
                needs[key] = asked | {Collection.BEHAVIOR} if group.bot else asked
        live = await sessions.read(needs)
        missing = [fault for key, group in live.items() for fault in _missing(key, group, needs[key])]
        return take(workspace, live, sessions.facts, state, datetime.now(UTC)), missing


def _missing(key: str, group: object, asked: frozenset[Collection]) -> Iterator[Diagnostic]:
    """QG709 for each list that was asked for and could not be read."""
    from qqgroup_provision.diagnostics import Diagnostic
    from qqgroup_provision.ports import Unknown

    for collection in sorted(asked):
        reading = getattr(group, collection.value)
        if isinstance(reading, Unknown):
            yield Diagnostic(
                "QG709",
                say("This could not be read, so the snapshot does not have it: {reason}.", reason=reading.reason),
                subject=f"{key}/{collection.value}",
                hint=say("Take the snapshot again once the endpoint answers."),
            )
