"""Credentials that were pasted into a file: found, and not shown again in a log that more people read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say

# A sign that is quick to look for, and the whole of what begins there. Each is a form that its issuer has made
# recognisable on purpose, so that a text of a group is hardly ever mistaken for one.
_SHAPES: tuple[tuple[bytes, str], ...] = (
    *((b"gh%c_" % kind, rf"\bgh{kind:c}_[A-Za-z0-9]{{30,}}") for kind in b"pousr"),  # GitHub
    (b"github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    (b"glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}"),  # GitLab
    (b"sk-", r"\bsk-[A-Za-z0-9_-]{20,}"),  # language models
    (b"AKIA", r"\bAKIA[0-9A-Z]{16}\b"),  # AWS
    (b"LTAI", r"\bLTAI[0-9A-Za-z]{12,30}\b"),  # 阿里云
    (b"AKID", r"\bAKID[0-9A-Za-z]{32}\b"),  # 腾讯云
    (b"xox", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),  # Slack
    (b"eyJ", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),  # a signed JSON token
    (b"PRIVATE KEY", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
    (b"webhook/send?key=", r"(?<=webhook/send\?key=)[0-9a-fA-F-]{36}"),  # 企业微信
    (b"robot/send?access_token=", r"(?<=robot/send\?access_token=)[0-9a-f]{64}"),  # 钉钉
    (b"bot/v2/hook/", r"(?<=bot/v2/hook/)[0-9a-f-]{36}"),  # 飞书
)
_SIGNS = tuple(sign for sign, _ in _SHAPES)
_CREDENTIAL = re.compile("|".join(shape for _, shape in _SHAPES))
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]+(?=@)")  # a name and a password
# What stands after a key that holds a secret, unless it only says where the secret is.
_HELD = re.compile(
    r"(?i)(?P<key>\b(?:token|answer|secret|password)[\"']?\s*[:=]\s*)(?!\$\{|null\b|~)"
    r"(?P<value>\"[^\"]*\"?|'[^']*'?|[^\s,}#]+)"
)


def leaks(content: bytes, file: str) -> Iterator[Diagnostic]:
    """QG171 for each credential in a file's text. What it is is never part of the message."""
    if not any(sign in content for sign in _SIGNS):
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
