"""What a Milky answer means: the HTTP status says more here than in OneBot (qq_protocol §13)."""

from __future__ import annotations

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.answers import (
    Answer,
    Data,
    Foreign,
    Missing,
    Unclear,
    by_status,
    envelope_of,
    is_ok,
    refusal,
    words_of,
)

_CRASHED = 500  # LLBot's retcode for an error nobody caught: what was asked for may be done all the same


def judge(status: int, body: bytes) -> Answer:
    """The meaning of an HTTP status and body (qq_protocol §13, §17.10)."""
    said = by_status(status)
    if said is not None:
        return said
    if status == 404 and not body:  # Lagrange.Milky says no more than this
        return _missing()
    envelope = envelope_of(status, body)
    if isinstance(envelope, Foreign):
        return envelope
    if status == 404:
        return _missing()
    if is_ok(envelope):
        return Data(envelope.get("data"))
    if envelope.get("retcode") == _CRASHED:
        return Unclear(say("the server failed inside: {words}", words=words_of(envelope)))
    return refusal(envelope)


def _missing() -> Missing:
    return Missing(say("the server has no such function (HTTP 404)"))
