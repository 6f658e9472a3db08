"""What may be kept of an answer to a join question: enough to notice a new one, too little to read it.

A digest is `scrypt:<salt>:<hex>`. It is slow to compute on purpose, as answers are short and would be guessed.
The salt is made of the state's lineage, which is random, and the group's number, so that equal answers look
different in each group and each state, and equal inputs still give equal plans. The digest that state holds is
kept, whatever its salt, for as long as it is that of the answer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.model import Group, Workspace
from qqgroup_provision.workspace.tokens import resolve_answer

DIGEST = "scrypt:"  # what every digest begins with
KEPT = "(kept)"  # in a plan: the digest that state holds already, which nobody needs to see again
_NEVER = f"{DIGEST}:"  # the digest of nothing: where none was ever sent, one is to be
_NOTHING_SENT: Mapping[str, str] = MappingProxyType({})


def digest_of(answer: Secret, salt: str) -> str:
    """The digest of an answer under a salt."""
    key = hashlib.scrypt(answer.reveal().encode(), salt=salt.encode(), n=1 << 14, r=8, p=1, dklen=32)
    return f"{DIGEST}{salt}:{key.hex()}"


def is_of(digest: str, answer: Secret) -> bool:
    """Whether a digest is that of the answer."""
    if not digest.startswith(DIGEST):
        return False
    salt = digest.removeprefix(DIGEST).rpartition(":")[0]
    return hmac.compare_digest(digest, digest_of(answer, salt))


def with_answers(
    workspace: Workspace,
    groups: set[str],
    environment: Mapping[str, str],
    lineage: str = "",
    sent: Mapping[str, str] = _NOTHING_SENT,
) -> Workspace:
    """The workspace with a digest for the answer of each of these groups. Raises `InvalidInput` (QG131).

    `lineage` is the state's, empty while there is no state; `sent` has the digests it holds, by group.
    """
    lineage = lineage or secrets.token_hex(16)
    known: dict[str, Group] = {}
    faults: list[Diagnostic] = []
    for key, group in workspace.groups.items():
        if key in groups and group.join.answer:
            try:
                answer = resolve_answer(group.join.answer, environment)
                digest = sent.get(key, "")
                if not is_of(digest, answer):
                    digest = digest_of(answer, _salt(lineage, group))
                known[key] = replace(
                    group, join=replace(group.join, answer=replace(group.join.answer, digest=digest))
                )
            except InvalidInput as error:
                faults.extend(error.diagnostics)
    if faults:
        raise InvalidInput(faults)
    return replace(workspace, groups={**workspace.groups, **known}) if known else workspace


def with_answers_on_record(workspace: Workspace, sent: Mapping[str, str]) -> Workspace:
    """The same for whoever has no answers: each is taken to be the one that was sent last, by group in `sent`."""
    known = {
        key: replace(group, join=replace(group.join, answer=replace(group.join.answer, digest=sent.get(key, _NEVER))))
        for key, group in workspace.groups.items()
        if group.join.answer
    }
    return replace(workspace, groups={**workspace.groups, **known}) if known else workspace


def _salt(lineage: str, group: Group) -> str:
    return hashlib.sha256(f"{lineage}/{group.id}".encode()).hexdigest()[:32]
