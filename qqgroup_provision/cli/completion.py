"""`qqgroup completion SHELL`."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from qqgroup_provision.messages import say

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(help=str(say('Print the completion script of a shell. For bash: eval "$(qqgroup completion bash)"')))
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    root = context.find_root().command
    click.echo(SHELLS[shell](root, {}, "qqgroup", "_QQGROUP_COMPLETE").source())
