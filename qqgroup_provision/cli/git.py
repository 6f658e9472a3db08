"""What is asked of git: commits and what is in them. Nothing that a repository or its settings name is started.

Contents are read object by object. `git archive` would leave out what a commit's own `.gitattributes` tells it to.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import Text, say

_PATIENCE = 120  # seconds for git to answer
_LINK = "120000"  # the mode of a symbolic link
_FOLDERS = ("160000",)  # of another repository inside this one: there is no content here
_SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *(word for setting in (
        "core.fsmonitor=",
        f"core.hooksPath={os.devnull}",
        "core.quotePath=false",
        "diff.external=",
        "log.showSignature=false",
        "log.mailmap=false",
        "protocol.allow=never",
    ) for word in ("-c", setting)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a commit: its mode and the id of its content."""

    mode: str
    object: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that a folder is in. Its methods raise `InvalidInput` (QG377)."""

    folder: Path

    def top(self) -> Path:
        """Its uppermost folder."""
        return Path(self._ask("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").strip("\n"))

    def prefix(self) -> str:
        """The folder as seen from there: empty, or with a slash at its end."""
        return self._ask("rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip("\n")

    def commit(self, revision: str) -> str:
        """The id of a commit."""
        known = self._ask("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}", about=revision)
        return known.decode("ascii", "replace").strip()

    def fork(self, base: str, head: str) -> str:
        """The last commit that both have."""
        return self._ask("merge-base", base, head, about=f"{base[:12]}, {head[:12]}").decode("ascii").strip()

    def commits(self, base: str, head: str) -> list[tuple[str, tuple[str, ...], str]]:
        """Those of `head` that `base` has not, older ones first: id, parents, the author's address as committed."""
        written = self._ask("log", "--topo-order", "--reverse", "--format=%H%x09%P%x09%ae", f"{base}..{head}", "--")
        lines = (line.split("\t", 2) for line in written.decode("utf-8", "replace").splitlines() if "\t" in line)
        return [(commit, tuple(parents.split()), author) for commit, parents, author in lines]

    def files(self, commit: str) -> Mapping[str, Entry]:
        """Everything in a commit, by its path below the repository."""
        found: dict[str, Entry] = {}
        for line in self._ask("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            if line:
                told, _, path = line.partition(b"\t")
                mode, _, object_ = told.decode("ascii").split(" ")
                found[path.decode("utf-8", "surrogateescape")] = Entry(mode, object_)
        return found

    def write(self, files: Mapping[str, Entry], folder: Path) -> None:
        """Lay files out below a folder, by the paths they are given.

        A link becomes a text that names its target: as YAML or as a picture it is then none, which is told.
        """
        wanted = {path: entry for path, entry in files.items() if entry.mode not in _FOLDERS}
        for path in wanted:
            if not _proper(path):  # one that is left out could be a group that nobody checks
                raise _fault(say("The commit has a file that cannot be laid out here: {path}", path=path), path)
        contents = self._contents({entry.object for entry in wanted.values()})
        for path, entry in wanted.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            content = contents[entry.object]
            target.write_bytes(b"link: " + content if entry.mode == _LINK else content)

    def _contents(self, objects: Iterable[str]) -> Mapping[str, bytes]:
        asked = sorted(objects)
        answer = memoryview(self._ask("cat-file", "--batch", given="".join(f"{one}\n" for one in asked).encode()))
        found: dict[str, bytes] = {}
        at = 0
        for one in asked:
            end = bytes(answer[at : at + 200]).index(b"\n") + at
            head = bytes(answer[at:end]).split(b" ")
            if len(head) != 3:
                raise _fault(say("The repository lacks a part of that commit."), one)
            size = int(head[2])
            found[one] = bytes(answer[end + 1 : end + 1 + size])
            at = end + 1 + size + 1
        return found

    def _ask(self, *words: str, given: bytes = b"", about: str = "") -> bytes:
        command = ["git", *_SAFE, "-C", str(self.folder), *words]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment |= {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }
        try:
            done = subprocess.run(
                command, input=given, capture_output=True, timeout=_PATIENCE, check=True, env=environment
            )
        except subprocess.CalledProcessError as error:
            lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
            raise _fault(say("git says: {problem}", problem=(lines or ["?"])[0][:200]), about) from None
        except (OSError, subprocess.SubprocessError) as error:
            raise _fault(say("git cannot be run: {problem}", problem=type(error).__name__), about) from None
        return done.stdout


def _proper(path: str) -> bool:
    """Whether it stays in a folder that it is laid out in."""
    strange = set("\\:") if os.name == "nt" else set()
    return bool(path) and not path.startswith("/") and ".." not in path.split("/") and not set(path) & strange


def _fault(summary: Text, subject: str) -> InvalidInput:
    hint = say("Name a commit or branch that is here. A CI often fetches one commit only: fetch the whole history.")
    return InvalidInput(Diagnostic("QG377", summary, subject=subject, hint=hint))
