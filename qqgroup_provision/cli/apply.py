"""`qqgroup apply`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from qqgroup_provision.cli.plan import allow_option, show_plan, targets_option
from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.store import lock_timeout_option
from qqgroup_provision.cli.terminal import show_diagnostics, use_color
from qqgroup_provision.cli.until import Until, moment_of, stopped_at
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import Incomplete, InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.planning.allowance import Allowance
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.workspace.model import Workspace

if TYPE_CHECKING:
    from qqgroup_provision.applying.apply import Applied


@click.command(help=str(say("Plan, ask, and carry the plan out; or carry out a saved plan, and nothing else.")))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@targets_option
@allow_option
@lock_timeout_option
@click.option(
    "--require-signature",
    is_flag=True,
    help=str(say("Refuse a saved plan that was not signed with the key in QQGROUP_PLAN_KEY.")),
)
@click.option(
    "--until",
    type=Until(),
    metavar="TIME",
    help=str(say("Begin nothing more at that time, such as 22:00; another apply goes on from there.")),
)
@click.option(
    "--resume",
    "resumed",
    multiple=True,
    metavar="ACCOUNT",
    help=str(say("Send by this account although it rests since QQ limits it. May be given again.")),
)
@click.option("--auto-approve", is_flag=True, help=str(say("Do not ask.")))
@click.option("--json", "as_json", is_flag=True, help=str(say("Write one JSON object a line.")))
@click.pass_obj
def command(
    settings: Settings,
    file: Path | None,
    targets: tuple[str, ...],
    allowed: tuple[Allowance, ...],
    patience: float,
    require_signature: bool,
    until: str | None,
    resumed: tuple[str, ...],
    auto_approve: bool,
    as_json: bool,
) -> None:
    from qqgroup_provision.cli.notify import telling
    from qqgroup_provision.cli.plan_files import load_plan
    from qqgroup_provision.workspace.load import load_workspace

    loaded = load_workspace(settings.folder)
    workspace = loaded.required()
    if len(loaded.diagnostics):
        show_diagnostics(loaded.diagnostics, settings.folder, color=settings.color)
    for account in resumed:
        if account not in workspace.accounts:
            problem = say("--resume names no account of workspace.yaml: {account}.", account=account)
            raise click.UsageError(str(problem))
    if file is not None and targets:
        raise click.UsageError(str(say("A saved plan is carried out as it is: --target goes with `qqgroup plan`.")))
    if file is not None and allowed:
        raise click.UsageError(str(say("A saved plan is carried out as it is: --allow goes with `qqgroup plan`.")))
    if file is None and require_signature:
        raise click.UsageError(str(say("--require-signature goes with a saved plan.")))
    saved = load_plan(file, require_signature=require_signature) if file is not None else None
    ends = moment_of(until, workspace.zone, datetime.now(UTC)) if until is not None else None
    ask = saved is None and not auto_approve
    if ask and not sys.stdin.isatty():
        raise InvalidInput(
            Diagnostic(
                "QG611",
                say("There is no terminal to ask on."),
                hint=say(
                    "Add --auto-approve, or apply a plan that `qqgroup plan --out` saved and somebody reviewed."
                ),
            )
        )
    run = _Run(settings, saved, targets, allowed, resumed, patience, ends, ask, as_json)
    try:
        with telling(workspace, "apply", settings) as told:
            asyncio.run(run.apply(workspace, told))
    except asyncio.CancelledError:  # by the second Ctrl-C
        raise click.Abort from None


class _Run:
    """One apply as the terminal sees it."""

    def __init__(
        self,
        settings: Settings,
        saved: Plan | None,
        targets: tuple[str, ...],
        allowed: tuple[Allowance, ...],
        resumed: tuple[str, ...],
        patience: float,
        ends: datetime | None,
        ask: bool,
        as_json: bool,
    ) -> None:
        from qqgroup_provision.cli.apply_display import JsonDisplay, display_for

        self._settings = settings
        self._saved = saved
        self._targets = targets
        self._allowed = allowed
        self._resumed = resumed
        self._patience = patience
        self._ends = ends
        self._ask = ask
        color = use_color(settings.color, sys.stdout)
        self._display = JsonDisplay() if as_json else display_for(sys.stdout, color)

    async def apply(self, workspace: Workspace, told: Callable[[Applied], None]) -> None:
        from qqgroup_provision.applying.apply import Applying, apply
        from qqgroup_provision.applying.execute import Progress
        from qqgroup_provision.applying.preview import accounts_needed
        from qqgroup_provision.cli.origin import origin
        from qqgroup_provision.cli.store import locked, store_of
        from qqgroup_provision.platforms.sessions import open_sessions
        from qqgroup_provision.reports.apply_lines import failures

        store = store_of(workspace)
        # What an earlier run left open may concern any account.
        targets = () if store.read_journal() else self._saved.targets if self._saved else self._targets
        display = self._display
        progress = Progress(display.started, display.sent, display.finished)
        signals = ExitStack()

        def carrying_out(plan: Plan) -> None:
            # Before this nothing is written, and Ctrl-C may end the run where it is.
            signals.enter_context(_stop_on_signals(progress.stopping, display.stopping))
            if self._ends is not None:
                now = datetime.now(UTC)
                signals.enter_context(stopped_at(self._ends, now, progress.stopping, display.late))
            display.planned(plan)

        how = Applying(
            run=origin(workspace.root, os.environ),
            approve=self._approve if self._ask else None,
            saved=self._saved,
            targets=self._targets,
            allowed=self._allowed,
            resumed=self._resumed,
            progress=progress,
            on_settled=display.settled,
            on_plan=carrying_out,
        )
        started = time.monotonic()
        with locked(store, "apply", self._patience), signals:
            async with open_sessions(workspace, accounts_needed(workspace, targets), os.environ) as sessions:
                with display:
                    applied = await apply(sessions, store, how)
        display.closed(applied, time.monotonic() - started)
        told(applied)
        if applied.failures:
            raise Incomplete(failures(applied.outcomes))

    async def _approve(self, plan: Plan) -> bool:
        """Show the plan and ask. Only a whole `yes` counts: it may be thousands who see what follows."""
        show_plan(plan, self._settings)
        question = str(say("\nCarry this out? Only `yes` will do"))
        # In this thread, and with Python's own handler: of asyncio's, the question would not notice a Ctrl-C.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            answer = click.prompt(question, default="", show_default=False)
        finally:
            signal.signal(signal.SIGINT, before)
        return str(answer).strip() == "yes"


class _stop_on_signals:  # noqa: N801  (used as a `with` statement, like a function)
    """The first Ctrl-C or SIGTERM lets the step at hand end; the second does not; a third is the system's."""

    def __init__(self, stopping: asyncio.Event, tell: Callable[[], None]) -> None:
        self._stopping = stopping
        self._tell = tell

    def __enter__(self) -> None:
        if os.name == "nt":
            return
        loop = asyncio.get_running_loop()
        run = cast("asyncio.Task[None]", asyncio.current_task())
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._first, loop, run)

    def __exit__(self, *_: object) -> None:
        if os.name == "nt":
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    def _first(self, loop: asyncio.AbstractEventLoop, run: asyncio.Task[None]) -> None:
        self._stopping.set()
        self._tell()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._second, loop, run)

    def _second(self, loop: asyncio.AbstractEventLoop, run: asyncio.Task[None]) -> None:
        run.cancel()  # what was sent stays in the journal, and the next run looks what became of it
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
