"""What an import says beside the files it writes."""

from __future__ import annotations

from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say


def left_out(group: str, what: Text, reason: Text) -> Diagnostic:
    """Something live that YAML cannot hold: it stays as it is in QQ, and is not managed."""
    return Diagnostic(
        "QG162",
        say("Left out: {what}: {reason}.", what=what, reason=reason),
        subject=group,
        hint=say("It is not managed. If state holds it, the next plan deletes it, unless you import with --state."),
        severity=Severity.WARNING,
    )


def shared_stays(group: str, what: str) -> Diagnostic:
    """Something gone that a template still asks for."""
    return Diagnostic(
        "QG163",
        say("`{what}` is not in the group, and a template asks for it.", what=what),
        subject=group,
        hint=say("Take it out of the template, or the group out of those that extend it."),
        severity=Severity.WARNING,
    )


def cannot_change(file: str) -> Diagnostic:
    """A file that cannot be changed without touching what is not to be touched."""
    return Diagnostic(
        "QG164",
        say("The file is laid out in a way that cannot be changed safely; it is left as it is."),
        place=Place(file),
        hint=say("Look for anchors, aliases and keys marked with `?`, and write them out."),
    )
