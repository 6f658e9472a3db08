"""What an answer means, judged by its envelope and its words: retcodes mean different things to each server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import Text, say
from qqgroup_provision.plain_text import whole

# The start of what NapCat says when its QQ client did not answer in time (qq_protocol §1.3): not a refusal.
_CLIENT_TIMEOUTS = ("Timeout: NTEvent", "EventChecker Failed: NTEvent")
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
class TokenRefused:
    """The server does not know the token."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The answer tells nothing of whether the action was carried out."""

    reason: Text


@dataclass(frozen=True, slots=True)
class NotOneBot:
    """What answers is not a OneBot server, or is cut off."""

    reason: Text


Answer = Data | Refusal | TokenRefused | Unclear | NotOneBot


def judge(status: int, body: bytes) -> Answer:
    """The meaning of an HTTP status and body (qq_protocol §1.1-§1.3, §17)."""
    if status in (401, 403):
        return TokenRefused()
    if status >= 500:
        return Unclear(say("the server failed with HTTP {status}", status=status))
    if status == 429:
        return Refusal(say("the server asks to slow down (HTTP 429)"))
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        start = " ".join(body[:60].decode("utf-8", "replace").split())
        return NotOneBot(say("HTTP {status}, and not JSON: {start}", status=status, start=start))
    if not isinstance(envelope, dict) or not isinstance(envelope.get("status"), str):
        return NotOneBot(say("HTTP {status}, and JSON without a status", status=status))
    if envelope["status"] == "ok" and envelope.get("retcode") in (0, None):
        return Data(envelope.get("data"))
    words = _words(envelope)
    if words.startswith(_CLIENT_TIMEOUTS):
        return Unclear(say("the QQ client behind it did not answer: {words}", words=words))
    if envelope["status"] == "async":
        return Unclear(say("the server took the request and says nothing more"))
    return Refusal(say("{words} (retcode {code})", words=words, code=envelope.get("retcode")))


def _words(envelope: dict[str, Any]) -> str:
    for key in ("wording", "message", "msg"):
        said = envelope.get(key)
        if isinstance(said, str) and said.strip():
            return whole(said.strip()[:_SHOWN])
    return "?"
