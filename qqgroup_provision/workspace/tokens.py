"""Turns a reference such as `${env:QQGROUP_MAIN_TOKEN}` into the secret it names, when it is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import whole
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.files import read_asset
from qqgroup_provision.workspace.model import Account, Answer, Bot

# `secret:` is for a variable that a CI fills from its secrets. It is read like any other.
_REFERENCE = re.compile(r"\$\{(env|file|secret):([^}]+)\}\Z")


def resolve_token(account: Account | Bot, root: Path, environment: Mapping[str, str]) -> Secret:
    """The token of an account or a bot; an empty one where YAML names none. Raises `InvalidInput` (QG131).

    Only the name of the variable or file is ever told.
    """
    match = _REFERENCE.match(account.token)
    if match is None:
        return Secret("")
    source, name = match.groups()
    if source == "file":
        return Secret(read_asset(root, name, account.place).decode("utf-8", "replace").strip())
    value = environment.get(name, "").strip()
    if not value:
        of_bot = say(
            "The variable {name} is not set; it holds the token of the bot `{bot}`.", name=name, bot=account.key
        )
        summary = of_bot if isinstance(account, Bot) else say(
            "The variable {name} is not set; it holds the token of the account `{account}`.",
            name=name, account=account.key)  # fmt: skip
        raise InvalidInput(_missing(summary, account.place, name))
    return Secret(value)


def resolve_reference(reference: str, place: Place, root: Path, environment: Mapping[str, str]) -> Secret:
    """What a reference of `state:` names; an empty secret where there is none. Raises `InvalidInput` (QG131)."""
    match = _REFERENCE.match(reference)
    if match is None:
        return Secret("")
    source, name = match.groups()
    if source == "file":
        return Secret(read_asset(root, name, place).decode("utf-8", "replace").strip())
    value = environment.get(name, "").strip()
    if not value:
        summary = say("The variable {name} is not set; the store of the state needs it.", name=name)
        raise InvalidInput(_missing(summary, place, name))
    return Secret(value)


def variable_of(reference: str) -> str | None:
    """The variable of the environment that a reference names; `None` for any other reference."""
    match = _REFERENCE.match(reference)
    return match.group(2) if match and match.group(1) != "file" else None


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
