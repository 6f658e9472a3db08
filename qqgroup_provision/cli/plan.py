"""`qqgroup plan`."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, use_color, width, working, writing
from qqgroup_provision.diagnostics import Severity
from qqgroup_provision.errors import Refused
from qqgroup_provision.messages import say
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Workspace

if TYPE_CHECKING:
    from qqgroup_provision.state.paces import Paces

targets_option = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ADDRESS",
    help=str(say("Only these addresses, such as python-hub or 'python-hub/title/*'. May be given again.")),
)


def _allowances(_: click.Context, __: click.Parameter, written: tuple[str, ...]) -> tuple[Allowance, ...]:
    try:
        return tuple(Allowance.parse(one) for one in written)
    except ValueError as error:
        problem = say("`{written}` is not ACTION:ADDRESS with a group's own name, as in {example}.",
                      written=str(error), example="delete:python-hub/announcement/*")  # fmt: skip
        raise click.BadParameter(str(problem)) from None


allow_option = click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="ACTION:ADDRESS",
    callback=_allowances,
    help=str(say("Let this run pass a limit of `safety:`, such as delete:python-hub/title/*. May be given again.")),
)


@click.command(help=str(say("Show what would change in the live groups. Changes nothing.")))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=str(say("Save the plan, for `qqgroup apply FILE`.")),
)
@click.option(
    "--against",
    type=click.Path(dir_okay=False, path_type=Path),
    help=str(say("Compare with a file that `qqgroup snapshot` wrote, and ask no endpoint.")),
)
@targets_option
@allow_option
@click.option("--json", "as_json", is_flag=True, help=str(say("Write the plan as JSON.")))
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, path_type=Path),
    help=str(say("Also write the plan as Markdown, for a pull request.")),
)
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help=str(say("Exit with 2 if there is something to change, 0 if not.")),
)
@click.option(
    "--notify", is_flag=True, help=str(say("Tell the places in `notifications:` that want to hear of plans."))
)
@click.pass_obj
def command(
    settings: Settings,
    out: Path | None,
    against: Path | None,
    targets: tuple[str, ...],
    allowed: tuple[Allowance, ...],
    as_json: bool,
    markdown: Path | None,
    detailed_exitcode: bool,
    notify: bool,
) -> int:
    from qqgroup_provision.cli.notify import telling
    from qqgroup_provision.cli.origin import origin
    from qqgroup_provision.cli.store import store_of
    from qqgroup_provision.workspace.load import load_workspace

    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    with telling(workspace if notify else None, "plan", settings) as told:
        if against is not None:
            plan = _plan_against(workspace, against, targets, allowed)
        else:
            store = store_of(workspace)
            state = store.load()
            with working(say("Reading the groups…"), settings):
                plan = asyncio.run(plan_of(workspace, state, targets, allowed, store.paces()))
        told(plan)
    if out is not None:
        plan = replace(plan, commit=origin(workspace.root, os.environ).commit)
    _write(plan, settings, out, markdown, as_json)
    if plan.errored:
        return Refused.exit_code if plan.refused else 1
    return 2 if detailed_exitcode and plan.pending else 0


async def plan_of(
    workspace: Workspace,
    state: State,
    targets: tuple[str, ...],
    allowed: tuple[Allowance, ...] = (),
    paces: Paces | None = None,
) -> Plan:
    """The plan for the groups as they are. With `paces` it says which accounts rest."""
    from qqgroup_provision.applying.preview import accounts_needed, preview
    from qqgroup_provision.applying.resting import resting
    from qqgroup_provision.platforms.sessions import open_sessions

    async with open_sessions(workspace, accounts_needed(workspace, targets), os.environ) as sessions:
        plan = await preview(sessions, state, targets, allowed=allowed)
        if paces is None:
            return plan
        told = resting(plan, sessions, paces, time.time(), Severity.WARNING)
        return replace(plan, diagnostics=(*plan.diagnostics, *told))


def _plan_against(workspace: Workspace, file: Path, targets: tuple[str, ...], allowed: tuple[Allowance, ...]) -> Plan:
    """A plan from a snapshot alone: no endpoint, no store and no secret is asked for."""
    from qqgroup_provision.applying.preview import preview_of_the_past, utc_now
    from qqgroup_provision.planning.snapshot import read_snapshot

    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from None
    return preview_of_the_past(workspace, read_snapshot(content, file.as_posix()), targets, utc_now(), allowed)


def _write(plan: Plan, settings: Settings, out: Path | None, markdown: Path | None, as_json: bool) -> None:
    from qqgroup_provision.cli.plan_files import save_plan
    from qqgroup_provision.planning.plan_file import write_plan

    if as_json:
        click.echo(write_plan(plan).decode(), nl=False)
    else:
        show_plan(plan, settings)
    if markdown is not None:
        from qqgroup_provision.reports.plan_markdown import plan_markdown

        with writing(markdown):
            markdown.write_text(plan_markdown(plan), encoding="utf-8", newline="\n")
    if out is not None:
        save_plan(plan, out)
        if not as_json:
            click.echo(str(say("\nSaved. Carry it out with: qqgroup apply {path}", path=out.as_posix())))


def show_plan(plan: Plan, settings: Settings) -> None:
    """Write a plan as text to standard output."""
    from qqgroup_provision.reports.plan_text import render_plan

    text = render_plan(plan, color=use_color(settings.color, sys.stdout), width=width())
    click.echo(text, nl=False, color=True)
