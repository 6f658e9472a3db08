"""A CODEOWNERS file made of `owners:`. It lies between two marks; what stands around them is left as it is.

GitHub and GitLab read patterns as git's own, and the last one that fits decides. Gitea and Forgejo read expressions,
in which a backslash is written twice, and ask everybody whose line fits. All of them know files only, so keys are
left to `qqgroup owners check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qqgroup_provision.workspace.owners import Owned, Owner

BEGIN = "# qqgroup owners: begin. Made from workspace.yaml by `qqgroup owners codeowners`."
END = "# qqgroup owners: end."
FORGES = ("github", "gitlab", "gitea")


def codeowners(owned: Iterable[Owned], workspace: str, forge: str) -> str:
    """The lines between the marks, marks included. `workspace` is its folder in the repository, empty or with a slash
    at its end."""
    return "\n".join([BEGIN, *_lines(owned, workspace, forge), END]) + "\n"


def placed(text: str, block: str) -> str:
    """A file with the block in it: where one was before, else at its end."""
    lines = text.splitlines()
    if BEGIN in lines and END in lines[lines.index(BEGIN) :]:
        first = lines.index(BEGIN)
        last = lines.index(END, first)
        around = [*lines[:first], *block.splitlines(), *lines[last + 1 :]]
        return "\n".join(around) + "\n"
    return f"{text.rstrip()}\n\n{block}" if text.strip() else block


def _lines(owned: Iterable[Owned], workspace: str, forge: str) -> Iterator[str]:
    for entry in owned:
        names = sorted({name for owner in entry.by for name in _names(owner, forge)})
        for pattern in entry.paths:
            whole = pattern[1:] if pattern.startswith("/") else workspace + pattern
            if not names:
                # A line without owners would give the file to nobody, and so take it from those above.
                unknown = ", ".join(owner.written for owner in entry.by)
                yield f"# {whole}: {forge} knows no account of {unknown}"
            elif forge == "gitea":
                yield f"{_expression(whole)} {' '.join(names)}"
            else:
                yield f"/{whole} {' '.join(names)}"


def _names(owner: Owner, forge: str) -> Iterator[str]:
    """By what a forge knows somebody: an account, else an address, which Gitea does not take."""
    if owner.written.startswith("@"):
        yield owner.written
        return
    accounts = sorted(one for one in owner.identities if one.startswith("@"))
    if accounts:
        yield accounts[0]
    elif forge != "gitea":
        yield from sorted(owner.identities)[:1]


def _expression(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.rstrip("/"))
    known = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    written = "".join(known.get(part) or re.escape(part).replace("\\", "\\\\") for part in parts)
    last = pattern.rstrip("/").rpartition("/")[2]
    deeper = pattern.endswith("/") or not {"*", "?"} & set(last)
    return f"{written}(/.*)?" if deeper else written
