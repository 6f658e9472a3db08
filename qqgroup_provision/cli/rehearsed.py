"""What the commands need that try out a group's behaviour: the group, who is in it, and when it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import require_extra, show_diagnostics
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.suggest import suggest

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.workspace.cast import Cast
    from qqgroup_provision.workspace.model import Group, Workspace

at_option = click.option(
    "--at",
    "at",
    metavar="TIME",
    help=str(say("When it happens: 23:40 or 2026-12-01T23:40. Else on a Monday at ten in the morning.")),
)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A group that something is tried out on."""

    workspace: Workspace
    group: Group
    configuration: Configuration
    cast: Cast


def rehearsed(settings: Settings, name: str) -> Rehearsed:
    """The group of that key. Raises `InvalidInput` for a fault in the YAML, and for a group that is not there."""
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.behavior.index import EXTRA, PACKAGES
    from qqgroup_provision.workspace.cast import Cast

    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    group = workspace.groups.get(name)
    if group is None:
        raise no_group(name, workspace)
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    require_extra(EXTRA, *PACKAGES)
    configuration = group.behavior or Configuration(group.key, group.id)
    return Rehearsed(workspace, group, configuration, Cast(workspace.people, group))


def no_group(name: str, workspace: Workspace) -> InvalidInput:
    """The error of a group that no file describes."""
    summary = say("There is no group `{name}` to be tested.", name=name)
    return InvalidInput(Diagnostic("QG337", summary, subject=name, hint=suggest(name, workspace.groups)))


def begin(at: str | None, configuration: Configuration) -> datetime:
    """The moment `--at` names, in the group's time zone. Raises `click.BadParameter`."""
    from qqgroup_provision.rehearsal.clock import time_after
    from qqgroup_provision.rehearsal.play import BEGIN

    usual = BEGIN.replace(tzinfo=configuration.zone)
    if at is None:
        return usual
    found = time_after(at, usual.replace(hour=0))
    if found is None:
        problem = say("There is no such time as `{written}`.", written=at)
        raise click.BadParameter(str(problem), param_hint="--at")
    return found
