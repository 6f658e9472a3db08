"""What YAML says of a bot where none is named: it is checked and can be tested, and nobody carries it out.

That is told, lest it seem to be done.
"""

from __future__ import annotations

from collections.abc import Iterator

from qqgroup_provision.addresses import matches_any
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.model import Group


def notes(group: Group, targets: tuple[str, ...]) -> Iterator[Diagnostic]:
    """QG541: one note for a group whose YAML says what its bot is to do."""
    if group.behavior is None or group.bot is not None:
        return
    count = sum(matches_any(address, targets) for address in group.behavior.items())
    if count:
        yield Diagnostic(
            "QG541",
            say("No bot is named that would carry out what is said of one here: {count} items.", count=count),
            subject=group.key,
            hint=say(
                "Name one under `bots:` in workspace.yaml. To try it out: qqgroup test {group}", group=group.key
            ),
            severity=Severity.NOTE,
        )
