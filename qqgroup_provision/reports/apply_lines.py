"""What an apply did, a line at a time, for terminals and for logs."""

from __future__ import annotations

from collections.abc import Iterable

from qqgroup_provision.applying.outcome import CODES, Outcome, Result
from qqgroup_provision.applying.settle import Settled, Settlement
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import Text, say
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.resources.change import Action

_WORDS = {
    Result.DONE: say("done"),
    Result.UNVERIFIED: say("not verified"),
    Result.NOT_APPLIED: say("NOT APPLIED"),
    Result.REFUSED: say("REFUSED"),
    Result.UNSUPPORTED: say("the implementation cannot do it"),
    Result.LOST: say("answer lost"),
    Result.LIMITED: say("REFUSED, QQ limits the account"),
    Result.OFFLINE: say("REFUSED, the account is offline"),
    Result.STOPPED: say("not begun"),
    Result.SKIPPED: say("not begun"),
    Result.BY_HAND: say("by hand"),
}
_STYLES = {Result.DONE: "create", Result.BY_HAND: "manual", Result.UNVERIFIED: "warning"}
_SETTLED = {
    Settlement.DONE: say("It was done."),
    Settlement.NOT_DONE: say("It was not done."),
    Settlement.UNCLEAR: say("Whether it was done cannot be told: look at it in QQ."),
}


def outcome_line(outcome: Outcome, paint: Paint) -> str:
    """One change and how it ended."""
    change = outcome.change
    word = paint(_STYLES.get(outcome.result, "error"), str(_WORDS[outcome.result]))
    line = f"  {change.action.glyph:>3} {printable(change.address)}  {word}"
    if outcome.reason is not None and outcome.result is not Result.DONE:
        line += f": {printable(outcome.reason)}"
    return line


def settled_line(settled: Settled) -> str:
    """A step that an earlier run left open, and what became of it."""
    said = say(
        "An earlier run was cut off at: {address}: {operation}. {settlement}",
        address=settled.address,
        operation=settled.operation.describe(),
        settlement=_SETTLED[settled.settlement],
    )
    return printable(said)


def failures(outcomes: Iterable[Outcome]) -> list[Diagnostic]:
    """A diagnostic for each change that was not seen to be carried out."""
    return [
        Diagnostic(
            CODES[outcome.result],
            say(
                "{word}: {reason}",
                word=_WORDS[outcome.result],
                reason=outcome.reason or say("no reason given"),
            ),
            place=outcome.change.place,
            subject=str(outcome.change.address),
        )
        for outcome in outcomes
        if outcome.result.failed
    ]


def closing_line(outcomes: Iterable[Outcome], seconds: float) -> Text:
    """What the apply comes to."""
    outcomes = tuple(outcomes)
    done = [o for o in outcomes if o.result is Result.DONE]
    return say(
        "Applied: {done} of {all} changes in {seconds} seconds, {failed} not; {adopted} adopted, {manual} by hand.",
        done=sum(o.change.action is not Action.ADOPT for o in done),
        all=sum(o.change.action not in (Action.ADOPT, Action.MANUAL) for o in outcomes),
        failed=sum(o.result.failed for o in outcomes),
        adopted=sum(o.change.action is Action.ADOPT for o in done),
        manual=sum(o.result is Result.BY_HAND for o in outcomes),
        seconds=round(seconds, 1),
    )
