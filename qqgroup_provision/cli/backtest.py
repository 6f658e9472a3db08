"""`qqgroup backtest`: a chat log replayed to a group's behaviour, and to the one before it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from qqgroup_provision.cli.rehearsed import Rehearsed, no_group, rehearsed
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import show_diagnostics, use_color, working
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say

if TYPE_CHECKING:
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.rehearsal.backtest import Backtest
    from qqgroup_provision.rehearsal.logs import Log

_LARGEST_DOCUMENT = 64 << 20


@click.command(
    help=str(
        say(
            "Replay a chat log to what the YAML says a group's bot is to do: how many messages each rule and reply"
            " hits, with examples, and what changes against the behaviour before. The log is read line by line and"
            " may be of any size; JSON Lines and QQ's own text export are taken."
        )
    )
)
@click.argument("group")
@click.option(
    "--log",
    "log_file",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help=str(say("The chat log; - is standard input.")),
)
@click.option("--chat", metavar="NAME", help=str(say("Of an export with several chats, the one with this name.")))
@click.option(
    "--me",
    type=click.IntRange(10000, 10**11),
    metavar="QQ",
    help=str(say("The bot's own account in the log.")),
)
@click.option("--live", is_flag=True, help=str(say("Compare with what the group's running bot has in force.")))
@click.option(
    "--against",
    metavar="FOLDER|FILE|COMMIT",
    help=str(
        say("Compare with another workspace, a file that holds a bot's document, or a commit of this workspace.")
    ),
)
@click.option(
    "--examples",
    type=click.IntRange(0, 50),
    default=3,
    show_default=True,
    help=str(say("How many messages are shown of each.")),
)
@click.option(
    "--warn-above",
    type=click.FloatRange(0, 100),
    default=5.0,
    show_default=True,
    metavar="PERCENT",
    help=str(say("Warn of a rule that hits more than this share of all messages.")),
)
@click.option(
    "--detailed-exitcode", is_flag=True, help=str(say("Exit with 2 if anything changes, or if there is a warning."))
)
@click.option("--json", "as_json", is_flag=True, help=str(say("Write it as JSON.")))
@click.pass_obj
def command(
    settings: Settings,
    group: str,
    log_file: Path,
    chat: str | None,
    me: int | None,
    live: bool,
    against: str | None,
    examples: int,
    warn_above: float,
    detailed_exitcode: bool,
    as_json: bool,
) -> int:
    from qqgroup_provision.behavior.prepared import Prepared
    from qqgroup_provision.rehearsal.backtest import backtest
    from qqgroup_provision.rehearsal.logs import Log
    from qqgroup_provision.reports.backtest import backtest_json, render_backtest

    if live and against is not None:
        raise click.UsageError(str(say("--live and --against each choose what to compare with: give one of them.")))
    about = rehearsed(settings, group)
    old = _live(about) if live else _against(against, settings.folder, group) if against is not None else None
    before = Prepared(old) if old is not None else None
    with _opened(log_file) as stream, working(say("Replaying the log…"), settings):
        log = Log(stream, about.configuration.zone, about.cast.rank, me or 0, chat)
        found = backtest(log, Prepared(about.configuration), before, me=me or 0, examples=examples)
    if not found.messages:
        raise _empty(log, log_file, chat)
    broad = tuple(found.broad(warn_above))
    if as_json:
        click.echo(backtest_json(found, log, group=group, broad=broad), nl=False)
    else:
        click.echo(render_backtest(found, log, color=use_color(settings.color, sys.stdout)), nl=False, color=True)
    if broad:
        show_diagnostics(_broad(found, warn_above), settings.folder, color=settings.color)
    return 2 if detailed_exitcode and (broad or found.differences) else 0


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InvalidInput(_unreadable(path, say("it cannot be read: {reason}", reason=error.strerror))) from None
    with stream:
        yield stream


def _unreadable(path: Path, problem: Text) -> Diagnostic:
    return Diagnostic(
        "QG392",
        say("There is no chat to replay: {problem}.", problem=problem),
        subject=path.as_posix(),
        hint=say("Name a file of JSON Lines with `time`, `qq` and `text`, or one that QQ exported as text."),
    )


def _empty(log: Log, path: Path, chat: str | None) -> InvalidInput:
    from qqgroup_provision.messages import listed

    if chat is not None and chat not in log.chats:
        problem = say("the log has no chat `{name}`, but {names}",
                      name=chat, names=listed(log.chats[:10]) or say("none"))  # fmt: skip
    else:
        problem = say("none of {count} lines is a message", count=log.lines)
    return InvalidInput(_unreadable(path, problem))


def _broad(found: Backtest, percent: float) -> Iterator[Diagnostic]:
    for address in found.broad(percent):
        share = f"{found.share(found.now[address]):.1f}"
        yield Diagnostic(
            "QG391",
            say("The rule hits {share} % of all messages, which is more than {limit} %.",
                share=share, limit=f"{percent:g}"),
            subject=str(address),
            hint=say("Look at the examples. Let it be narrower, or try it out with `trial: true` first."),
            severity=Severity.WARNING,
        )  # fmt: skip


def _live(about: Rehearsed) -> Configuration:
    """What the group's bot has in force. Raises `InvalidInput` where there is none to ask, or none of the kind."""
    import asyncio

    from qqgroup_provision.platforms.bots import Bot
    from qqgroup_provision.ports import Absent, Known, LiveBehavior, Reading
    from qqgroup_provision.workspace.behavior_document import configuration_of
    from qqgroup_provision.workspace.tokens import resolve_token

    group = about.group
    if group.bot is None:
        raise _nothing(group.key, say("workspace.yaml names no bot for the group"))
    named = about.workspace.bots[group.bot]
    token = resolve_token(named, about.workspace.root, os.environ)

    async def ask() -> Reading[LiveBehavior]:
        bot = Bot(named.endpoint, token)
        try:
            return await bot.behavior(group.id)
        finally:
            await bot.close()

    reading = asyncio.run(ask())
    if isinstance(reading, Known):
        return configuration_of(reading.value.document)
    if isinstance(reading, Absent):
        raise _nothing(named.key, say("the bot has nothing to do in the group yet"))
    raise _nothing(named.key, reading.reason)


