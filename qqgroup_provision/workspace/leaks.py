"""Credentials that were pasted into a file: found, and not shown again in a log that more people read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say

# Forms that their issuers have made recognisable on purpose: a text of a group is hardly ever mistaken for one.
_SHAPES = (
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",  # GitHub
    r"\bgithub_pat_[A-Za-z0-9_]{22,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",  # GitLab
    r"\bsk-[A-Za-z0-9_-]{20,}",  # language models
    r"\bAKIA[0-9A-Z]{16}\b",  # AWS
    r"\bLTAI[0-9A-Za-z]{12,30}\b",  # 阿里云
    r"\bAKID[0-9A-Za-z]{32}\b",  # 腾讯云
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",  # a signed JSON token
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
    r"(?<=webhook/send\?key=)[0-9a-fA-F-]{36}",  # 企业微信
    r"(?<=robot/send\?access_token=)[0-9a-f]{64}",  # 钉钉
    r"(?<=bot/v2/hook/)[0-9a-f-]{36}",  # 飞书
)
# As few and as short as find each of them: every file is looked through for every one.
_SIGNS = (
    b"gh",
    b"github_pat_",
    b"glpat-",
    b"sk-",
    b"AKI",
    b"LTAI",
    b"xox",
    b"eyJ",
    b"PRIVATE KEY",
    b"/send?",
    b"/hook/",
)
_CREDENTIAL = re.compile("|".join(_SHAPES))
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]+(?=@)")  # a name and a password
# What stands after a key that holds a secret, unless it only says where the secret is.
_HELD = re.compile(
    r"(?i)(?P<key>\b(?:token|answer|secret|password)[\"']?\s*[:=]\s*)(?!\$\{|null\b|~)"
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
        for match in _CREDENTIAL.finditer(line):
            yield Diagnostic(
                "QG171",
                say("A credential is written out here."),
                place=Place(file, number, match.start() + 1, number, match.end() + 1),
                hint=say("Make it invalid where it was issued: whoever can read the repository has it. "
                         "Then name a variable instead."),
            )  # fmt: skip


def masked(line: str) -> str:
    """The line with what may be secret made unreadable. It keeps its length, so columns stay right."""
    for shape in (_CREDENTIAL, _IN_ADDRESS):
        line = shape.sub(lambda found: "•" * len(found[0]), line)
    return _HELD.sub(lambda found: found["key"] + "•" * len(found["value"]), line)
