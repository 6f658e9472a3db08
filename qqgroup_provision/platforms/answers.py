"""What an answer can mean, whichever protocol it is in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import whole

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Data:
    """The action was carried out, or so the server says. `value` is `None` where it sent none."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server understood and did not do it; `reason` is in its own words."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Missing(Refusal):
    """The server knows no such action."""


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """The server does not know the token."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The answer tells nothing of whether the action was carried out."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Foreign:
    """What answers does not speak the protocol, or is cut off."""

    reason: Text


Answer = Data | Refusal | TokenRefused | Unclear | Foreign


def by_status(status: int) -> Answer | None:
    """What an HTTP status alone says; `None` where the body has to be read."""
    if status in (401, 403):
        return TokenRefused()
    if status >= 500:
        return Unclear(say("the server failed with HTTP {status}", status=status))
    if status == 429:
        return Refusal(say("the server asks to slow down (HTTP 429)"))
    return None


def envelope_of(status: int, body: bytes) -> dict[str, Any] | Foreign:
    """The JSON object with a `status` that both protocols wrap every answer in."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        start = " ".join(body[:60].decode("utf-8", "replace").split())
        return Foreign(say("HTTP {status}, and not JSON: {start}", status=status, start=start))
    if not isinstance(envelope, dict) or not isinstance(envelope.get("status"), str):
        return Foreign(say("HTTP {status}, and JSON without a status", status=status))
    return envelope


def is_ok(envelope: dict[str, Any]) -> bool:
    return envelope["status"] == "ok" and envelope.get("retcode") in (0, None)


def words_of(envelope: dict[str, Any]) -> str:
    """What the server says of a failure, in whichever of the usual fields; `?` if nothing."""
    for key in ("wording", "message", "msg"):
        said = envelope.get(key)
        if isinstance(said, str) and said.strip():
            return whole(said.strip()[:_SHOWN])
    return "?"


def refusal(envelope: dict[str, Any]) -> Refusal:
    return Refusal(say("{words} (retcode {code})", words=words_of(envelope), code=envelope.get("retcode")))
