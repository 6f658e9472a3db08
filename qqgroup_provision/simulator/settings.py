"""The settings a group has beside its name: what there is, what each may be, and what a new group begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "avatar": "",  # the digest of the picture that was sent last
    "method": "review",
    "question": "",
    "answer": "",
    "member_invites": "require_approval",
    "history_visible": False,
    "robots": "free",
    "upload_album": True,
    "temporary_session": True,
    "create_group": True,
}
_WORDS: Mapping[str, tuple[str, ...]] = {
    "method": ("open", "closed", "review", "question_and_review", "correct_answer"),
    "member_invites": ("disabled", "require_approval", "no_approval", "no_approval_under_100"),
    "robots": ("free", "review", "forbidden"),
}


def is_setting(name: object, value: object) -> bool:
    """Whether a group can have this."""
    if not isinstance(name, str) or name not in DEFAULTS or type(value) is not type(DEFAULTS[name]):
        return False
    return name not in _WORDS or value in _WORDS[name]
