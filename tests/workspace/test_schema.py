"""The schemas: well made, said in both languages, and judged alike by the gate and by the explainer."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Place
from qqgroup_provision.workspace import schema as schema_module
from qqgroup_provision.workspace.document import Document, parse_document
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.schema import KINDS, PLANNED, check, load_schema, schema_folder
from qqgroup_provision.workspace.schema_faults import explain

NAMES = sorted(KINDS.values())
EXAMPLE = schema_folder().parent / "groups"
KIND_OF = {name: kind for kind, name in KINDS.items()}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,}|\ba\b", re.ASCII)


def places_of(schema: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema a value can meet, by its path."""
    yield path, schema
    for word in ("properties", "$defs"):
        for key, below in schema.get(word, {}).items():
            yield from places_of(below, f"{path}/{word}/{key}")
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from places_of(schema[word], f"{path}/{word}")


SUBSCHEMAS = [(name, path, below) for name in NAMES for path, below in places_of(load_schema(name))]


def document(name: str, data: Any) -> Document:
    return Document(f"{name}.yaml", data, Place(f"{name}.yaml"))


def codes(data: Any, name: str = "d") -> list[str]:
    return [item.code for item in check(document(name, data), Positions())]


def fits(name: str, data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(load_schema(name)).is_valid(data))


@cache
def valid_documents(name: str) -> list[dict[str, Any]]:
    """The schema's own examples, and the files of the example workspace."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLE.rglob("*.yaml"))]
    return [*load_schema(name)["examples"], *(data for data in files if data["kind"] == KIND_OF[name])]


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_valid_one_of_draft_2020_12(name: str) -> None:
    schema = load_schema(name)

    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_object_with_keys_is_closed() -> None:
    open_ones = [
        (name, path)
        for name, path, s in SUBSCHEMAS
        if "properties" in s and s.get("additionalProperties") is not False
    ]
    assert [] == open_ones


def test_an_object_without_keys_is_one_that_is_not_carried_out_yet() -> None:
    def planned(name: str, path: str) -> bool:
        return any(s.get(PLANNED) == "planned" and path.startswith(p) for n, p, s in SUBSCHEMAS if n == name)

    bare = [
        (name, path)
        for name, path, s in SUBSCHEMAS
        if s.get("type") == "object" and not s.keys() & {"properties", "additionalProperties"}
    ]
    assert [] == [where for where in bare if not planned(*where)]


def test_everything_is_described_in_english_and_in_chinese() -> None:
    assert [] == [
        (name, path)
        for name, path, s in SUBSCHEMAS
        if "$ref" not in s
        and not (ENGLISH.search(s.get("description", "")) and CHINESE.search(s.get("description", "")))
    ]


def test_every_reference_leads_to_a_definition() -> None:
    for name, path, schema in SUBSCHEMAS:
        if "$ref" in schema:
            assert schema["$ref"].removeprefix("#/$defs/") in load_schema(name)["$defs"], (name, path)


def test_every_example_fits_what_it_is_an_example_of() -> None:
    checked = 0
    for name, path, schema in SUBSCHEMAS:
        alone = {**schema, "$defs": load_schema(name).get("$defs", {})}
        for example in schema.get("examples", ()):
            assert jsonschema.Draft202012Validator(alone).is_valid(example), (name, path, example)
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("name", NAMES)
def test_the_example_workspace_and_the_schemas_own_examples_pass(name: str) -> None:
    found = valid_documents(name)

    assert len(found) > 1
    assert [[]] * len(found) == [codes(data) for data in found]


@cache
def vocabulary(name: str) -> list[str]:
    """Every key a document of the kind can have anywhere."""
    return sorted({key for n, _, schema in SUBSCHEMAS if n == name for key in schema.get("properties", {})})


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10_001, 4_294_967_295)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "main",
            "731000001",
            "${env:TOKEN}",
            "{name}",
            "10s",
            "https://h/x",
            "wss://h:1/api",
            "ftp://h",
            "a/../b",
            "exclusive",
            "好" * 61,
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.just("key"), inner, max_size=3)
    ),
    max_leaves=6,
)


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield from spots(below, (*path, key))


@st.composite
def mutated(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A valid document with a few things replaced, removed, renamed or added."""
    known = vocabulary(name)
    data: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(valid_documents(name))))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list(spots(data))[1:]))
        if path == ("kind",):
            continue
        container: Any = data
        for part in path[:-1]:
            container = container[part]
        match draw(st.sampled_from(["replace", "remove", "rename", "add"])):
            case "replace":
                container[path[-1]] = draw(json_values)
            case "remove":
                del container[path[-1]]
            case "rename" if isinstance(container, dict):
                container[draw(st.sampled_from(known) | st.text(max_size=5))] = container.pop(path[-1])
            case _ if isinstance(container, dict):
                container[draw(st.sampled_from(known))] = draw(json_values)
            case _:
                container.append(draw(json_values))
    return {**data, "kind": KIND_OF[name]}


