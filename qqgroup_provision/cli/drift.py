"""`qqgroup drift`."""

from __future__ import annotations

import asyncio
import shlex
import sys

import click

from qqgroup_provision.cli.plan import plan_of, show_plan, targets_option
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, use_color, width, working, writing
from qqgroup_provision.messages import say
from qqgroup_provision.planning.drift import Drifts
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.workspace.model import Workspace


@click.command(
    help=str(say("Compare live, last applied and YAML. Exits with 2 if there is drift. Changes nothing live."))
)
@targets_option
@click.option("--json", "as_json", is_flag=True, help=str(say("Write it as JSON.")))
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="ADDRESS",
    help=str(say("Write the live value into the YAML, at its place. May be given again.")),
)
@click.option(
    "--revert",
    "reverted",
    multiple=True,
    metavar="ADDRESS",
    help=str(say("Show the plan that brings back what the YAML says. May be given again.")),
)
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], as_json: bool, accepted: tuple[str, ...], reverted: tuple[str, ...]
) -> int:
    from qqgroup_provision.cli.notify import telling
    from qqgroup_provision.cli.store import store_of
    from qqgroup_provision.planning.drift import drifts
    from qqgroup_provision.reports.drift import drifts_json, render_drifts
    from qqgroup_provision.workspace.load import load_workspace

    if bool(accepted) + bool(reverted) + bool(targets) > 1:
        raise click.UsageError(str(say("--accept, --revert and --target each choose addresses: give one of them.")))
    if as_json and (accepted or reverted):
        raise click.UsageError(str(say("--json is for the report: it goes with neither --accept nor --revert.")))
    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    # Who accepts or reverts knows of it already.
    with telling(None if accepted or reverted else workspace, "drift", settings) as told:
        state = store_of(workspace).load()
        with working(say("Reading the groups…"), settings):
            plan = asyncio.run(plan_of(workspace, state, accepted or reverted or targets))
        found = drifts(plan, state)
        told(found)
    if reverted:
        return _revert(plan, settings, reverted)
    if accepted:
        return _accept(found, workspace, settings, accepted)
    if as_json:
        click.echo(drifts_json(found), nl=False)
    else:
        text = render_drifts(found, color=use_color(settings.color, sys.stdout), width=width())
        click.echo(text, nl=False, color=True)
    return 1 if found.unseen else 2 if found.found else 0


def _revert(plan: Plan, settings: Settings, reverted: tuple[str, ...]) -> int:
    """Show what would bring it back. Carrying it out is for `apply`, which asks and locks."""
    from qqgroup_provision.reports.printable import printable

    show_plan(plan, settings)
    words = " ".join(f"--target {shlex.quote(address)}" for address in reverted)
    said = say(
        "This is what `qqgroup plan {targets}` shows. Carry it out with: qqgroup apply {targets}", targets=words
    )
    click.echo(f"\n{printable(said)}")
    return 1 if plan.errored else 2 if plan.pending else 0


def _accept(found: Drifts, workspace: Workspace, settings: Settings, accepted: tuple[str, ...]) -> int:
    from qqgroup_provision.applying.accept import accept
    from qqgroup_provision.reports.printable import printable

    with writing(settings.folder):
        for edit in accept(found, workspace, settings.folder, accepted):
            click.echo(printable(f"{edit.file}: {'.'.join(edit.way)}"))
    click.echo(str(say("Written. State learns of it with the next `qqgroup apply`.")))
    return 0
