"""Rules of the team's own, asked of a plan before anybody may apply it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import Text, listed, say
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.planning.plan_file import plan_document
from qqgroup_provision.workspace.model import Check

_NAMED = 5  # addresses that one check names


def team_checks(plan: Plan, checks: Sequence[Check]) -> Iterator[Diagnostic]:
    """QG537 for each check that finds something, QG538 for one that cannot be asked of this plan."""
    if not checks:
        return
    import jmespath
    from jmespath.exceptions import JMESPathError

    document = plan_document(plan)
    for check in checks:
        try:
            found = jmespath.search(check.deny, document)
        except (JMESPathError, RecursionError, ValueError, TypeError) as error:
            problem = (str(error).splitlines() or [type(error).__name__])[0][:200]
            yield _cannot_be_asked(check, problem)
            continue
        if found not in (None, False, [], {}, ""):
            yield _broken(check, [str(address) for address in _addresses(found)])


def _addresses(found: Any) -> Iterator[Any]:
    """What an expression names: addresses, or changes that have one."""
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict) and "address" in item:
            yield item["address"]
        elif isinstance(item, str):
            yield item


def _broken(check: Check, addresses: Sequence[str]) -> Diagnostic:
    named: Text | str | None = None
    if addresses:
        more = len(addresses) - _NAMED
        shown = listed(addresses[:_NAMED])
        named = say("{addresses} and {count} more", addresses=shown, count=more) if more > 0 else shown
    return Diagnostic(
        "QG537",
        say("The check `{key}` stands against it: {message}", key=check.key, message=check.message),
        say("It concerns {addresses}.", addresses=named) if named is not None else None,
        place=check.place,
        hint=say("Change what is planned, or the check, where its reviewers see it."),
        severity=Severity.WARNING if check.warns else Severity.ERROR,
    )


def _cannot_be_asked(check: Check, problem: str) -> Diagnostic:
    return Diagnostic(
        "QG538",
        say("The check `{key}` cannot be asked of this plan: {problem}", key=check.key, problem=problem),
        place=check.place,
        hint=say("Correct its expression: what nobody could ask is not taken for allowed."),
    )
