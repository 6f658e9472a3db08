"""How long a plan's writes take at the pace its accounts are allowed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.operation import Pace
from qqgroup_provision.workspace.model import Pace as Intervals
from qqgroup_provision.workspace.model import Workspace


def seconds_of(changes: Iterable[Change], workspace: Workspace) -> float:
    """Seconds until the slowest account is done. Accounts run side by side; one account's writes do not.

    What servers take to answer is not in it: nobody knows before.
    """
    kinds: dict[str, dict[str, deque[Pace]]] = defaultdict(lambda: defaultdict(deque))  # by account and group
    for change in changes:
        group = workspace.groups.get(change.address.group)
        if group is not None:
            paces = (operation.pace for operation in change.operations if operation.pace is not Pace.FREE)
            kinds[group.account][group.key].extend(paces)
    spent = (_account(groups.values(), workspace.accounts[key].pace) for key, groups in kinds.items())
    return round(max(spent, default=0.0), 3)


def _account(groups: Iterable[deque[Pace]], pace: Intervals) -> float:
    """Seconds until the last pause of an account ends, whose groups take turns as they do in an apply."""
    intervals = {Pace.WRITE: pace.write, Pace.ANNOUNCEMENT: pace.announcement, Pace.FILE: pace.file}
    free_at = dict.fromkeys(intervals, 0.0)
    over = 0.0
    waiting = deque(group for group in groups if group)
    while waiting:
        group = waiting.popleft()
        kind = group.popleft()
        at = max(free_at[Pace.WRITE], free_at[kind])
        for each in {Pace.WRITE, kind}:
            free_at[each] = at + intervals[each]
        over = at + intervals[Pace.WRITE]
        if group:
            waiting.append(group)
    return over
