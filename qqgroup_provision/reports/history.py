"""Earlier runs, for people: a line for each, and below it what it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qqgroup_provision.messages import say
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.state.history import Record

_SHORT = 10  # characters of a commit
_GOOD = frozenset({"done"})


def render_history(records: Iterable[Record], *, color: bool) -> str:
    """The newest first."""
    paint = Paint(color)
    return "\n".join("".join(f"{line}\n" for line in _lines(record, paint)) for record in reversed(list(records)))


def _lines(record: Record, paint: Paint) -> Iterator[str]:
    run = record.run
    commit = say("commit {commit}", commit=run.commit[:_SHORT] + "+" * run.commit.endswith("+")) if run.commit else ""
    yield paint("bold", "  ".join(printable(part) for part in (run.at, run.who, commit) if part))
    if run.log:
        yield f"    {printable(run.log)}"
    for pattern in run.overrides:
        yield "    " + paint("warning", printable(say("allowed: {pattern}", pattern=pattern)))
    for step in record.steps:
        style = "create" if step.result in _GOOD else "error"
        yield f"    {printable(step.address)}  {printable(step.operation)}  {paint(style, printable(step.result))}"
    if record.taken:
        yield "    " + str(say("only in the state: {count}", count=record.taken))
