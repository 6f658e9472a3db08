"""Credentials in texts, by the forms that their issuers have made recognisable on purpose.

A text that people write is hardly ever mistaken for one.
"""

from __future__ import annotations

import re

SHAPES = (
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
# As few and as short as find each of them: every text is looked through for every one.
SIGNS = ("gh", "github_pat_", "glpat-", "sk-", "AKI", "LTAI", "xox", "eyJ", "PRIVATE KEY", "/send?", "/hook/")
CREDENTIAL = re.compile("|".join(SHAPES))


def first_credential(text: str) -> tuple[int, int] | None:
    """Where the first one stands."""
    if not any(sign in text for sign in SIGNS):
        return None
    found = CREDENTIAL.search(text)
    return found.span() if found is not None else None
