"""Which document a group's bot is to be handed, so that just the planned changes come into force, all at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from qqgroup_provision.ports import Known
from qqgroup_provision.resources.behavior import CONTEXT, BehaviorKind, Carried, Deliver
from qqgroup_provision.resources.change import Action, Change
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.workspace.behavior_document import LISTS
from qqgroup_provision.workspace.model import Group


@cache
def _names() -> frozenset[str]:
    """The kinds that a bot's document holds."""
    return frozenset(kind.name for kind in kinds() if isinstance(kind, BehaviorKind))


def delivered(group: Group, changes: Sequence[Change], live: LiveGroup) -> tuple[list[Change], bytes | None]:
    """The changes with the operations that deliver them, and the document they name; `None` where there is none.

    With targets only some items change: the others stay in the document as the bot has them.
    """
    ours = [change for change in changes if change.address.kind in _names() and change.operations]
    if not ours or group.behavior_document is None:
        return list(changes), None
    known = live.behavior.value if isinstance(live.behavior, Known) else None
    document = _canonical(_document(group.behavior_document, known.document if known else None, ours))
    tag = hashlib.sha256(document).hexdigest()
    before = known.tag if known else ""
    first = ours[0]
    steps = {
        change.address: Deliver(group.id, group.key, tag, before) if change is first else Carried(group.id, tag)
        for change in ours
    }
    return [
        replace(change, operations=(steps[change.address],)) if change.address in steps else change
        for change in changes
    ], document


def _document(
    wanted: Mapping[str, Any], there: Mapping[str, Any] | None, changes: Sequence[Change]
) -> dict[str, Any]:
    if there is None:  # nothing to keep: without what all items need, none could be carried out
        there = {**wanted, "items": {}, "order": {name: [] for name in wanted["order"]}}
    items = dict(there["items"])
    for change in changes:
        path = f"{change.address.kind}/{change.address.key}" if change.address.key else change.address.kind
        if change.action is Action.DELETE:
            items.pop(path, None)
        elif path in wanted["items"]:
            items[path] = wanted["items"][path]
    context = wanted if any(change.address.kind == "behavior" for change in changes) else there
    document = {**wanted, **{name: context[name] for name in CONTEXT}, "items": items}
    document["order"] = {name: list(_order(name, wanted, there, items)) for name in wanted["order"]}
    named = set(_pictures(items))
    assets = {**there["assets"], **wanted["assets"]}
    document["assets"] = {path: assets[path] for path in sorted(named) if path in assets}
    lists, listed = {**(there.get("lists") or {}), **(wanted.get("lists") or {})}, set(_host_lists(items))
    document.pop("lists", None)
    if kept := {path: lists[path] for path in sorted(listed) if path in lists}:
        document["lists"] = kept
    return document


def _order(name: str, wanted: Mapping[str, Any], there: Mapping[str, Any], items: Mapping[str, Any]) -> Iterator[str]:
    """The keys that are left, as YAML has them; then those that YAML does not name."""
    kind = LISTS[name]
    keys = dict.fromkeys([*wanted["order"][name], *there["order"].get(name, ())])
    yield from (key for key in keys if f"{kind}/{key}" in items)


def _pictures(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "image" and isinstance(inner, str):
                yield inner
            else:
                yield from _pictures(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _pictures(inner)


def _host_lists(value: Any) -> Iterator[str]:
    """The lists of hosts that conditions name."""
    if isinstance(value, Mapping):
        named = value.get("phishing")
        if isinstance(named, str):
            yield named
        elif isinstance(named, Mapping):
            yield from named.get("lists") or ()
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _host_lists(inner)


def _canonical(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
