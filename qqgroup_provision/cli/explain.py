"""`qqgroup explain CODE`."""

from __future__ import annotations

import click

from qqgroup_provision.codes import CODES
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.suggest import suggest


@click.command(help=str(say("Explain a diagnostic code such as QG203; without one, list them all.")))
@click.argument("code", required=False)
def command(code: str | None) -> None:
    if code is None:
        for entry in CODES.values():
            click.echo(f"{entry.code}  {entry.title}")
        return
    found = CODES.get(code.upper())
    if found is None:
        raise InvalidInput(
            Diagnostic(
                "QG143",
                say("There is no code `{code}`.", code=code),
                hint=suggest(code.upper(), CODES) or say("`qqgroup explain` lists them all."),
            )
        )
    click.echo(f"{found.code}  {found.title}\n\n{found.meaning}\n\n{found.remedy}")
