"""What a plan names by digest, read again when it is needed: files of the workspace, and answers from outside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.resources.behavior import DOCUMENT
from qqgroup_provision.workspace.answers import is_of
from qqgroup_provision.workspace.files import changed, parts_of, read_asset
from qqgroup_provision.workspace.load import MAIN_FILE
from qqgroup_provision.workspace.model import Answer, Asset
from qqgroup_provision.workspace.tokens import resolve_answer


@dataclass(frozen=True, slots=True)
class Assets:
    """`ReadAsset` (resources/operation.py) of one workspace. Raises `InvalidInput` (QG121, QG122, QG131, QG704)."""

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    documents: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # of groups' bots, by group key

    def __call__(self, path: str, sha256: str, /) -> bytes:
        if path.startswith("${"):  # no path of a workspace can have such a name
            return self._answer(path, sha256)
        if path.startswith(DOCUMENT):  # nor this one
            content = self.documents.get(path.removeprefix(DOCUMENT), b"")
        else:
            content = read_asset(self.root, path, Place(path))
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InvalidInput(changed(path))
        return content

    def parts(self, path: str, sha256: str, size: int, /) -> Callable[[int], Iterator[bytes]]:
        return parts_of(self.root, Asset(path, sha256, size), Place(path))

    def location(self, path: str, /) -> str:
        return str((self.root / path).resolve())

    def _answer(self, reference: str, digest: str) -> bytes:
        """The answer a plan names, if it is still the one that was planned."""
        answer = resolve_answer(Answer(reference, Place(MAIN_FILE)), self.environment)
        if not is_of(digest, answer):
            raise InvalidInput(
                Diagnostic(
                    "QG704",
                    say("`{name}` does not hold the answer it held when the plan was made.", name=reference),
                    hint=say("Make a new plan."),
                )
            )
        return answer.reveal().encode()
