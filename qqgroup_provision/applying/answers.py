"""What state holds of answers to join questions: put beside new ones for a plan, and back into what was planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qqgroup_provision.planning.moves import moved
from qqgroup_provision.resources.change import Change
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.answers import KEPT
from qqgroup_provision.workspace.model import Workspace


def answers_sent(state: State, workspace: Workspace) -> dict[str, str]:
    """The digests of the answers that were sent last, by the key a group has in YAML."""
    renamed, _ = moved(state, workspace.groups)
    return {
        address.group: str(entry.applied["answer"])
        for address, entry in renamed.entries.items()
        if address.kind == "join" and "answer" in entry.applied
    }


def with_kept(changes: Iterable[Change], state: State) -> tuple[Change, ...]:
    """The changes with what a plan leaves to state (`KEPT`) as state has it."""
    return tuple(_with_kept(change, state) if KEPT in change.applied.values() else change for change in changes)


def _with_kept(change: Change, state: State) -> Change:
    entry = state.entries.get(change.moved_from or change.address)
    known = entry.applied if entry else {}
    applied = {name: known.get(name, "") if value == KEPT else value for name, value in change.applied.items()}
    return replace(change, applied=applied)
