"""`qqgroup bot run`: the bot that does what groups' behaviour says."""

from __future__ import annotations

import os
from pathlib import Path

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import require_extra
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.durations import seconds

_TOKEN = "QQGROUP_BOT_TOKEN"  # noqa: S105  (the names of variables)
_DATABASE = "QQGROUP_BOT_DATABASE"
_ONEBOT_TOKEN = "QQGROUP_ONEBOT_TOKEN"  # noqa: S105
_MILKY_TOKEN = "QQGROUP_MILKY_TOKEN"  # noqa: S105


@click.group(help=str(say("Run the bot that answers and greets.")))
def command() -> None:
    pass


@command.command(
    "run",
    help=str(
        say(
            "Run the bot until Ctrl-C. Tokens are read from variables of the environment only, and so is the address"
            " of a PostgreSQL that several bots share: QQGROUP_BOT_DATABASE."
        )
    ),
)
@click.option(
    "--onebot",
    multiple=True,
    metavar="URL",
    help=str(say("Connect to this OneBot 11 server: ws://HOST:PORT. May be given several times.")),
)
@click.option(
    "--listen", metavar="HOST:PORT", help=str(say("Let OneBot 11 servers connect, to ws://HOST:PORT/onebot/v11/ws."))
)
@click.option(
    "--milky",
    multiple=True,
    metavar="URL",
    help=str(say("Connect to this Milky server: http://HOST:PORT. May be given several times.")),
)
@click.option(
    "--interface",
    default="127.0.0.1:8095",
    show_default=True,
    metavar="HOST:PORT",
    help=str(say("Where the bot takes behaviour from `qqgroup apply`.")),
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".qqgroup-bot"),
    show_default=True,
    help=str(say("The folder of what the bot remembers.")),
)
@click.option(
    "--watch",
    is_flag=True,
    help=str(say("Take behaviour from the workspace of --dir, whenever it is saved, and serve no interface.")),
)
@click.option(
    "--group-pause",
    default="1s",
    show_default=True,
    metavar="TIME",
    help=str(say("The least time between two messages in one group.")),
)
@click.option(
    "--account-pause",
    default="300ms",
    show_default=True,
    metavar="TIME",
    help=str(say("The least time between two messages of one account.")),
)
@click.option(
    "--font",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=str(say("The font that words are drawn with; without it one of this machine that has Chinese.")),
)
@click.pass_obj
def run_command(
    settings: Settings,
    onebot: tuple[str, ...],
    listen: str | None,
    milky: tuple[str, ...],
    interface: str,
    data: Path,
    watch: bool,
    group_pause: str,
    account_pause: str,
    font: Path | None,
) -> None:
    require_extra("bot", "nonebot", "ahocorasick_rs", "re2", "rapidfuzz", "sqlalchemy", "starlette", "uvicorn")
    shared = os.environ.get(_DATABASE, "")
    if shared:
        require_extra("stores", "psycopg")
    from qqgroup_provision.bot.driver import is_http_address, is_websocket_address
    from qqgroup_provision.bot.run import Options, run
    from qqgroup_provision.bot.serving import Where

    def where(written: str, option: str) -> Where:
        try:
            return Where.parse(written)
        except ValueError:
            raise _wrong(
                say("--{option} takes a host and a port, such as 127.0.0.1:8095.", option=option),
                say("Write both, with a colon between them."),
            ) from None

    def pause(written: str, option: str) -> float:
        try:
            return seconds(written)
        except ValueError:
            raise _wrong(
                say("--{option} takes a time.", option=option), say("Write it as 500ms, 2s or 1m.")
            ) from None

    listening = where(listen, "listen") if listen else None
    if not (onebot or listening or milky):
        raise _wrong(
            say("The bot is told of no server to speak through."),
            say("Name one with --onebot or --milky, or let one connect with --listen."),
        )
    for address, option, fits in (
        *((each, "onebot", is_websocket_address) for each in onebot),
        *((each, "milky", is_http_address) for each in milky),
    ):
        if not fits(address):
            raise _wrong(
                say("--{option} takes an address without a token in it.", option=option),
                say("Write ws://HOST:PORT or http://HOST:PORT, and put the token into a variable."),
            )
    run(
        Options(
            data=data,
            interface=where(interface, "interface"),
            token="" if watch else _required(_TOKEN, say("Whoever reaches the interface says what the bot does.")),
            onebot=onebot,
            listen=listening,
            onebot_token=(
                _required(_ONEBOT_TOKEN, say("Without a token anybody could connect and make messages up."))
                if listening
                else os.environ.get(_ONEBOT_TOKEN, "")
            ),
            milky=milky,
            milky_token=os.environ.get(_MILKY_TOKEN, ""),
            watch=settings.folder if watch else None,
            group_pause=pause(group_pause, "group-pause"),
            account_pause=pause(account_pause, "account-pause"),
            font=font,
            database=Secret(shared) if shared else None,
        )
    )


def _required(variable: str, reason: Text) -> str:
    """A token that has to be there."""
    token = os.environ.get(variable, "")
    if not token:
        raise InvalidInput(
            Diagnostic(
                "QG152",
                say("The variable {name} is not set. {reason}", name=variable, reason=reason),
                hint=say("Set it to a long random text, and to the same one where it is asked for."),
            )
        )
    return token


def _wrong(summary: Text, hint: Text) -> InvalidInput:
    return InvalidInput(Diagnostic("QG152", summary, hint=hint))
