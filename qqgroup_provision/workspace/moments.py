"""Dates with times as YAML writes them, and the time zone of those that name none."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

# China has one time zone and no summer time, so the default needs no database of zones.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def zone(name: str) -> tzinfo | None:
    """The time zone of that name; `None` where nobody knows it."""
    if name == "Asia/Shanghai":
        return CHINA
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the latter for a name that is a folder or leads away
        return None


def moment(written: str, default: tzinfo) -> datetime | None:
    """What `2026-12-01T09:00` means; `None` where the calendar or the clock has no such time."""
    try:
        found = datetime.fromisoformat(written)
        found = found if found.tzinfo is not None else found.replace(tzinfo=default)
        found.utctimetuple()  # the first and last days there are cannot be moved to another zone
        return found
    except (ValueError, OverflowError):
        return None
