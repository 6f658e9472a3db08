"""`qqgroup notify`, and the short messages that other commands send. A message that fails changes nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qqgroup_provision.cli.settings import Settings
from qqgroup_provision.cli.terminal import require_extra, show_diagnostics
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.errors import InvalidInput, QQGroupError
from qqgroup_provision.messages import Text, language, say, use_language

if TYPE_CHECKING:
    from qqgroup_provision.reports.notice import Notice
    from qqgroup_provision.workspace.model import Workspace
    from qqgroup_provision.workspace.notifications import Notification

T = TypeVar("T")
_TEST = say("This is a test message of qqgroup.")


@click.group(help=str(say("Send messages to the places in `notifications:` of workspace.yaml.")))
def command() -> None:
    pass


@command.command(name="test", help=str(say("Send a test message, and say whether it was taken.")))
@click.argument("key")
@click.pass_obj
def test(settings: Settings, key: str) -> int:
    from qqgroup_provision.platforms.elsewhere import Message, Sent, send
    from qqgroup_provision.workspace.load import load_workspace
    from qqgroup_provision.workspace.suggest import suggest
    from qqgroup_provision.workspace.tokens import resolve_notification

    workspace = load_workspace(settings.folder).required()
    known = workspace.notifications
    if key not in known:
        hint = suggest(key, known) or say("Add it to `notifications:` in workspace.yaml.")
        raise InvalidInput(
            Diagnostic("QG732", say("There is no notification `{name}` in workspace.yaml.", name=key), hint=hint)
        )
    require_extra("notify", "apprise")
    url = resolve_notification(known[key], workspace.root, os.environ)
    fate = send(url, _in(known[key].language, lambda: Message(str(say("qqgroup: test")), str(_TEST))))
    if not isinstance(fate, Sent):
        raise InvalidInput(_not_sent(key, fate.reason, Severity.ERROR))
    click.echo(str(say("Sent to {key}.", key=key)))
    return 0


@contextmanager
def telling(workspace: Workspace | None, event: str, settings: Settings) -> Iterator[Callable[[Any], None]]:
    """Around a command: what it gives to the function is told when it ends, and so is an error that ends it.

    Nothing is told, nor anything loaded for it, without a workspace or where it names no notifications.
    """
    if workspace is None or not workspace.notifications:
        yield lambda _: None
        return
    from qqgroup_provision.cli.origin import origin
    from qqgroup_provision.reports import notice

    made: Any = {
        "plan": notice.of_plan,
        "apply": lambda applied, run: notice.of_apply(applied.plan, applied.outcomes, run),
        "drift": notice.of_drift,
    }[event]
    given: list[Any] = []
    error: QQGroupError | None = None
    try:
        yield given.append
    except QQGroupError as found:
        error = found
        raise
    finally:
        run = origin(workspace.root, os.environ)
        if given:
            tell(workspace, made(given[0], run), settings)
        elif error is not None:
            tell(workspace, notice.of_failure(event, error, run), settings)


def tell(workspace: Workspace, notice: Notice, settings: Settings) -> None:
    """Send a notice to whoever wants to hear of it. What cannot be sent is a warning (QG730), and never raised."""
    faults = [fault for one in workspace.notifications.values() for fault in _tell(one, workspace, notice)]
    if faults:
        show_diagnostics(faults, settings.folder, color=settings.color)


def _tell(one: Notification, workspace: Workspace, notice: Notice) -> Iterable[Diagnostic]:
    from qqgroup_provision.platforms.elsewhere import Message, Sent, send
    from qqgroup_provision.workspace.tokens import resolve_notification

    mine = notice.within(one.groups)
    if mine is None or not (mine.words & one.on):
        return
    try:
        url = resolve_notification(one, workspace.root, os.environ)
        fate = send(url, _in(one.language, lambda: Message(mine.title(), mine.body())))
    except InvalidInput as error:
        yield _not_sent(one.key, error.diagnostics[0].summary)
    except Exception as error:  # whatever it is, the plan or apply is what counts
        yield _not_sent(one.key, say("it failed: {kind}", kind=type(error).__name__))
    else:
        if not isinstance(fate, Sent):
            yield _not_sent(one.key, fate.reason)


def _in(wished: str, made: Callable[[], T]) -> T:
    """What is made in a language; in the one in use for an empty one."""
    before = language()
    use_language(wished or before)
    try:
        return made()
    finally:
        use_language(before)


def _not_sent(key: str, reason: Text, severity: Severity = Severity.WARNING) -> Diagnostic:
    return Diagnostic(
        "QG730",
        say(
            "Nothing could be sent to `{key}`, or nobody knows whether it arrived: {reason}.", key=key, reason=reason
        ),
        subject=f"notifications/{key}",
        hint=say("Try it with: qqgroup notify test {key}", key=key),
        severity=severity,
    )
