"""`qqgroup chat`: talk in a group that is not there, as anybody, and see what its bot does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from qqgroup_provision.cli.rehearsed import at_option, begin, rehearsed
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import use_color
from qqgroup_provision.messages import say

if TYPE_CHECKING:
    from qqgroup_provision.rehearsal.conversation import Conversation, Shown

_LONGEST = 1 << 16  # characters of a line that is read; the rest of it is a line of its own


@click.command(
    help=str(
        say(
            "Talk in a group as any of its members and see what its bot does, and why. Nothing reaches a network, and"
            " the clock moves only when you say so. Lines from a pipe will do as well; /help tells what may be typed."
        )
    )
)
@click.argument("group")
@at_option
@click.pass_obj
def command(settings: Settings, group: str, at: str | None) -> int:
    from qqgroup_provision.behavior.prepared import Prepared
    from qqgroup_provision.rehearsal.conversation import Conversation, Manner
    from qqgroup_provision.reports.conversation import render_shown

    about = rehearsed(settings, group)
    begins = begin(at, about.configuration)
    conversation = Conversation(Prepared(about.configuration), about.cast, begins)
    color = use_color(settings.color, sys.stdout)
    typed = sys.stdin.isatty()
    if typed:
        click.echo(say("You are in {group}, which only you see. /help tells what may be typed.", group=group))
    faults = False
    try:
        for line in _lines(conversation, typed):
            for shown in conversation.enter(line):
                if typed and _is_typed(shown):
                    continue
                text = render_shown(shown, folder=settings.folder.as_posix(), color=color)
                click.echo(text, nl=False, color=True)
                faults = faults or getattr(shown, "manner", None) is Manner.FAULT
            if conversation.ended:
                break
    except KeyboardInterrupt:
        click.echo()
        return 0
    return 0 if typed or not faults else 1


def _is_typed(shown: Shown) -> bool:
    """Whether it is what the person at the terminal has just typed."""
    from qqgroup_provision.rehearsal.conversation import Entry, Manner

    return isinstance(shown, Entry) and shown.manner is Manner.HEARD and isinstance(shown.text, str)


def _lines(conversation: Conversation, typed: bool) -> Iterator[str]:
    """What is typed or comes from a pipe, until it ends."""
    if typed:
        import contextlib

        with contextlib.suppress(ImportError):  # what makes arrow keys work, where there is such a thing
            import readline  # noqa: F401
    while True:
        if typed:
            try:
                line = input(f"{conversation.now:%H:%M:%S} {conversation.speaker}> ")
            except EOFError:
                click.echo()
                return
        else:
            line = sys.stdin.readline(_LONGEST)
            if not line:
                return
        yield line
