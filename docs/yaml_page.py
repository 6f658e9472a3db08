"""The YAML reference: every key of every schema, with its type, limits, example and whether it is carried out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from wording import Wording

from qqgroup_provision.workspace.schema import KINDS, PLANNED, load_schema

Schema = Mapping[str, Any]
LINE = 110
_CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_WIDE = r"\u3000-\u9fff\uff00-\uffef"
_PIECE = re.compile(rf" ?[^\s{_WIDE}`]*`[^`]*`[^\s{_WIDE}`]*|[{_WIDE}]|\s*[^\s{_WIDE}`]+|\s+")
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "null",
}
_PATTERNS = {
    "^[a-z0-9][a-z0-9-]{0,63}$": "pattern key",
    "^[a-z0-9][a-z0-9_-]{0,63}$": "pattern person",
    "^([a-z0-9][a-z0-9_-]{0,63})$": "pattern person",
    "^[1-9][0-9]{4,9}$": "pattern qq",
    "^[0-9]{1,9}(ms|s|m|h|d)$": "pattern duration",
    "^[^/\\\\:][^\\\\:]*$": "pattern path",
    "^(https?|wss?)://[^ /?#@]+(/[^ ?#]*)?$": "pattern url",
    "^[$][{](env:[A-Z_][A-Z0-9_]*|file:[^}]+|command:QQGROUP_[A-Z0-9_]*COMMAND)[}]$": "pattern token",
    "^([^{}]|[{]name[}])*$": "pattern card",
    "^([01][0-9]|2[0-3]):[0-5][0-9]$": "pattern time",
    "^[$][{](secret|env):[A-Z][A-Z0-9_]*[}]$": "pattern secret",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?$": "pattern moment",
    "^[A-Za-z][A-Za-z0-9_+/-]*$": "pattern zone",
    "\\S": "pattern something",
}


def page(say: Wording) -> str:
    """The whole page."""
    parts = [
        f"# {say('YAML reference')}\n",
        say.generated("schemas/"),
        wrapped(say("about yaml")),
        wrapped(say("about values")),
    ]
    parts.extend(_document(name, say) for name in KINDS.values())
    return "\n".join(parts)


def keys(
    schema: Schema, root: Schema, way: str = "", trail: tuple[int, ...] = ()
) -> Iterator[tuple[str, Schema, bool]]:
    """Every key as (way to it, its schema, whether it has to be there). `*` is any key, `[]` an item.

    What contains itself, as a condition contains conditions, is gone into once; `trail` is what it is in already.
    """
    if id(schema) in trail:
        return
    trail = (*trail, id(schema))
    required = schema.get("required", ())
    for key, value in schema.get("properties", {}).items():
        found = resolved(value, root)
        yield f"{way}{key}", found, key in required
        yield from keys(found, root, f"{way}{key}.", trail)
    items = schema.get("items")
    if isinstance(items, dict):
        yield from keys(resolved(items, root), root, f"{way.removesuffix('.')}[].", trail)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        found = resolved(others, root)
        yield f"{way}*", found, False
        yield from keys(found, root, f"{way}*.", trail)


def resolved(schema: Schema, root: Schema) -> Schema:
    """A schema with its `$ref` followed."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def in_language(described: str, say: Wording) -> str:
    """The half of a bilingual description: English sentences first, then the Chinese ones."""
    first = _CJK.search(described)
    if first is None:
        return described
    cut = described.rfind(". ", 0, first.start()) + 1
    if not cut:  # a title such as `Group 群`
        cut = described.rfind(" ", 0, first.start())
    return (described[:cut] if say.language == "en" else described[cut:]).strip()


def _document(name: str, say: Wording) -> str:
    schema = load_schema(name)
    kind = next(kind for kind, stem in KINDS.items() if stem == name)
    title = kind if say.language == "en" else f"{kind} {in_language(schema['title'], say)}"
    parts = [f"## {title}\n", wrapped(in_language(schema["description"], say))]
    parts.append(f"{say('Whole example')}{say(':')}".rstrip() + "\n")
    parts.append(f"```yaml\n{_yaml(schema['examples'][0])}```\n")
    if name == "template":
        shared = ", ".join(f"`{key}`" for key in schema["properties"])
        parts += [wrapped(say("same as group")), wrapped(f"{shared}.")]
        own = ("kind", "key")
    else:
        own = ()
    for way, value, required in keys(schema, schema):
        if name != "template" or way in own:
            parts.append(_key(name, way, value, required, _is_planned(way, schema), say))
    return "\n".join(parts)


