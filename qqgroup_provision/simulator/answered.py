"""An answer on its way out, whole or spoilt as a fault has it (faults.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qqgroup_provision.simulator.dialects.base import Reply

_HTML = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"


@dataclass(frozen=True, slots=True)
class Answered:
    """What is sent. `spoil` is how a fault spoils it, `headers` are what it adds."""

    reply: Reply
    spoil: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def spoilt(body: Any, how: str) -> tuple[str, str] | None:
    """The media type and text of an answer that is not what it should be; `None` if nothing is to be spoilt."""
    if not isinstance(body, dict):
        return None
    text = json.dumps(body, ensure_ascii=False)
    if how == "html":
        return "text/html", _HTML
    if how == "truncated":
        return "application/json", text[: len(text) // 2]
    if how == "not_json":
        return "application/json", "ok"
    if how == "wrong_types":
        return "application/json", json.dumps({**body, "data": _wrong(body.get("data"))}, ensure_ascii=False)
    if how == "half":
        return "application/json", json.dumps({**body, "data": _half(body.get("data"))}, ensure_ascii=False)
    return None


def _half(data: Any) -> Any:
    """Lists without their second half, which looks just like a whole answer."""
    if isinstance(data, list):
        return data[: len(data) // 2]
    return {key: _half(value) for key, value in data.items()} if isinstance(data, dict) else data


def _wrong(data: Any) -> Any:
    if isinstance(data, list):
        return [{key: [value] for key, value in item.items()} for item in data] or [None]
    return {key: [value] for key, value in data.items()} if isinstance(data, dict) else "?"
