"""Plan files that the user names: read and written, and signed where the environment has a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qqgroup_provision.cli.terminal import writing
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say
from qqgroup_provision.planning.plan_file import read_plan, write_plan
from qqgroup_provision.planning.signature import LEAST_KEY, is_signed, signature_of, signed
from qqgroup_provision.secrets import Secret

if TYPE_CHECKING:
    from qqgroup_provision.planning.plan import Plan

KEY = "QQGROUP_PLAN_KEY"


def save_plan(plan: Plan, path: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Write a plan file, with a signature if there is a key. Raises `InvalidInput` (QG706) and click's error."""
    key = _key(environment)
    content = write_plan(plan)
    with writing(path):
        path.write_bytes(signed(content, key) if key is not None else content)


def load_plan(path: Path, *, require_signature: bool = False, environment: Mapping[str, str] = os.environ) -> Plan:
    """The plan in a file.

    A signature is looked at where there is a key, and has to be there where one is required. Raises `InvalidInput`:
    QG702 and QG703 for a file that cannot be read, QG705 for one that is not signed as it has to be, QG706 for a key
    that is missing or too short.
    """
    name = path.as_posix()
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = say("The plan cannot be read: {reason}.", reason=error.strerror)
        raise _fault("QG702", reason, name, say("Name a file that `qqgroup plan --out` wrote.")) from None
    plan = read_plan(content, name)
    key = _key(environment)
    if key is None and require_signature:
        summary = say("A signature is required, and there is no key to check it with.")
        raise _fault("QG706", summary, KEY, say("Set {name} to the key the plan was signed with.", name=KEY))
    if key is not None and (require_signature or signature_of(content)) and not is_signed(content, key):
        summary = (
            say("The plan's signature is not that of the key: the file was changed, or another key signed it.")
            if signature_of(content)
            else say("The plan is not signed.")
        )
        hint = say("Make the plan again where {name} is set to the same key, and have it reviewed.", name=KEY)
        raise _fault("QG705", summary, name, hint)
    return plan


def _key(environment: Mapping[str, str]) -> Secret | None:
    value = environment.get(KEY, "")
    if value and len(value) < LEAST_KEY:
        summary = say("{name} is shorter than {least} characters.", name=KEY, least=LEAST_KEY)
        raise _fault("QG706", summary, KEY, say("Take a long random one, such as: openssl rand -hex 32"))
    return Secret(value) if value else None


def _fault(code: str, summary: Text, subject: str, hint: Text) -> InvalidInput:
    return InvalidInput(Diagnostic(code, summary, subject=subject, hint=hint))
