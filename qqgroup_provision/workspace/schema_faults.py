"""Why a document breaks its schema, said of the key or value at fault. Loaded only when something fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import jsonschema
from jsonschema.exceptions import ValidationError, best_match

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import Text, say
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.leaks import masked
from qqgroup_provision.workspace.positions import Positions
from qqgroup_provision.workspace.suggest import suggest

_MOST = 100  # faults told of one document
_SHOWN = 60  # characters of a wrong value
_LIMITS: Mapping[str, Text] = {
    "minLength": say("It is shorter than {limit} characters."),
    "maxLength": say("It is longer than {limit} characters."),
    "minItems": say("It has fewer than {limit} items."),
    "maxItems": say("It has more than {limit} items."),
    "minProperties": say("It has fewer than {limit} keys."),
    "maxProperties": say("It has more than {limit} keys."),
    "minimum": say("It is less than {limit}."),
    "maximum": say("It is greater than {limit}."),
}


def explain(schema: dict[str, Any], document: Document, positions: Positions) -> list[Diagnostic]:
    """Every fault the schema finds, at most `_MOST`. Never empty: the document was refused."""
    found: list[Diagnostic] = []
    validator = jsonschema.Draft202012Validator(schema)
    for error in validator.iter_errors(document.data):
        found.extend(_diagnostics(_cause(error), document, positions))
        if len(found) >= _MOST:
            break
    return found or [_refused(schema, document)]


def _cause(error: ValidationError) -> ValidationError:
    """The error inside an `anyOf` or `oneOf` that says what is wrong, where there is one."""
    return best_match([error]) if error.context else error


def _diagnostics(error: ValidationError, document: Document, positions: Positions) -> Iterator[Diagnostic]:
    path = list(error.absolute_path)
    at = _Location(document, positions, path)
    rule, limit, schema = str(error.validator), cast(Any, error.validator_value), cast(Any, error.schema)
    if isinstance(schema, dict) and schema.get("writeOnly") and error.instance is not None:
        yield Diagnostic(
            "QG207",
            say("{key} has to say where the secret is; what it holds is not shown.", key=at.name),
            place=at.value,
            hint=_example(schema),
        )
    elif rule == "additionalProperties" and isinstance(error.instance, dict):
        known = schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                yield _unknown_key(key, known, positions.key(error.instance, key, at.value))
    elif rule == "required":
        for key in limit:
            if key not in cast(Any, error.instance):
                yield Diagnostic("QG204", say("The key `{key}` is missing here.", key=key), place=at.key)
    elif rule == "type":
        yield _wrong_type(error, at)
    elif rule in ("enum", "const"):
        choices = [str(choice) for choice in (limit if rule == "enum" else [limit])]
        yield Diagnostic(
            "QG206",
            say("`{value}` is not one of the values {key} takes.", value=_shown(error.instance), key=at.name),
            place=at.value,
            hint=suggest(str(error.instance), choices),
        )
    elif rule == "pattern":
        yield Diagnostic(
            "QG207",
            say("`{value}` is not written as {key} has to be.", value=_shown(error.instance), key=at.name),
            place=at.of_key(error.instance) if "propertyNames" in error.absolute_schema_path else at.value,
            hint=_example(schema),
        )
    elif rule in _LIMITS:
        yield Diagnostic(
            "QG208",
            say("The value of {key} is out of bounds.", key=at.name),
            Text(_LIMITS[rule].template, {"limit": limit}),
            place=at.value,
        )
    else:
        yield Diagnostic(
            "QG209",
            say("The value of {key} does not fit: {problem}", key=at.name, problem=error.message[:200]),
            place=at.value,
            hint=_example(schema),
        )


class _Location:
    """Where in the document an error's path leads."""

    def __init__(self, document: Document, positions: Positions, path: list[Any]) -> None:
        container: Any = document.data
        for part in path[:-1]:
            container = container[part]
        last = path[-1] if path else None
        self.value: Place = positions.value(container, last, document.place)
        self.key: Place = positions.key(container, last, document.place)
        self._positions, self._inside = positions, container[last] if path else container
        names = [str(part) if isinstance(part, str) else f"[{part}]" for part in path]
        self.name = "`" + ".".join(names).replace(".[", "[") + "`" if names else say("the document")

    def of_key(self, key: Any) -> Place:
        """The place of a key that stands in the value the path leads to."""
        return self._positions.key(self._inside, key, self.value)


def _unknown_key(key: str, known: Mapping[str, Any], place: Place) -> Diagnostic:
    return Diagnostic("QG203", say("There is no key `{key}` here.", key=key), place=place, hint=suggest(key, known))


_TYPES: Mapping[str, Text] = {
    "object": say("a mapping"),
    "array": say("a list"),
    "string": say("a text"),
    "integer": say("a whole number"),
    "number": say("a number"),
    "boolean": say("true or false"),
    "null": say("null"),
}


def _wrong_type(error: ValidationError, at: _Location) -> Diagnostic:
    limit: Any = error.validator_value
    names: list[str] = [limit] if isinstance(limit, str) else list(limit)
    wanted: Text | str = _TYPES.get(names[0], names[0])
    for name in names[1:]:
        wanted = say("{first} or {second}", first=wanted, second=_TYPES.get(name, name))
    hint = _example(error.schema)
    if "string" in names and isinstance(error.instance, (int, float, bool)):
        hint = say('Put it in quotes: "{value}".', value=_shown(error.instance))
    return Diagnostic(
        "QG205",
        say(
            "{key} has to be {wanted}, and is {found}.",
            key=at.name,
            wanted=wanted,
            found=_found(error.instance),
        ),
        place=at.value,
        hint=hint,
    )


def _found(value: Any) -> Text:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return _TYPES[names.get(type(value), "null")]


def _example(schema: Any) -> Text | None:
    examples = schema.get("examples") if isinstance(schema, dict) else None
    return say("For example: {example}", example=_shown(examples[0])) if examples else None


def _shown(value: Any) -> str:
    text = (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or isinstance(value, bool)
        else str(value)
    )
    text = masked(text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _refused(schema: dict[str, Any], document: Document) -> Diagnostic:
    """The gate refused what jsonschema accepts: they differ on some construct, and the stricter one counts."""
    import jsonschema_rs

    try:
        errors = jsonschema_rs.Draft202012Validator(schema).iter_errors(document.data)
        problem = next((str(error.message) for error in errors), "")
    except ValueError as error:
        problem = str(error)
    return Diagnostic(
        "QG210",
        say("The document does not fit its schema: {problem}", problem=problem[:200]),
        place=document.place,
    )
