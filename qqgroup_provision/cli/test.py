"""`qqgroup test`: scenarios of `kind: Tests`, played offline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import require_extra, show_diagnostics, use_color
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.load import Loaded, load_workspace
from qqgroup_provision.workspace.suggest import suggest

if TYPE_CHECKING:
    from qqgroup_provision.rehearsal.play import Played


@click.command(
    help=str(
        say("Play the scenarios of `kind: Tests` to the groups' behaviour, offline; those of some groups, or all.")
    )
)
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option("--json", "as_json", is_flag=True, help=str(say("Write what came of them as JSON.")))
@click.pass_obj
def command(settings: Settings, groups: tuple[str, ...], as_json: bool) -> int:
    from qqgroup_provision.behavior.index import EXTRA, PACKAGES
    from qqgroup_provision.reports.rehearsal import rehearsal_json, render_rehearsal

    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    for name in groups:
        if name not in workspace.groups:
            summary = say("There is no group `{name}` to be tested.", name=name)
            raise InvalidInput(Diagnostic("QG337", summary, subject=name, hint=suggest(name, workspace.groups)))
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    require_extra(EXTRA, *PACKAGES)
    played = _played(loaded, groups)
    if not played:
        raise InvalidInput(
            Diagnostic(
                "QG340",
                say("There is no scenario to play."),
                subject=settings.folder.as_posix(),
                hint=say("Write a file with `kind: Tests` and `group:`, for example tests/<group>.yaml."),
            )
        )
    if as_json:
        click.echo(rehearsal_json(played, folder=settings.folder.as_posix()), nl=False)
    else:
        color = use_color(settings.color, sys.stdout)
        click.echo(render_rehearsal(played, folder=settings.folder.as_posix(), color=color), nl=False, color=True)
    return 0 if all(one.passed for one in played) else 1


def _played(loaded: Loaded, groups: tuple[str, ...]) -> list[Played]:
    """The scenarios that are asked for, each group's together; its behaviour is made ready once."""
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.behavior.prepared import Prepared
    from qqgroup_provision.rehearsal.play import play

    workspace = loaded.required()
    found: list[Played] = []
    for key, group in workspace.groups.items():
        scenarios = [one for one in loaded.scenarios if one.group == key and (not groups or key in groups)]
        if scenarios:
            prepared = Prepared(group.behavior or Configuration(key, group.id))
            found.extend(play(scenario, prepared) for scenario in scenarios)
    return found
