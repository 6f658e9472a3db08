"""What may be kept of an answer to a join question: enough to notice a new one, too little to read it.

A digest is `scrypt:<salt>:<hex>`. It is slow to compute on purpose, as answers are short and would be guessed,
and salted with the group's number, so that equal answers of two groups look different. The salt is no random
one, as equal inputs have to give equal plans.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.model import Answer, Group, Workspace
from qqgroup_provision.workspace.tokens import resolve_answer

DIGEST = "scrypt:"  # what every digest begins with


def digest_of(answer: Secret, salt: str) -> str:
    """The digest of an answer under a salt."""
    key = hashlib.scrypt(answer.reveal().encode(), salt=salt.encode(), n=1 << 14, r=8, p=1, dklen=32)
    return f"{DIGEST}{salt}:{key.hex()}"


def is_of(digest: str, answer: Secret) -> bool:
    """Whether a digest is that of the answer."""
    salt = digest.removeprefix(DIGEST).rpartition(":")[0]
    return hmac.compare_digest(digest, digest_of(answer, salt))


def with_answers(workspace: Workspace, groups: set[str], environment: Mapping[str, str]) -> Workspace:
    """The workspace with a digest for the answer of each of these groups. Raises `InvalidInput` (QG131)."""
    known: dict[str, Group] = {}
    faults: list[Diagnostic] = []
    for key, group in workspace.groups.items():
        if key in groups and group.join.answer:
            try:
                known[key] = _known(group, group.join.answer, environment)
            except InvalidInput as error:
                faults.extend(error.diagnostics)
    if faults:
        raise InvalidInput(faults)
    return replace(workspace, groups={**workspace.groups, **known}) if known else workspace


def _known(group: Group, answer: Answer, environment: Mapping[str, str]) -> Group:
    digest = digest_of(resolve_answer(answer, environment), str(group.id))
    return replace(group, join=replace(group.join, answer=replace(answer, digest=digest)))