@pytest.mark.parametrize("name", NAMES)
def test_the_gate_and_the_explainer_agree_on_every_document(name: str) -> None:
    @settings(max_examples=120, deadline=None)
    @given(mutated(name))
    def agree(data: dict[str, Any]) -> None:
        found = set(codes(data)) - {"QG211"}
        assert fits(name, data) == (not found)
        assert "QG210" not in found

    agree()


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_document_holds_its_faults_can_be_told(name: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(st.text(max_size=4) | st.sampled_from(["accounts", "people", "key", "roles"]), json_values)
    )
    def told(data: dict[str, Any]) -> None:
        found = check(document(name, {**data, "kind": KIND_OF[name]}), Positions())
        for item in found:
            assert str(item.summary)
            assert item.place is not None

    told()


def test_a_number_the_gate_has_no_room_for_is_a_fault_like_any_other() -> None:
    assert ["QG208"] == codes({"kind": "Group", "key": "hub", "id": 10**400})


def planned_documents(
    schema: dict[str, Any], below: dict[str, Any], written: Any, trail: tuple[str, ...] = ()
) -> Iterator[tuple[str, Any]]:
    """(key, document) for every key that is in the vocabulary and not carried out: `written` puts it in its place."""
    while "$ref" in below:
        if below["$ref"] in trail:  # a condition contains conditions
            return
        trail = (*trail, below["$ref"])
        below = schema["$defs"][below["$ref"].removeprefix("#/$defs/")]
    for key, value in below.get("properties", {}).items():
        required = {name: "x" for name in below.get("required", ()) if name != "kind"}
        if value.get(PLANNED) == "planned":
            yield key, written({**required, key: instance(value)})
        else:
            yield from planned_documents(
                schema, value, lambda inner, key=key, required=required: written({**required, key: inner}), trail
            )
    if isinstance(below.get("items"), dict):
        yield from planned_documents(schema, below["items"], lambda inner: written([inner]), trail)


