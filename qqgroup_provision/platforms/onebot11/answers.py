"""What a OneBot answer means, by its envelope and its words: retcodes mean different things to each server."""

from __future__ import annotations

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.answers import (
    Answer,
    Data,
    Foreign,
    Missing,
    Refusal,
    Unclear,
    by_status,
    envelope_of,
    is_ok,
    refusal,
    words_of,
)

# The start of what NapCat says when its QQ client did not answer in time (qq_protocol §1.3): not a refusal.
_CLIENT_TIMEOUTS = ("Timeout: NTEvent", "EventChecker Failed: NTEvent")
# How each says that it knows no such action (qq_protocol §1.1, §1.3, §17.3): LLBot, Lagrange.OneBot and go-cqhttp by
# 404 as the HTTP status or the retcode, 1404 over WebSocket; NapCat over HTTP by these words alone.
_MISSING = (404, 1404)
_MISSING_WORDS = ("不支持的Api", "不支持的API")


def judge(status: int, body: bytes) -> Answer:
    """The meaning of an HTTP status and body (qq_protocol §1.1-§1.3, §17)."""
    said = by_status(status)
    if said is not None:
        return said
    envelope = envelope_of(status, body)
    if isinstance(envelope, Foreign):
        return envelope
    if is_ok(envelope):
        return Data(envelope.get("data"))
    words = words_of(envelope)
    if words.startswith(_CLIENT_TIMEOUTS):
        return Unclear(say("the QQ client behind it did not answer: {words}", words=words))
    if envelope["status"] == "async":
        return Unclear(say("the server took the request and says nothing more"))
    code = envelope.get("retcode")
    if status == 404 or code in _MISSING or words.startswith(_MISSING_WORDS):
        return Missing(say("{words} (retcode {code})", words=words if words != "?" else "404", code=code))
    if words == "?":  # Lagrange.OneBot gives no reasons
        return Refusal(say("the server gives no reason (retcode {code})", code=code))
    return refusal(envelope)
