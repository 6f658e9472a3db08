"""The `qqgroup` command. Its subcommands are imported when they are run, so that `--help` is quick."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from qqgroup_provision import __version__
from qqgroup_provision.cli.click_words import translate_click
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.errors import QQGroupError
from qqgroup_provision.messages import LANGUAGES, Text, language, language_for, say, use_language

# Name -> (module in this package, what it does). Help is here so that listing commands imports none of them.
COMMANDS: dict[str, tuple[str, Text]] = {
    "init": ("init", say("Begin a workspace in a new folder.")),
    "validate": ("validate", say("Check the YAML without asking any endpoint.")),
    "test": ("test", say("Play scenarios to the groups' behaviour, offline.")),
    "why": ("why", say("Explain what the bot would do about a message.")),
    "chat": ("chat", say("Talk in a group that is not there, and see what its bot does.")),
    "backtest": ("backtest", say("Replay a chat log against the groups' behaviour.")),
    "plan": ("plan", say("Show what would change in the live groups.")),
    "apply": ("apply", say("Carry out a plan.")),
    "drift": ("drift", say("Show what was changed by hand since the last apply.")),
    "snapshot": ("snapshot", say("Save what the groups are now, for plans that need no token.")),
    "show": ("show", say("Show a saved plan.")),
    "import": ("import_", say("Write YAML for groups that are there.")),
    "fmt": ("fmt", say("Bring YAML files into their canonical form.")),
    "state": ("state", say("Look at what was applied last, or put it right.")),
    "history": ("history", say("Show what earlier runs did.")),
    "graph": ("graph", say("Draw the groups as a tree.")),
    "owners": ("owners", say("Check who changed what, by `owners:` of workspace.yaml.")),
    "notify": ("notify", say("Send a test message to where notifications go.")),
    "doctor": ("doctor", say("Ask every account who it is, and what it may and can do.")),
    "simulate": ("simulate", say("Run a simulated QQ world that speaks OneBot 11 or Milky.")),
    "bot": ("bot", say("Run the bot that answers and greets.")),
    "lottery": ("lottery", say("Check a draw that a bot has made.")),
    "demo": ("demo", say("See the whole cycle on a simulated world.")),
    "explain": ("explain", say("Explain a diagnostic code.")),
    "schema": ("schema", say("Print the JSON Schemas for editors.")),
    "completion": ("completion", say("Print the completion script of a shell.")),
}


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own, each under the name `command`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and show what it raises on purpose while it is known how to show it."""
        try:
            return super().invoke(ctx)
        except QQGroupError as error:
            if ctx.obj.debug:
                raise
            from qqgroup_provision.cli.terminal import show_error

            show_error(error, ctx.obj)
            ctx.exit(error.exit_code)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"qqgroup_provision.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, str(about)) for name, (_, about) in COMMANDS.items()]
        with formatter.section(str(say("Commands"))):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = say(" Did you mean `{word}`?", word=near[0]) if near else ""
            ctx.fail(str(say("There is no command `{name}`.{hint}", name=name, hint=hint)))
        return super().resolve_command(ctx, args)


def build() -> click.Group:
    """The command with its options, in the language in use."""

    @click.group(cls=LazyGroup, help=str(say("QQ groups as code: validate, plan and apply groups written in YAML.")))
    @click.option(
        "--dir",
        "folder",
        type=click.Path(path_type=Path),
        default=Path("groups"),
        show_default=True,
        envvar="QQGROUP_DIR",
        help=str(say("The workspace: the folder of workspace.yaml.")),
    )
    @click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=str(say("Language. Else QQGROUP_LANG, else the locale.")),
    )
    @click.option(
        "--color/--no-color",
        default=None,
        help=str(say("Colour, or none. Else NO_COLOR, else the terminal.")),
    )
    @click.option("--debug", is_flag=True, help=str(say("Show tracebacks.")))
    @click.version_option(__version__, prog_name="qqgroup", message="%(prog)s %(version)s")
    @click.pass_context
    def qqgroup(context: click.Context, folder: Path, color: bool | None, debug: bool) -> None:
        context.obj = Settings(folder, color, debug)

    return qqgroup


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code. Never lets a traceback reach a user without `--debug`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    use_language(_language(words))
    translate_click(language())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal of Windows, or a locale of C, cannot write Chinese
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_run(words))


def _run(words: list[str]) -> int:
    debug = "--debug" in words
    try:
        result = build().main(words, prog_name="qqgroup", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo(err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 1
    except Exception as error:
        if debug:
            raise
        from qqgroup_provision.cli.terminal import show_unexpected

        show_unexpected(error)
        return 1
    return result if isinstance(result, int) else 0


def _language(words: Sequence[str]) -> str:
    """The language, known before click parses: help texts are made with the options."""
    for word, following in pairwise([*words, ""]):
        wished = following if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and wished in LANGUAGES:
            return wished
    return language_for(os.environ)
