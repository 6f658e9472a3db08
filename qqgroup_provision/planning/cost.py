"""How long a plan's writes take at the pace its accounts are allowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.operation import Pace
from qqgroup_provision.workspace.model import Workspace


def seconds_of(changes: Iterable[Change], workspace: Workspace) -> float:
    """Seconds until the slowest account is done. Accounts run side by side; one account's writes do not."""
    spent: dict[str, float] = defaultdict(float)
    for change in changes:
        group = workspace.groups.get(change.address.group)
        if group is None:
            continue
        pace = workspace.accounts[group.account].pace
        for operation in change.operations:
            longest = {Pace.ANNOUNCEMENT: pace.announcement, Pace.FILE: pace.file, Pace.FREE: 0.0}
            spent[group.account] += longest.get(operation.pace, pace.write)
    return round(max(spent.values(), default=0.0), 3)
