"""`last_resort` of a composed group, typed, with the assistant of workspace.yaml that it names.

In a bot's document the assistant stands in its place: a document says all that the bot has to know, but for the
token, of which it has the name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.behavior.last_resort import Assistant, LastResort
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.phrases import Phrases
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

NAME = "assistant"  # what the assistant of a document is called
_TIMEOUT, _LONGEST = 20.0, 300
_GROUP, _USER, _ALL = 50, 10, 200
_NOBODY = {"main": {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11"}}


def last_resort(phrases: Phrases, assistants: Mapping[str, Any]) -> LastResort | None:
    """Who is asked at last; `None` for nobody. QG364 for an assistant that is not there."""
    written = phrases.body.get("last_resort")
    if not written:
        return None
    place = phrases.positions.value(written, "assistant", phrases.fallback)
    found = assistants.get(written["assistant"])
    if found is None:
        phrases.found.append(
            Diagnostic(
                "QG364",
                say("There is no assistant `{name}` in workspace.yaml.", name=written["assistant"]),
                place=place,
                hint=suggest(written["assistant"], assistants) or say("Name it under `assistants:`."),
            )
        )
        return None
    per_day = written.get("per_day", {})
    return LastResort(
        assistant=Assistant(
            kind=found["kind"],
            url=found["url"].rstrip("/"),
            model=found.get("model", ""),
            token=found.get("token", "").removeprefix("${env:").removesuffix("}"),
            timeout=seconds(found["timeout"]) if "timeout" in found else _TIMEOUT,
            per_day=found.get("per_day", _ALL),
            place=place,
        ),
        prompt=written.get("prompt", ""),
        when=phrases.condition(written["when"]) if "when" in written else None,
        who=phrases.who(written.get("who") or {}),
        longest=written.get("longest", _LONGEST),
        group=per_day.get("group", _GROUP),
        user=per_day.get("user", _USER),
        sayings=phrases.sayings(written, "fallback") if "fallback" in written else (),
        place=phrases.positions.key(phrases.body, "last_resort", phrases.fallback),
    )


def item_of(body: Mapping[str, Any], assistants: Mapping[str, Any]) -> dict[str, Any]:
    """What a document has of it, by kind."""
    written = body.get("last_resort")
    return {"last_resort": {**written, "assistant": dict(assistants[written["assistant"]])}} if written else {}


def from_item(items: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a group file and workspace.yaml would say, taken from the items of a document. Raises ValueError."""
    from qqgroup_provision.workspace import schema

    if "last_resort" not in items:
        return {}, {}
    item = dict(items.pop("last_resort"))
    assistants = {NAME: item["assistant"]}
    workspace = {"kind": "Workspace", "accounts": _NOBODY, "assistants": assistants}
    found = schema.check(Document("document", workspace, Place("document")), Positions())
    if found:
        raise ValueError(f"assistant: {found[0].summary}")
    return {"last_resort": {**item, "assistant": NAME}}, assistants
