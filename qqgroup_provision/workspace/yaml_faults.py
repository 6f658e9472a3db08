"""What can be wrong with a YAML file before anything is known of its meaning: one function a fault."""

from __future__ import annotations

import yaml
from yaml.reader import ReaderError

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say


def syntax(error: yaml.YAMLError, file: str, content: bytes) -> Diagnostic:
    """QG102 or QG103: the parser could not go on."""
    row, column = _where(error, content)
    place = Place(file, row + 1, column + 1, row + 1, column + 2)
    lines = content.decode().split("\n")
    line = lines[row] if row < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return tab(file, place.line, indent.index("\t") + 1)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    return Diagnostic(
        "QG102",
        say("This is not valid YAML: {problem}.", problem=problem),
        place=place,
        hint=say("Look at this line and the one above: a missing colon, quote or space is the usual cause."),
    )


def _where(error: yaml.YAMLError, content: bytes) -> tuple[int, int]:
    """Line and column, from 0."""
    if isinstance(error, ReaderError):
        before = content[: error.position].decode(errors="ignore")
        return before.count("\n"), len(before) - before.rfind("\n") - 1
    mark = getattr(error, "problem_mark", None)
    return (mark.line, mark.column) if mark else (0, 0)


def tab(file: str, line: int, column: int) -> Diagnostic:
    return Diagnostic(
        "QG103",
        say("A tab is used to indent this line."),
        place=Place(file, line, column, line, column + 1),
        hint=say("Indent with spaces, two a level; YAML does not allow tabs there."),
    )


def not_utf8(file: str, line: int) -> Diagnostic:
    return Diagnostic(
        "QG101",
        say("The file is not UTF-8 text."),
        place=Place(file, line, 1, line, 1),
        hint=say("Save it again with the encoding UTF-8."),
    )


def too_large(file: str, size: int, most: int) -> Diagnostic:
    return Diagnostic(
        "QG104",
        say("The file has {size} bytes; {most} is the most.", size=size, most=most),
        place=Place(file),
        hint=say("Split it: one file a group, and templates for what groups share."),
    )


def too_deep(place: Place, most: int) -> Diagnostic:
    return Diagnostic(
        "QG105",
        say("Lists and mappings are nested more than {most} deep here.", most=most),
        place=place,
        hint=say("No key of a workspace needs that: look for an unclosed bracket."),
    )


def empty(file: str) -> Diagnostic:
    return Diagnostic(
        "QG106",
        say("The file is empty."),
        place=Place(file),
        hint=say("Delete it, or write a document that begins with `kind:`."),
    )


def several_documents(place: Place) -> Diagnostic:
    return Diagnostic(
        "QG107",
        say("A second document begins here; a file holds one."),
        place=place,
        hint=say("Move what follows `---` into a file of its own."),
    )


def duplicate_key(key: str, place: Place, first_line: int) -> Diagnostic:
    return Diagnostic(
        "QG108",
        say("The key `{key}` stands here a second time; it was set on line {line}.", key=key, line=first_line),
        place=place,
        hint=say("Keep one of the two."),
    )


def key_not_text(key: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG109",
        say("The key `{key}` is not a text.", key=key),
        place=place,
        hint=say("Put it in quotes if it is meant as a name."),
    )


def merge_key(place: Place) -> Diagnostic:
    return Diagnostic(
        "QG110",
        say("Merge keys (`<<`) are not supported."),
        place=place,
        hint=say("Put what groups share into a template and name it under `extends:`."),
    )


def tagged(tag: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG111",
        say("The tag `{tag}` is not allowed.", tag=tag),
        place=place,
        hint=say("Write the plain value, in quotes if it has to stay a text."),
    )


def ambiguous_number(text: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG112",
        say("`{text}` is not a number that every reader of YAML takes for the same.", text=text),
        place=place,
        hint=say("Write a number without leading zeros and exponent; put anything else in quotes."),
    )


def unknown_alias(name: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG113",
        say("The alias `*{name}` refers to itself or to nothing above it.", name=name),
        place=place,
        hint=say("Define `&{name}` before it, outside of what it names.", name=name),
    )


def alias_bomb(place: Place, most: int) -> Diagnostic:
    return Diagnostic(
        "QG114",
        say("The aliases of this file stand for more than {most} values.", most=most),
        place=place,
        hint=say("Use a template instead of aliases."),
    )
