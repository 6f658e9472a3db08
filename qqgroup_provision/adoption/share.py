"""What several new groups have in common goes into templates: one for each set of groups that share something."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Set
from typing import Any

from qqgroup_provision.adoption import announcements, essence, roles
from qqgroup_provision.adoption.names import slug, unused

LISTS = ("roles", "announcements", "essence")
Bodies = dict[str, dict[str, Any]]  # a group's or template's key -> its body


def share(bodies: Mapping[str, Mapping[str, Any]], name: str, taken: Set[str]) -> tuple[Bodies, Bodies]:
    """The groups without what at least two of them say alike, and the templates that say it for them.

    Whole announcements and whole roles are shared, never parts of one. Templates are named `name`, `name-2`
    and so on, the one that most groups extend first.
    """
    users: dict[tuple[str, str], list[str]] = {}
    for group, body in bodies.items():
        for part in LISTS:
            for item in body.get(part) or ():
                users.setdefault((part, _content(item)), []).append(group)
    by_users: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for shared, groups in users.items():
        if len(groups) > 1:
            by_users.setdefault(tuple(groups), []).append(shared)
    templates: Bodies = {}
    extends: dict[str, list[str]] = {}
    for sharing, contents in sorted(by_users.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        key = unused(name, templates.keys() | taken)
        template: dict[str, Any] = {"kind": "Template", "key": key}
        for part in LISTS:
            items = [json.loads(content) for found, content in contents if found == part]
            if items:
                template[part] = items
        templates[key] = template
        for group in sharing:
            extends.setdefault(group, []).append(key)
    left: Bodies = {}
    for group, body in bodies.items():
        left[group] = _without(body, {shared for shared, groups in users.items() if len(groups) > 1})
        if group in extends:
            left[group]["extends"] = extends[group]
    return left, templates


def _without(body: Mapping[str, Any], shared: Container[tuple[str, str]]) -> dict[str, Any]:
    left = dict(body)
    for part in LISTS:
        if left.get(part):
            left[part] = [item for item in left[part] if (part, _content(item)) not in shared]
            if not left[part]:
                del left[part]
    return left


def _content(item: Mapping[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False)


def give_keys(body: Mapping[str, Any], taken: Mapping[str, set[str]]) -> dict[str, Any]:
    """The body with a key for every item that has none; `taken` are those in use elsewhere, by list."""
    named = dict(body)
    for part, (hint, otherwise) in _HINTS.items():
        if not named.get(part):
            continue
        used = {item["key"] for item in named[part]} | taken.get(part, set())
        items = []
        for item in named[part]:
            key = item["key"]
            if not key:
                key = unused(slug(hint(item)) or otherwise(item), used)
                used.add(key)
            items.append({**item, "key": key})
        named[part] = items
    return named


_HINTS: Mapping[str, Any] = {
    "roles": (roles.hint, roles.kind_of_role),
    "announcements": (announcements.hint, lambda _: "notice-1"),
    "essence": (essence.hint, lambda _: "message-1"),
}
