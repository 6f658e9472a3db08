"""Credentials that were pasted into a file: found, and not shown again in a log that more people read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qqgroup_provision.behavior.credentials import CREDENTIAL, SIGNS
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say

_SIGNS = tuple(sign.encode() for sign in SIGNS)
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]+(?=@)")  # a name and a password
# What stands after a key that holds a secret, unless it only says where the secret is.
_HELD = re.compile(
    r"(?i)(?P<key>\b(?:token|answer|secret|password|url)[\"']?\s*[:=]\s*)(?!\$\{|null\b|~)"
    r"(?P<value>\"[^\"]*\"?|'[^']*'?|[^\s,}#]+)"
)


def leaks(content: bytes, file: str) -> Iterator[Diagnostic]:
    """QG171 for each credential in a file's text. What it is is never part of the message."""
    for sign in _SIGNS:
        if sign in content:
            break
    else:
        return
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
        for match in CREDENTIAL.finditer(line):
            yield Diagnostic(
                "QG171",
                say("A credential is written out here."),
                place=Place(file, number, match.start() + 1, number, match.end() + 1),
                hint=say("Make it invalid where it was issued: whoever can read the repository has it. "
                         "Then name a variable instead."),
            )  # fmt: skip


def masked(line: str) -> str:
    """The line with what may be secret made unreadable. It keeps its length, so columns stay right."""
    for shape in (CREDENTIAL, _IN_ADDRESS):
        line = shape.sub(lambda found: "•" * len(found[0]), line)
    return _HELD.sub(lambda found: found["key"] + "•" * len(found["value"]), line)