def _against(named: str, folder: Path, group: str) -> Configuration:
    """The behaviour of the group in another workspace, in a document, or in a commit. Raises `InvalidInput`."""
    from qqgroup_provision.cli.revision import workspace_at

    path = Path(named)
    if path.is_dir():
        return _of_folder(path, group)
    if path.exists():
        return _of_document(path)
    with workspace_at(folder, named) as found:
        if found is None:
            raise _nothing(named, say("there is no such folder, file or commit"))
        return _of_folder(found, group)


def _of_folder(folder: Path, group: str) -> Configuration:
    from qqgroup_provision.behavior.configuration import Configuration
    from qqgroup_provision.workspace.load import load_workspace

    workspace = load_workspace(folder).required()
    found = workspace.groups.get(group)
    if found is None:
        raise no_group(group, workspace)
    return found.behavior or Configuration(found.key, found.id)


def _of_document(path: Path) -> Configuration:
    import json

    from qqgroup_provision.workspace.behavior_document import configuration_of

    try:
        with path.open("rb") as stream:
            document = json.loads(stream.read(_LARGEST_DOCUMENT))
    except (OSError, ValueError, RecursionError):
        raise _nothing(path.as_posix(), say("the file is neither a workspace nor a bot's document")) from None
    return configuration_of(document)


def _nothing(subject: str, problem: Text) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            "QG393",
            say("There is nothing to compare with: {problem}.", problem=problem),
            subject=subject,
            hint=say("Name another workspace folder with --against, or leave the comparison out."),
        )
    )
