"""`checks:` of workspace.yaml: rules of the team's own, each compiled before anybody plans."""

from __future__ import annotations

from qqgroup_provision.diagnostics import Diagnostic, Diagnostics
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.document import Document
from qqgroup_provision.workspace.model import Check
from qqgroup_provision.workspace.positions import Positions


def read_checks(document: Document, positions: Positions, diagnostics: Diagnostics) -> tuple[Check, ...]:
    """All of them. Two with one key, and an expression that is none (QG326), are faults."""
    written = document.data.get("checks") or ()
    found: dict[str, Check] = {}
    for item in written:
        place = positions.value(item, "key", document.place)
        if item["key"] in found:
            diagnostics.add(
                Diagnostic(
                    "QG327",
                    say("There is a check `{key}` already.", key=item["key"]),
                    place=place,
                    hint=say("Give each check a key of its own."),
                )
            )
            continue
        problem = _problem(item["deny"])
        if problem:
            diagnostics.add(
                Diagnostic(
                    "QG326",
                    say("This is no JMESPath expression: {problem}", problem=problem),
                    place=positions.value(item, "deny", document.place),
                    hint=say(
                        "It is asked of a plan as `qqgroup plan --json` writes it; texts stand in single quotes."
                    ),
                )
            )
        found[item["key"]] = Check(
            item["key"], item["deny"], item["message"], item.get("level", "error") == "warning", place
        )
    return tuple(found.values())


def _problem(expression: str) -> str:
    """What is wrong with an expression, empty if nothing is."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(expression)
    except (JMESPathError, RecursionError, ValueError) as error:
        return (str(error).splitlines() or [type(error).__name__])[0][:200]
    return ""
