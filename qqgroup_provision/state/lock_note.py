"""Who holds a lock: told to whoever finds it taken, so that they know whether to wait or whom to ask."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import LockHeld
from qqgroup_provision.messages import say
from qqgroup_provision.state.lock import holder

_LONGEST = 200  # characters of anything that the environment or a store says


@dataclass(frozen=True, slots=True)
class LockNote:
    """One holding of a lock. `id` is its own; `who` is user and host; times are UTC, ISO 8601, to the second.

    `log` is where a CI shows the run, and `alive` when the holder last gave a sign of life; both may be empty.
    What a store does not tell is `?`.
    """

    id: str
    who: str = "?"
    pid: str = "?"
    operation: str = "?"
    created: str = "?"
    log: str = ""
    alive: str = ""


def new_note(operation: str, environment: Mapping[str, str] = os.environ) -> LockNote:
    """The note of this process."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return LockNote(str(uuid.uuid4()), holder(), str(os.getpid()), operation, now, log_of(environment), now)


def dump_note(note: LockNote) -> dict[str, str]:
    return {key: value for key, value in asdict(note).items() if value}


def read_note(written: Any) -> LockNote:
    """The opposite of `dump_note`. Anything else is a holder of whom nothing is known."""
    if not isinstance(written, dict):
        return LockNote("?")
    known = {field.name: written[field.name] for field in fields(LockNote) if field.name in written}
    return LockNote(**{"id": "?", **{key: str(value)[:_LONGEST] for key, value in known.items()}})


def held(note: LockNote, place: str) -> LockHeld:
    """What the second is told."""
    said = say(
        "{who}, process {pid}, {operation} since {created}",
        who=note.who,
        pid=note.pid,
        operation=note.operation,
        created=note.created,
    )
    parts = [said, say("lock {id}", id=note.id)]
    if note.alive:
        parts.append(say("last sign of life {alive}", alive=note.alive))
    if note.log:
        parts.append(say("log {log}", log=note.log))
    return LockHeld(
        Diagnostic(
            "QG721",
            say("Another run holds the lock: {holder}.", holder="; ".join(map(str, parts))),
            subject=place,
            hint=say(
                "Wait for it to end, or add --lock-timeout. If it is dead for certain: qqgroup state unlock {id}",
                id=note.id,
            ),
        )
    )


def log_of(environment: Mapping[str, str]) -> str:
    """Where the log of this run is, as a CI tells it: GitHub and Gitea, GitLab, others by a common variable."""
    parts = [environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if all(parts):
        return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}"[:_LONGEST]
    return first_of(environment, "CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "DRONE_BUILD_LINK")


def first_of(environment: Mapping[str, str], *names: str) -> str:
    """The first of these variables that says something, cut to a length that fits a record."""
    return next((environment[name][:_LONGEST] for name in names if environment.get(name)), "")
