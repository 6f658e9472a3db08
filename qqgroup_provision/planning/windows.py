"""What a clock says of groups: which announcements are to be up, when the next one is due, and what curfew does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.planning.plan import Opening
from qqgroup_provision.workspace.model import Announcement, Group

_AFTERWARDS = timedelta(minutes=10)  # in which a bot lets people speak again after a curfew


def at(group: Group, now: datetime | None) -> Group:
    """The group with every announcement judged at that moment, and its curfew. Raises ValueError where something has
    its time and nobody says what time it is."""
    if group.behavior is not None and group.behavior.curfew:
        group = replace(group, curfew_now=_is_curfew(group, now))
    if not group.announcements or all(item.window is None for item in group.announcements):
        return group
    return replace(group, announcements=tuple(_judged(item, now) for item in group.announcements))


def _judged(item: Announcement, now: datetime | None) -> Announcement:
    if item.window is None:
        return item
    if now is None:
        raise ValueError(f"what time is it? {item.key} has a window")
    return replace(item, due=item.window.holds(now))


def _is_curfew(group: Group, now: datetime | None) -> bool:
    if now is None:
        raise ValueError(f"what time is it? {group.key} has a curfew")
    if group.behavior is None:
        return False
    moments, zone = (now, now - _AFTERWARDS), group.behavior.zone
    return any(window.night.holding(moment, zone) for window in group.behavior.curfew for moment in moments)


def untimely(group: Group, now: datetime | None) -> Iterator[Diagnostic]:
    """QG352: times of which nobody can say now whether they come. Nothing is done then, and a plan tells of it."""
    behavior = group.behavior
    if now is not None and behavior is not None and (behavior.schedules or behavior.curfew):
        from qqgroup_provision.behavior.time_checks import timely

        yield from (replace(found, severity=Severity.WARNING) for found in timely(behavior, now))


def next_opening(groups: Iterable[Group], now: datetime | None, targets: tuple[str, ...]) -> Opening | None:
    """The first announcement among the targets whose time is still to come."""
    found: list[tuple[datetime, Address]] = []
    for group in groups:
        for item in group.announcements or ():
            address = Address(group.key, "announcement", item.key)
            opens = item.window.opens if item.window else None
            if opens is not None and now is not None and now < opens and matches_any(address, targets):
                found.append((opens, address))
    if not found:
        return None
    opens, address = min(found)
    return Opening(address, opens.isoformat(sep=" ", timespec="minutes"))
