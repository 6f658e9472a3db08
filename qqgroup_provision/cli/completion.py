"""`qqgroup completion SHELL`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from qqgroup_provision.messages import say

SHELLS = ("bash", "zsh", "fish")


@click.command(help=str(say("Print the completion script of a shell. For bash: eval \"$(qqgroup completion bash)\"")))
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    completion = get_completion_class(shell)
    assert completion is not None
    root = context.find_root().command
    click.echo(completion(root, {}, "qqgroup", "_QQGROUP_COMPLETE").source())
