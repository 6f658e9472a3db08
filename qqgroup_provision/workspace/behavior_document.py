"""What a group's bot is to do, as one document of plain data: how it travels to a bot, and how it is kept there.

Its items are as YAML has them, composed, and with people by number, so that whoever compares two documents sees what
an author would recognise. A bot trusts no document: it is checked as the YAML it came from was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from qqgroup_provision.behavior.appeals import WORD
from qqgroup_provision.behavior.configuration import Configuration, Permission
from qqgroup_provision.behavior.hosts import MOST, Hosts, hosts_of, is_shared, line_form
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.workspace import last_resort, schema
from qqgroup_provision.workspace.behavior import BehaviorBuilder
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.joining import items_of, join_of
from qqgroup_provision.workspace.linked import links_from
from qqgroup_provision.workspace.model import UNSET, Asset, Person, Role
from qqgroup_provision.workspace.moments import zone
from qqgroup_provision.workspace.positions import Positions

FORMAT = 1
_BESIDE_RULES = ("card_format", "appeal")  # keys of `rules` that are items of their own
LISTS = {
    "rules": "rule",
    "replies": "reply",
    "schedules": "schedule",
    "activities": "activity",
}  # key of YAML -> kind of its items
_SINGLE = ("welcome", "farewell", "statistics", "inactive", "topics")


def document_of(
    body: Mapping[str, Any],
    built: Configuration,
    roles: Sequence[Role],
    person: Callable[[Any], Person | None],
    assistants: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """The document of a composed group that was found to be right. Equal groups give equal documents.

    `items` are by kind, or kind and key; `order` has the keys of each list as they are tried; `assets` are the
    pictures that items name, by path, with the sha256 of each; `lists`, where there are any, the lists of hosts.
    """
    items: dict[str, Any] = {key: body[key] for key in _SINGLE if body.get(key)}
    if "inactive" in items:
        items["inactive"] = _with_roles_of(items["inactive"], roles)
    if "topics" in items:
        items["topics"] = _with_markers_of(items["topics"], roles)
    order: dict[str, list[str]] = {}
    rules = (body.get("rules") or {}).get("items")
    for name, listed, typed in (
        ("rules", rules, built.rules),
        ("replies", body.get("replies"), built.replies),
        ("schedules", body.get("schedules"), built.schedules),
        ("activities", body.get("activities"), built.activities),
    ):
        found = {item["key"]: _with_roles_of(item, roles) for item in listed or ()}
        items.update({f"{LISTS[name]}/{key}": _without_key(item) for key, item in found.items()})
        order[name] = [item.key for item in typed]
    items.update({f"role_permission/{one.role}": _permission(one) for one in built.permissions})
    items.update(_beside_rules(body.get("rules") or {}, roles))
    if body.get("curfew"):
        items["curfew"] = {"windows": body["curfew"]}  # an item is a mapping, whatever YAML writes
    items.update({kind: _with_roles_of(item, roles) for kind, item in items_of(body, person).items()})
    items.update(last_resort.item_of(body, assistants))
    if body.get("links"):
        items["links"] = body["links"]  # with the other groups in it, as a Linker has put it together
    lists = sorted(built.host_lists(), key=lambda one: one.path)
    return {
        "format": FORMAT,
        "group": built.group,
        "id": built.group_id,
        "name": built.group_name,
        "timezone": str(built.zone),
        "roles": {role.key: sorted(person.qq for person in role.members) for role in roles},
        "other_bots": sorted(built.bots),
        "items": _by_number(items, person),
        "order": order,
        "assets": dict(sorted(built.pictures())),
        **({"lists": {one.path: {"sha256": one.sha256, "hosts": one.lines()} for one in lists}} if lists else {}),
    }


def canonical(document: Mapping[str, Any]) -> bytes:
    """A document as bytes: equal documents give equal ones."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(document: Mapping[str, Any]) -> str:
    """The sha256 of a document, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def configuration_of(document: Any) -> Configuration:
    """What a document says, typed. Raises `InvalidInput` for anything a group file could not say."""
    try:
        body, roles, assets, assistants = _body(document)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(_damaged(str(error) or type(error).__name__)) from None
    place = Place("document")
    written = {key: value for key, value in body.items() if key != "links"}  # which was checked by itself
    found = schema.check(Document("document", {**written, "kind": "Group"}, place), Positions())
    named = zone(str(document.get("timezone")))
    if found or named is None:
        raise InvalidInput(found or _damaged("timezone"))

    def person(name: Any) -> Person | None:
        return Person(str(name), name, str(name)) if isinstance(name, int) else None

    def image(item: Mapping[str, Any], key: str) -> Asset | None:
        if item[key] not in assets:
            raise InvalidInput(_damaged(item[key]))
        return Asset(item[key], assets[item[key]], 0)

    def hosts(container: Any, key: Any) -> Hosts:
        return _host_list(container[key], document.get("lists"))

    builder = BehaviorBuilder(body, place, Positions(), roles, named, person, image, hosts, assistants)
    built = builder.build()
    wrong = [fault for fault in builder.found if fault.is_error]
    if wrong or dict(built.pictures()) != assets:
        raise InvalidInput(wrong or _damaged("assets"))
    return built


def _body(document: Any) -> tuple[dict[str, Any], list[Role], dict[str, str], dict[str, Any]]:
    """The group file that would say the same, with the roles, pictures and assistants that it takes."""
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']}")
    items, roles = dict(document["items"]), dict(document["roles"])
    body: dict[str, Any] = {
        "key": document["group"],
        "id": document["id"],
        "profile": {"name": document["name"]},
        "roles": [
            {"key": key, "members": list(members), **items.pop(f"role_permission/{key}", {})}
            for key, members in roles.items()
        ],
        "other_bots": list(document["other_bots"]),
    }
    for name, kind in LISTS.items():
        body[name] = [{"key": key, **items.pop(f"{kind}/{key}")} for key in document["order"].get(name, ())]
    body["rules"] = {"items": body["rules"], **{key: items.pop(key) for key in _BESIDE_RULES if key in items}}
    body.update({key: items.pop(key) for key in _SINGLE if key in items})
    body["curfew"] = items.pop("curfew", {"windows": []})["windows"]
    body["join"] = join_of(items)
    asked, assistants = last_resort.from_item(items)
    body.update(asked)
    if "links" in items:
        body["links"] = items.pop("links")
        links_from(body["links"], roles, Place("document"))
    if items:
        raise ValueError(f"items {', '.join(map(str, items))[:80]}")
    people = {key: tuple(Person(str(qq), int(qq), str(qq)) for qq in members) for key, members in roles.items()}
    built = [Role(key, members, UNSET, UNSET, UNSET, {}) for key, members in people.items()]
    return body, built, {str(path): str(sha256) for path, sha256 in dict(document["assets"]).items()}, assistants


def _with_roles_of(item: Mapping[str, Any], roles: Sequence[Role]) -> Mapping[str, Any]:
    """A rule that was inherited may exempt roles that the group does not have: they exempt nobody here."""
    exempt, known = item.get("exempt") or {}, {role.key for role in roles}
    if known.issuperset(exempt.get("roles", ())):
        return item
    kept = {**exempt, "roles": [name for name in exempt["roles"] if name in known]}
    left = {key: value for key, value in kept.items() if value}
    return {key: left if key == "exempt" else value for key, value in item.items() if left or key != "exempt"}


def _with_markers_of(item: Mapping[str, Any], roles: Sequence[Role]) -> Mapping[str, Any]:
    """The same for the roles that may tag messages."""
    known = {role.key for role in roles}
    return {
        key: [name for name in value or () if name in known] if key == "markers" else value
        for key, value in item.items()
    }


def _beside_rules(rules: Mapping[str, Any], roles: Sequence[Role]) -> dict[str, Any]:
    items: dict[str, Any] = {}
    if rules.get("card_format"):
        items["card_format"] = _with_roles_of(rules["card_format"], roles)
    if rules.get("appeal"):  # an item is a mapping, whatever YAML writes
        items["appeal"] = rules["appeal"] if isinstance(rules["appeal"], Mapping) else {"word": WORD}
    return items


def _permission(one: Permission) -> dict[str, Any]:
    """What a role may, and whether it is exempt; a role that is not says nothing of it."""
    return {"may": sorted(map(str, one.may)), **({"exempt_from_rules": True} if one.exempt else {})}


def _host_list(path: Any, lists: Any) -> Hosts:
    """A list of hosts from a document, as it was made of a file."""
    written = lists.get(path) if isinstance(lists, Mapping) else None
    lines = written.get("hosts") if isinstance(written, Mapping) else None
    if (
        not isinstance(written, Mapping)
        or not isinstance(lines, list)
        or len(lines) > MOST
        or not all(map(_is_line, lines))
    ):
        raise InvalidInput(_damaged(f"lists {path}"))
    made = hosts_of(str(path), lines)
    if made.sha256 != written.get("sha256"):
        raise InvalidInput(_damaged(f"lists {path}"))
    return made


def _is_line(line: Any) -> bool:
    return isinstance(line, str) and bool(line) and line_form(line) == line and not is_shared(line)


def _without_key(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "key"}


def _by_number(value: Any, person: Callable[[Any], Person | None]) -> Any:
    """The same with whom `at:` mentions by QQ number."""
    if isinstance(value, list):
        return [_by_number(item, person) for item in value]
    if isinstance(value, dict):
        return {
            key: _number(item, person) if key == "at" else _by_number(item, person) for key, item in value.items()
        }
    return value


def _number(written: Any, person: Callable[[Any], Person | None]) -> Any:
    found = person(written) if written != "sender" else None
    return found.qq if found is not None else written


def _damaged(problem: str) -> Diagnostic:
    return Diagnostic(
        "QG342",
        say("This is no document of a group's behaviour: {problem}.", problem=problem[:120]),
        hint=say("Apply again with the version of the tool that the bot has."),
    )
