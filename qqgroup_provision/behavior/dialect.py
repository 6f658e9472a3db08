"""Regular expressions as they are written in YAML: RE2's, which no message can make slow.

Expressions are matched against texts in their normal form, so what stands in one literally is brought into it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qqgroup_provision.behavior.normal import char_form, is_han
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say

# One thing at a time: an escape, the head of a group, a single character; in a set also a range and a named class.
_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\[pPx](?:\{[^}]*\}|.)|\\Q.*?(?:\\E|\Z)|\\."
_OUTSIDE = re.compile(rf"{_ESCAPE}|\(\?P?<[^>=!]*>|\(\?P=\w*\)|\(\?<?[=!]|\(\?[^)]|(?P<opens>\[\^?\]?)|.", re.DOTALL)
_INSIDE = re.compile(rf"{_ESCAPE}|\[:\^?\w+:\]|(?P<closes>\])|[^\\\[\]]-[^\\\]]|.", re.DOTALL)
_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")


def parts(written: str) -> Iterator[re.Match[str]]:
    """An expression taken apart as far as is needed here."""
    at, kind = 0, _OUTSIDE
    while found := kind.match(written, at):
        at = found.end()
        yield found
        if found.groupdict().get("opens") or found.groupdict().get("closes"):
            kind = _INSIDE if kind is _OUTSIDE else _OUTSIDE


def folded(written: str) -> str:
    """The expression for texts in their normal form: full-width and traditional characters as those become.

    Escapes, heads of groups and ranges of sets stay as they are.
    """
    return "".join(_folded(part[0]) for part in parts(written))


def _folded(part: str) -> str:
    if len(part) != 1 or part.isascii():
        return part
    form = char_form(part)
    return re.escape(form) if len(form) == 1 and form.isascii() else form


def faults(written: str, place: Place) -> Iterator[Diagnostic]:
    """What RE2 does not take (QG331), and what it takes for something else than people expect (QG332)."""
    refused = list(_refused(written, place))
    yield from refused
    if not refused:
        problem = _problem(written)
        if problem is not None:
            yield _error(problem, place, say("Expressions are written as RE2 understands them."))
            return
        yield from _misread(written, place)


def _refused(written: str, place: Place) -> Iterator[Diagnostic]:
    """What other dialects have and RE2 has not, with what to write instead."""
    for part in parts(written):
        at = within(place, written, *part.span())
        if part[0] in _LOOKS:
            yield _error(
                say("`{part}` looks around, which RE2 cannot.", part=part[0]),
                at,
                say("Say it with conditions: `all`, and `not` for what must not be there."),
            )
        elif re.fullmatch(r"\\[1-9]|\(\?P=\w*\)", part[0]):
            yield _error(
                say("`{part}` refers back to a group, which RE2 cannot.", part=part[0]),
                at,
                say("Write out what is to come again."),
            )
        elif part[0].startswith("\\u"):
            char = chr(int(part[0].removeprefix("\\u"), 16)) if len(part[0]) == 6 else ""
            yield _error(
                say("RE2 does not know `{part}`.", part=part[0]),
                at,
                say(
                    "Write the character itself, {char}, or `{escape}`.",
                    char=char,
                    escape=f"\\x{{{part[0][2:]}}}",
                )
                if char and not 0xD800 <= ord(char) < 0xE000
                else None,
            )


def _problem(written: str) -> Text | None:
    """Why RE2 does not take an expression, or why nobody can want it."""
    import re2  # type: ignore[import-untyped]

    try:
        compiled = re2.compile(folded(written), options())
    except re2.error as error:
        reason = error.args[0] if error.args else b""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        return say("RE2 does not take the expression: {reason}.", reason=said)
    if compiled.search("") is not None:
        return say("The expression matches the empty text, and so every message.")
    return None


def _misread(written: str, place: Place) -> Iterator[Diagnostic]:
    chinese = any(is_han(char) for char in written)
    for part in parts(written):
        at = within(place, written, *part.span())
        if part[0] in ("\\b", "\\B") and chinese:
            yield _warning(
                say("`{part}` knows the borders of ASCII words alone: there is none between Chinese characters.",
                    part=part[0]),
                at,
                say("Leave it out, or use `whole_word`."),
            )  # fmt: skip
        elif part[0] in ("\\w", "\\W") and chinese:
            yield _warning(
                say("`{part}` knows ASCII letters alone, no Chinese characters.", part=part[0]),
                at,
                say("Write {instead} for both.", instead=r"`[\w\p{Han}]`"),
            )
        elif part[0] in ("一-龥", "一-龟", "一-鿿"):
            yield _warning(
                say("`{part}` leaves out 〇 and rarer characters.", part=part[0]),
                at,
                say("Write {instead}.", instead=r"`\p{Han}`"),
            )
        elif part[0] == " " and _beside_han(written, part.start()):
            yield _warning(
                say("A blank beside a Chinese character is never there: it is taken out of messages before."),
                at,
                say("Leave it out."),
            )


def _beside_han(written: str, at: int) -> bool:
    return any(is_han(char) for char in (written[at - 1 : at] + written[at + 1 : at + 2]))


def within(place: Place, written: str, start: int, end: int) -> Place:
    """The place of a part of a text, where it stands in the file as it is; that of the whole text elsewhere."""
    before = (place.end_column - place.column - len(written)) / 2  # the quotes
    if place.line != place.end_line or before not in (0, 1):
        return place
    column = place.column + int(before)
    return place._replace(column=column + start, end_column=column + end)


def options() -> object:
    """How expressions are compiled everywhere: capitals do not count, a dot is no line end."""
    import re2

    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = 64 << 20
    return chosen


def _error(summary: Text, place: Place, hint: Text | None) -> Diagnostic:
    return Diagnostic("QG331", summary, place=place, hint=hint)


def _warning(summary: Text, place: Place, hint: Text) -> Diagnostic:
    return Diagnostic("QG332", summary, place=place, hint=hint, severity=Severity.WARNING)
