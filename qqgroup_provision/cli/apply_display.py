"""How an apply is shown while it runs: a moving line on a terminal, plain lines in a log, JSON for machines."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any

import click

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.apply import Applied
from qqgroup_provision.applying.outcome import Outcome
from qqgroup_provision.applying.settle import Settled
from qqgroup_provision.messages import say
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.reports.apply_lines import closing_line, outcome_line, settled_line
from qqgroup_provision.reports.paint import Paint
from qqgroup_provision.reports.printable import printable
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.operation import Operation

_MIB = 1 << 20
_PATIENCE = 5.0  # seconds between two lines about one upload
_LATE = say("The time is up: stopping after the step at hand. What is left waits for the next apply.")
_STOPPING = say("Stopping after the step at hand. Once more to stop at once.")


class LineDisplay:
    """One line an outcome. For logs, and for every terminal that cannot be drawn on."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._told: dict[Address, float] = {}  # when something was last told of a change that goes on

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def settled(self, settled: tuple[Settled, ...]) -> None:
        for item in settled:
            self.line(settled_line(item))

    def planned(self, plan: Plan) -> None:
        pass

    def started(self, change: Change, operation: Operation) -> None:
        self._told[change.address] = time.monotonic()

    def sent(self, change: Change, done: int, size: int) -> None:
        """So many bytes of a file are there, of so many. Called after every part."""
        if self._due(change):
            self.line(_upload(change, done, size))

    def _due(self, change: Change) -> bool:
        now = time.monotonic()
        if now - self._told[change.address] < _PATIENCE:
            return False
        self._told[change.address] = now
        return True

    def finished(self, outcome: Outcome) -> None:
        self.line(outcome_line(outcome, self._paint))

    def stopping(self) -> None:
        """Tell that a first Ctrl-C was heard."""
        click.echo(str(_STOPPING), err=True)

    def late(self) -> None:
        """Tell that the time of `--until` has come."""
        click.echo(str(_LATE), err=True)

    def closed(self, applied: Applied, seconds: float) -> None:
        if not applied.approved:
            self.line(str(say("Nothing was changed.")))
        elif not applied.plan.changes:
            self.line(str(say("No changes. The groups are as the YAML says ({count} resources).",
                              count=applied.plan.unchanged)))  # fmt: skip
        else:
            self.line(self._paint("bold", str(closing_line(applied.outcomes, seconds))))

    def line(self, text: str) -> None:
        click.echo(text, color=True)


class ProgressDisplay(LineDisplay):
    """Lines that scroll by, and below them what is being done, how far it is, and since when."""

    def __init__(self, paint: Paint) -> None:
        super().__init__(paint)
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        columns = (
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
        )
        console = Console(highlight=False, no_color=not paint.color)
        self._progress = Progress(*columns, console=console, transient=True)
        self._task: Any = None

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def planned(self, plan: Plan) -> None:
        self._task = self._progress.add_task("", total=len(plan.changes))
        self._progress.start()

    def started(self, change: Change, operation: Operation) -> None:
        self._progress.update(self._task, description=printable(f"{change.address}: {operation.describe()}"))

    def sent(self, change: Change, done: int, size: int) -> None:
        self._progress.update(self._task, description=_upload(change, done, size))

    def finished(self, outcome: Outcome) -> None:
        super().finished(outcome)
        self._progress.advance(self._task)

    def stopping(self) -> None:
        self.line(str(_STOPPING))

    def late(self) -> None:
        self.line(str(_LATE))

    def line(self, text: str) -> None:
        if self._progress.live.is_started:
            from rich.text import Text

            self._progress.console.print(Text.from_ansi(text), soft_wrap=True)
        else:
            super().line(text)


class JsonDisplay(LineDisplay):
    """One JSON object a line, with the names of Terraform's streamed output where it has them."""

    def __init__(self) -> None:
        super().__init__(Paint(False))
        self._write("version", say("qqgroup"), ui="1.2")

    def settled(self, settled: tuple[Settled, ...]) -> None:
        for item in settled:
            self._write("settled", settled_line(item), address=str(item.address), settlement=item.settlement.value)

    def planned(self, plan: Plan) -> None:
        for change in plan.changes:
            self._write("planned_change", change.address, change=_hook(change))

    def started(self, change: Change, operation: Operation) -> None:
        super().started(change, operation)
        self._write("apply_start", operation.describe(), hook=_hook(change))

    def sent(self, change: Change, done: int, size: int) -> None:
        if self._due(change):
            self._write("apply_progress", _upload(change, done, size), hook=_hook(change), sent=done, size=size)

    def finished(self, outcome: Outcome) -> None:
        hook = {**_hook(outcome.change), "elapsed_seconds": round(outcome.seconds, 3)}
        kind = "apply_errored" if outcome.result.failed else "apply_complete"
        self._write(kind, outcome.reason or "", hook=hook, result=outcome.result.value)

    def closed(self, applied: Applied, seconds: float) -> None:
        outcomes = applied.outcomes
        self._write(
            "change_summary",
            closing_line(outcomes, seconds),
            changes={"total": len(outcomes), "failed": len(applied.failures), "operation": "apply"},
            approved=applied.approved,
        )

    def _write(self, kind: str, message: object, **more: Any) -> None:
        record = {
            "@level": "error" if kind == "apply_errored" else "info",
            "@message": str(message),
            "@module": "qqgroup.ui",
            "@timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "type": kind,
            **more,
        }
        click.echo(json.dumps(record, ensure_ascii=False, sort_keys=True))


def _upload(change: Change, done: int, size: int) -> str:
    percent = 100 * done // max(size, 1)
    words = say("{address}: {done} of {size} MiB sent ({percent} %)", address=str(change.address),
                done=f"{done / _MIB:.1f}", size=f"{size / _MIB:.1f}", percent=percent)  # fmt: skip
    return printable(words)


def _hook(change: Change) -> dict[str, Any]:
    address = change.address
    resource = {
        "addr": str(address),
        "resource_type": address.kind,
        "resource_name": address.key or address.group,
    }
    return {"resource": resource, "action": change.action.word}


def display_for(stream: IO[str], color: bool) -> LineDisplay:
    """The display that suits where the output goes."""
    paint = Paint(color)
    return ProgressDisplay(paint) if stream.isatty() else LineDisplay(paint)
