"""Turns a reference such as `${env:QQGROUP_MAIN_TOKEN}` into the secret it names, when it is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import whole
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.files import read_asset
from qqgroup_provision.workspace.model import Account, Answer, Bot
from qqgroup_provision.workspace.notifications import Notification

# `secret:` is for a variable that a CI fills from its secrets. It is read like any other. What `command:` names is a
# variable too: a command in YAML would be run before anybody has reviewed it.
_REFERENCE = re.compile(r"\$\{(env|file|secret|command):([^}]+)\}\Z")
_PATIENCE = 60.0  # seconds that a command has, with a person typing a password meanwhile
_LARGEST = 1 << 16  # bytes of what a command prints


def resolve_token(account: Account | Bot, root: Path, environment: Mapping[str, str]) -> Secret:
    """The token of an account or a bot; an empty one where YAML names none. Raises `InvalidInput` (QG131, QG132).

    Only the name of the variable or file is ever told.
    """

    def missing(name: str) -> Text:
        if isinstance(account, Bot):
            return say("The variable {name} is not set; it holds the token of the bot `{bot}`.",
                       name=name, bot=account.key)  # fmt: skip
        return say("The variable {name} is not set; it holds the token of the account `{account}`.",
                   name=name, account=account.key)  # fmt: skip

    return _resolved(account.token, account.place, root, environment, missing)


def resolve_reference(reference: str, place: Place, root: Path, environment: Mapping[str, str]) -> Secret:
    """What a reference of `state:` names; empty where there is none. Raises `InvalidInput` (QG131, QG132)."""

    def missing(name: str) -> Text:
        return say("The variable {name} is not set; the store of the state needs it.", name=name)

    return _resolved(reference, place, root, environment, missing)


def resolve_notification(one: Notification, root: Path, environment: Mapping[str, str]) -> Secret:
    """Where a notification is sent to. Raises `InvalidInput` (QG121, QG131, QG132)."""

    def missing(name: str) -> Text:
        return say("The variable {name} is not set; it holds the URL of the notification `{key}`.",
                   name=name, key=one.key)  # fmt: skip

    return _resolved(one.url, one.place, root, environment, missing)


def _resolved(
    reference: str, place: Place, root: Path, environment: Mapping[str, str], missing: Callable[[str], Text]
) -> Secret:
    match = _REFERENCE.match(reference)
    if match is None:
        return Secret("")
    source, name = match.groups()
    if source == "file":
        return Secret(read_asset(root, name, place).decode("utf-8", "replace").strip())
    value = environment.get(name, "").strip()
    if not value:
        raise InvalidInput(_missing(missing(name), place, name))
    return _printed(value, name, place, environment) if source == "command" else Secret(value)


def _printed(command: str, name: str, place: Place, environment: Mapping[str, str]) -> Secret:
    """The first line that a command prints. What it says on standard error, such as a question, is seen."""
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
        done = subprocess.run(words, stdout=subprocess.PIPE, env=dict(environment), timeout=_PATIENCE, check=False)
        problem = say("it ended with {code}", code=done.returncode) if done.returncode else None
        lines = done.stdout[:_LARGEST].decode("utf-8", "replace").strip().splitlines()
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        problem, lines = say("it could not be run ({error})", error=type(error).__name__), []
    if problem is None and not lines:
        problem = say("it printed nothing")
    if problem is not None:
        raise InvalidInput(
            Diagnostic(
                "QG132",
                say("The command in the variable {name} gave no secret: {problem}.", name=name, problem=problem),
                place=place,
                hint=say("Run it where you run this command: it has to print the secret, and nothing before it."),
            )
        )
    return Secret(lines[0].strip())


def variable_of(reference: str) -> str | None:
    """The variable of the environment that a reference names; `None` for any other reference."""
    match = _REFERENCE.match(reference)
    return match.group(2) if match and match.group(1) in ("env", "secret") else None


def resolve_answer(answer: Answer, environment: Mapping[str, str]) -> Secret:
    """The answer to a join question. Raises `InvalidInput` (QG131)."""
    name = variable_of(answer.reference) or answer.reference
    value = environment.get(name, "").strip()
    if not value:
        summary = say("The variable {name} is not set; it holds the answer to the join question.", name=name)
        raise InvalidInput(_missing(summary, answer.place, name))
    return Secret(whole(value))


def _missing(summary: Text, place: Place, name: str) -> Diagnostic:
    return Diagnostic(
        "QG131",
        summary,
        place=place,
        hint=say("Set it where you run the command: export {name}=…, or as a secret of your CI.", name=name),
    )
