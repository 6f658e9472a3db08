"""`qqgroup show FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from qqgroup_provision.cli.plan import show_plan
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.messages import say

FORMATS = ("text", "json", "markdown")


@click.command(help=str(say("Show a plan that `qqgroup plan --out` saved.")))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help=str(say("How to write it.")))
@click.pass_obj
def command(settings: Settings, file: Path, form: str) -> None:
    from qqgroup_provision.cli.plan_files import load_plan

    plan = load_plan(file)
    if form == "text":
        show_plan(plan, settings)
    elif form == "markdown":
        from qqgroup_provision.reports.plan_markdown import plan_markdown

        click.echo(plan_markdown(plan), nl=False)
    else:
        from qqgroup_provision.planning.plan_file import write_plan

        click.echo(write_plan(plan).decode(), nl=False)