def _is_planned(way: str, root: Schema) -> bool:
    """Whether a key or anything above it is not carried out yet."""
    here: Schema = root
    for step in way.replace("[]", ".[]").split("."):
        if step == "[]":
            here = here["items"]
        elif step == "*":
            here = here["additionalProperties"]
        else:
            here = here["properties"][step]
        here = resolved(here, root)
        if here.get(PLANNED) == "planned":
            return True
    return False


def _key(document: str, way: str, schema: Schema, required: bool, planned: bool, say: Wording) -> str:
    colon = say(":")
    lines = [f"### {document}: `{way}`\n", wrapped(in_language(schema["description"], say))]
    facts = [f"{say('Type')}{colon}{_type(schema, say)}{_comma(say) + say('required') if required else ''}"]
    limits = list(_limits(schema, say))
    if limits:
        facts.append(f"{say('Limits')}{colon}{say(';').join(limits)}")
    facts.extend(f"{say('Example')}{colon}`{_flow(way, example)}`" for example in schema.get("examples", ())[:1])
    facts.append(f"{say('Carried out')}{colon}{say('not yet') if planned else say('yes')}")
    lines.append("".join(wrapped(f"- {fact}", "  ") for fact in facts))
    return "\n".join(lines)


def _comma(say: Wording) -> str:
    return ", " if say.language == "en" else "，"


def _type(schema: Schema, say: Wording) -> str:
    if "const" in schema:
        return f"{say('always')} `{schema['const']}`"
    if "enum" in schema:
        return f"{say('one of')} {', '.join(f'`{value}`' for value in schema['enum'])}"
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return say("or").join(say(_TYPES[name]) for name in named)


def _limits(schema: Schema, say: Wording) -> Iterator[str]:
    for keyword, key in (
        ("minimum", "least"),
        ("maximum", "most"),
        ("minLength", "characters least"),
        ("maxLength", "characters most"),
        ("minProperties", "entries least"),
    ):
        if keyword in schema:
            count = schema[keyword]
            yield say("not empty") if key.endswith(" least") and count == 1 else say(key).format(count)
    if "pattern" in schema:
        yield _pattern(schema["pattern"], say)
    if "pattern" in schema.get("propertyNames", {}):
        yield say("names") + _pattern(schema["propertyNames"]["pattern"], say)


def _pattern(pattern: str, say: Wording) -> str:
    return say(_PATTERNS[pattern]) if pattern in _PATTERNS else f"{say('pattern')} `{pattern}`"


def _flow(way: str, example: Any) -> str:
    """An example as one line of YAML."""
    key = way.replace("[]", "").split(".")[-1]
    if key == "*":
        key = "main"
    return f"{key}: {json.dumps(example, ensure_ascii=False) if not isinstance(example, str) else _scalar(example)}"


def _scalar(text: str) -> str:
    dumped = yaml.safe_dump(text, allow_unicode=True, width=1000)
    return dumped.removesuffix("...\n").strip()


def _yaml(data: Any) -> str:
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100))


def wrapped(text: str, indent: str = "") -> str:
    """A paragraph in lines of at most `LINE` columns, ending in a newline. Chinese has no blanks to break at."""
    lines: list[str] = []
    line, width = "", 0
    for piece in _pieces(text):
        size = _columns(piece)
        if line and width + size > LINE and piece[0] not in "，。；：、）”":
            lines.append(line.rstrip())
            piece = piece.lstrip()  # noqa: PLW2901
            line, width = indent, len(indent)
        line += piece
        width += _columns(piece)
    return "\n".join([*lines, line.rstrip()]) + "\n"


def _pieces(text: str) -> Iterator[str]:
    """What may not be broken: a word with the blank before it, code in ticks, one Chinese character."""
    yield from _PIECE.findall(text)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
