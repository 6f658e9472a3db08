"""What a clock says of announcements: which are to be up at a moment, and when the next one is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from qqgroup_provision.addresses import Address, matches_any
from qqgroup_provision.planning.plan import Opening
from qqgroup_provision.workspace.model import Announcement, Group


def at(group: Group, now: datetime | None) -> Group:
    """The group with every announcement judged at that moment. Raises ValueError where one has a window and
    nobody says what time it is."""
    if not group.announcements or all(item.window is None for item in group.announcements):
        return group
    return replace(group, announcements=tuple(_judged(item, now) for item in group.announcements))


def _judged(item: Announcement, now: datetime | None) -> Announcement:
    if item.window is None:
        return item
    if now is None:
        raise ValueError(f"what time is it? {item.key} has a window")
    return replace(item, due=item.window.holds(now))


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
