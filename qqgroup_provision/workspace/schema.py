"""Checks a document against the schema of its kind: a fast gate, and an explanation only for what fails it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import listed, say
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

KINDS: Mapping[str, str] = {
    "Workspace": "workspace",
    "People": "people",
    "Template": "template",
    "Group": "group",
    "Tests": "tests",
}
PLANNED = "x-qqgroup"  # the annotation of a key that is in the vocabulary and not carried out yet


def schema_folder() -> Path:
    """Where the schemas are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


@lru_cache(maxsize=len(KINDS))
def load_schema(name: str) -> dict[str, Any]:
    """The schema of a document kind by its file's stem, as in `KINDS`."""
    text = (schema_folder() / f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def check(document: Document, positions: Positions) -> list[Diagnostic]:
    """Every way in which a document breaks its schema, and every key that is not carried out yet."""
    kind = _kind(document, positions)
    if isinstance(kind, Diagnostic):
        return [kind]
    if _passes(_gate(kind), document.data):
        return []
    if _passes(_vocabulary(kind), document.data):
        return list(_planned(_planned_tree(kind), document.data, document, positions))
    from qqgroup_provision.workspace.schema_faults import explain

    return explain(load_schema(kind), document, positions)


def _kind(document: Document, positions: Positions) -> str | Diagnostic:
    """The stem of the schema a document asks for, or why there is none."""
    data = document.data
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        return Diagnostic(
            "QG201",
            say("The document does not say what it is."),
            place=document.place,
            hint=say("Begin it with `kind:` and one of {kinds}.", kinds=listed(KINDS)),
        )
    if kind not in KINDS:
        return Diagnostic(
            "QG202",
            say("There is no kind `{kind}`.", kind=kind),
            place=positions.value(data, "kind", document.place),
            hint=suggest(kind, KINDS),
        )
    return KINDS[kind]


@cache
def _gate(kind: str) -> Any:
    """A validator of what is carried out: almost every document passes here and is looked at no more."""
    return _validator(_carried_out(load_schema(kind)))


@cache
def _vocabulary(kind: str) -> Any:
    """A validator of the whole schema, keys that are not carried out yet included."""
    return _validator(load_schema(kind))


def _validator(schema: dict[str, Any]) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema)


def _carried_out(schema: Any) -> Any:
    """A schema without the properties that are not carried out yet. Every object is closed, so they are refused."""
    if isinstance(schema, list):
        return [_carried_out(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _carried_out(value) for key, value in schema.items()}
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {
            key: value for key, value in kept["properties"].items() if value.get(PLANNED) != "planned"
        }
    return kept


def _passes(validator: Any, data: Any) -> bool:
    """The verdict. A validator cannot take every value Python can; what it cannot take does not pass."""
    try:
        return bool(validator.is_valid(data))
    except ValueError:
        return False


@cache
def _planned_tree(kind: str) -> dict[str, Any]:
    schema = load_schema(kind)
    return _tree_of(schema, schema, ())


def _tree_of(schema: Any, root: Mapping[str, Any], trail: tuple[str, ...]) -> dict[str, Any]:
    """The keys not carried out yet, as nested dicts that hold only the ways to them: `{}` marks one,
    `[]` stands for the items of a list and `*` for any key. `trail` are the definitions that it is in already."""
    tree: dict[str, Any] = {}
    while "$ref" in schema:
        if schema["$ref"] in trail:
            return tree
        trail = (*trail, schema["$ref"])
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    ways = [(key, value) for key, value in schema.get("properties", {}).items()]
    for name, sign in (("items", "[]"), ("additionalProperties", "*")):
        if isinstance(schema.get(name), dict):
            ways.append((sign, schema[name]))
    for key, value in ways:
        if value.get(PLANNED) == "planned":
            tree[key] = {}
        elif below := _tree_of(value, root, trail):
            tree[key] = below
    return tree


def _planned(tree: Mapping[str, Any], data: Any, document: Document, positions: Positions) -> Iterator[Diagnostic]:
    if isinstance(data, list):
        below = tree.get("[]", {})
        for item in data if below else ():
            yield from _planned(below, item, document, positions)
    elif isinstance(data, dict):
        for key in data.keys() & tree.keys() if "*" not in tree else data:
            below = tree.get(key, tree.get("*"))
            if below is not None and not below:
                yield _not_yet(key, document, positions, data, key)
            elif below:
                yield from _planned(below, data[key], document, positions)


def _not_yet(name: str, document: Document, positions: Positions, container: Any, key: str) -> Diagnostic:
    return Diagnostic(
        "QG211",
        say("`{name}` is not carried out by this version.", name=name),
        place=positions.key(container, key, document.place),
        hint=say("Remove it for now: it would be silently ignored otherwise, and that is worse."),
    )
