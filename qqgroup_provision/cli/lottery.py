"""`qqgroup lottery verify`: a draw computed again from what the bot has published."""

from __future__ import annotations

from pathlib import Path

import click

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say

_LARGEST = 1 << 20  # bytes of a list: more than the largest group has
_HEADS = ("参加者名单", "（重发）参加者名单")  # the first line of each message that lists entrants


@click.group(help=str(say("Check a draw that a bot has made.")))
def command() -> None:
    pass


@command.command(
    name="verify", help=str(say("Compute a draw again from its seed and its entrants. Nothing is asked for online."))
)
@click.option("--seed", required=True, help=str(say("The seed as it was published at the end.")))
@click.option(
    "--entrants",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=str(say("A file with the list of entrants: QQ numbers in the order of entering, one a line.")),
)
@click.option(
    "--prize",
    "prizes",
    multiple=True,
    metavar="NAME=COUNT",
    help=str(say("A prize and how many win it, in the order of the YAML.")),
)
@click.option("--commitment", help=str(say("What was published at the beginning; compared if given.")))
@click.option("--digest", "expected", help=str(say("The sha256 of the list as published; compared if given.")))
def verify(seed: str, file: Path, prizes: tuple[str, ...], commitment: str | None, expected: str | None) -> int:
    from qqgroup_provision.behavior.activities import lottery
    from qqgroup_provision.behavior.activities.model import Prize

    entrants = _entrants(file)
    computed, digest = lottery.commitment(seed), lottery.digest(entrants)
    click.echo(say("commitment: {value}", value=computed))
    click.echo(say("entrants: {count}, sha256 of the list: {value}", count=len(entrants), value=digest))
    for wanted, found, what in (
        (commitment, computed, say("The seed is not the one the commitment was made for.")),
        (expected, digest, say("The list is not the one that was published.")),
    ):
        if wanted is not None and wanted.strip().lower() != found:
            raise InvalidInput(Diagnostic("QG386", what, hint=say("Copy both as they were published.")))
    for prize, winners in lottery.drawn(seed, entrants, [Prize(*_prize(prize)) for prize in prizes]):
        click.echo(f"{prize.name}: {' '.join(map(str, winners)) or '-'}")
    return 0


def _prize(written: str) -> tuple[str, int]:
    name, _, count = written.rpartition("=")
    if not name or not (count.isascii() and count.isdigit() and 0 < int(count[:6]) <= 10_000):
        raise click.BadParameter(str(say("Write a prize as in 书=3.")), param_hint="--prize")
    return name, int(count)


def _entrants(file: Path) -> list[int]:
    """The numbers of a list, as it was copied from the group: the first line of a message is left out."""
    try:
        with file.open(encoding="utf-8-sig") as opened:
            lines = [line.strip() for line in opened.read(_LARGEST).splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(_not_a_list(file, type(error).__name__)) from None
    numbers = [line for line in lines if line and not line.startswith(_HEADS)]
    wrong = next((line for line in numbers if not (line.isascii() and line.isdigit() and len(line) <= 20)), None)
    if wrong is not None:
        raise InvalidInput(_not_a_list(file, wrong[:40]))
    return list(map(int, numbers))


def _not_a_list(file: Path, problem: str) -> Diagnostic:
    return Diagnostic(
        "QG385",
        say("This is no list of entrants: {problem}.", problem=problem),
        subject=str(file),
        hint=say("Put the QQ numbers into it, one a line, in the order in which they were published."),
    )
