"""Who runs an apply, from which commit, and where its log is: for the records."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from qqgroup_provision.state.history import Run
from qqgroup_provision.state.lock import holder
from qqgroup_provision.state.lock_note import first_of, log_of


def origin(root: Path, environment: Mapping[str, str]) -> Run:
    """Of a CI what it says of itself, else user, host and git. What cannot be found out is empty."""
    who = first_of(environment, "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CI_COMMIT_AUTHOR") or holder()
    commit = first_of(environment, "GITHUB_SHA", "CI_COMMIT_SHA") or _git(root)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Run(who=who, at=at, commit=commit, log=log_of(environment))


def _git(root: Path) -> str:
    """The commit, with a plus where the workspace has changes that are not in it."""
    # A monitor that somebody's settings name is not started for the sake of a record.
    git = ["git", "-c", "core.fsmonitor=false", "-C", str(root)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, timeout=5, check=True).stdout
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "."], capture_output=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit.decode("ascii", "replace").strip()[:40] + ("+" if changed.stdout else "")