def instance(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"]
    return {"object": {}, "array": [], "boolean": True, "string": "x", "integer": 1}[kind]


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_the_vocabulary_is_carried_out(name: str) -> None:
    schema = load_schema(name)
    base = {key: value for key, value in valid_documents(name)[0].items() if key in schema["required"]}

    assert [] == [key for key, _ in planned_documents(schema, schema, lambda inner: {**inner, **base})]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A key of roles that is in the vocabulary and not carried out yet."""
    whole = copy.deepcopy(load_schema("group"))
    whole["$defs"]["role"]["properties"]["soon"] = {"type": "boolean", PLANNED: "planned"}
    caches = [made for made in vars(schema_module).values() if hasattr(made, "cache_clear")]
    monkeypatch.setattr(schema_module, "load_schema", lambda _: whole)
    for made in caches:
        made.cache_clear()
    yield
    for made in caches:
        made.cache_clear()


def test_a_planned_key_is_told_at_the_key_and_never_silently_ignored(soon: None) -> None:
    text = b"kind: Group\nkey: hub\nroles:\n- key: a\n  soon: true\n"
    positions = Positions()
    found, _ = parse_document(text, "g.yaml", positions)
    assert found is not None
    (only,) = check(found, positions)

    assert ("QG211", Place("g.yaml", 5, 3, 5, 7)) == (only.code, only.place)
    assert "`soon`" in str(only.summary)
    (key, written), *others = planned_documents(
        schema_module.load_schema("group"), schema_module.load_schema("group"), lambda inner: inner
    )
    assert ("soon", []) == (key, others)
    assert ["QG211"] == codes({**written, "kind": "Group", "key": "hub"})


def test_a_kind_that_is_not_there_is_told() -> None:
    assert ["QG202"] == codes({"kind": "Test"})


@pytest.mark.parametrize("data", [[], "Group", 7, {}, {"kind": None}, {"kind": ["Group"]}, {"key": "hub"}])
def test_a_document_that_does_not_say_what_it_is_is_refused(data: Any) -> None:
    assert ["QG201"] == codes(data)


LIMITED = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 2, "maxLength": 3},
        "list": {"type": "array", "minItems": 1, "maxItems": 2},
        "map": {"type": "object", "minProperties": 1, "maxProperties": 2},
        "number": {"type": "integer", "minimum": 1, "maximum": 2},
    },
}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": "x"}, "shorter than 2 characters"),
        ({"text": "xxxx"}, "longer than 3 characters"),
        ({"list": []}, "fewer than 1 items"),
        ({"list": [1, 2, 3]}, "more than 2 items"),
        ({"map": {}}, "fewer than 1 keys"),
        ({"map": {"a": 1, "b": 2, "c": 3}}, "more than 2 keys"),
        ({"number": 0}, "less than 1"),
        ({"number": 3}, "greater than 2"),
    ],
)
def test_a_value_out_of_bounds_is_told_with_the_bound(data: Any, words: str) -> None:
    (found,) = explain(LIMITED, document("d", data), Positions())

    assert ("QG208", True) == (found.code, words in str(found.detail))


def test_of_several_alternatives_the_nearest_says_what_is_wrong() -> None:
    schema = {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"qq": {"type": "integer"}}}]}
    (found,) = explain(schema, document("d", {"qq": "x"}), Positions())

    assert ("QG205", True) == (found.code, "whole number" in str(found.summary))


def test_a_rule_nobody_foresaw_is_still_told() -> None:
    (found,) = explain({"properties": {"a": {"multipleOf": 2}}}, document("d", {"a": 3}), Positions())

    assert ("QG209", True) == (found.code, "`a`" in str(found.summary))


def test_what_only_the_gate_refuses_is_refused() -> None:
    assert ["QG210"] == [item.code for item in explain({}, document("d", {"a": 1}), Positions())]


def test_of_a_thousand_faults_about_a_hundred_are_told() -> None:
    people = {f"p{number}": [] for number in range(1000)}
    found = codes({"kind": "People", "people": people})

    assert 100 <= len(found) <= 110


@pytest.mark.parametrize(
    ("data", "code", "place", "words"),
    [
        ("kind: Group\nkey: hub\nid: [1]\n", "QG205", "d:3:5", "a whole number or a text, and is a list"),
        ("kind: Group\nkey: true\n", "QG205", "d:2:6", "true or false"),
        ("kind: Group\nkey: hub\nprofile: {name: ''}\n", "QG208", "d:3:17", "`profile.name`"),
        ("kind: Group\nkey: hub\nroles: [{}]\n", "QG204", "d:3:9", "`key`"),
        ("kind: Group\nkey: hub\nroles: [{key: a, titel: x}]\n", "QG203", "d:3:18", "`titel`"),
        ("kind: Group\nkey: hub\nmanage: {admins: all}\n", "QG206", "d:3:18", "`all`"),
        ("kind: Group\nkey: Hub\n", "QG207", "d:2:6", "`Hub`"),
        ("kind: Group\nkey: hub\nextends: [a, 7]\n", "QG205", "d:3:14", "`extends[1]`"),
        ("kind: People\npeople: {Bad Key: 100000001}\n", "QG207", "d:2:10", "`Bad Key`"),
    ],
)
def test_a_fault_is_told_at_the_key_or_value_that_is_at_fault(data: str, code: str, place: str, words: str) -> None:
    positions = Positions()
    parsed, _ = parse_document(data.encode(), "d", positions)
    assert parsed is not None
    (found,) = check(parsed, positions)

    assert (code, place, True) == (found.code, str(found.place), words in str(found.summary))


def test_a_long_wrong_value_is_cut_short() -> None:
    (found,) = check(document("d", {"kind": "Group", "key": "X" * 5000}), Positions())

    assert len(str(found.summary)) < 200


def test_the_schemas_are_found_beside_a_checkout() -> None:
    assert {f"{name}.schema.json" for name in NAMES} == {path.name for path in Path(schema_folder()).iterdir()}
