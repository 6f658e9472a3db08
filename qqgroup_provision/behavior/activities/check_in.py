"""Checking in: once a day, within a part of it, and days in a row are counted. Days are those of the group's zone.

Of each member the last runs of days are remembered, each by its first and its last day. A window over midnight
belongs to the day on which it opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from qqgroup_provision.behavior.activities.model import CheckIn
from qqgroup_provision.behavior.activities.saying import after
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.event import Message

Runs = tuple[tuple[int, int], ...]  # first and last day of each run, as numbers of days, oldest first

_MOST_RUNS = 3  # a day that is made up for may close the gap between two


def with_day(runs: Runs, day: int) -> Runs:
    """The runs with one more day, those that touch made one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted((*runs, (day, day))):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged[-_MOST_RUNS:])


def has_day(runs: Runs, day: int) -> bool:
    return any(first <= day <= last for first, last in runs)


def streak(runs: Runs, day: int) -> int:
    """How many days in a row there are up to this one."""
    return next((day - first + 1 for first, last in runs if first <= day <= last), 0)


def day_of(check: CheckIn, at: datetime) -> int:
    """The day that a moment belongs to, in the zone that is meant."""
    window, day = check.window, at.date()
    if window.closes < window.opens and at.time() < window.closes:
        day -= timedelta(days=1)
    return day.toordinal()


def checked(
    check: CheckIn, message: Message, runs: Runs, made_up: Mapping[int, str], configuration: Configuration
) -> tuple[Runs, Mapping[int, str], str] | None:
    """The runs after a message, what was made up for in each month, and what is told; `None` for no such message."""
    at = message.at.astimezone(configuration.zone)
    today = day_of(check, at)
    if after(check.word, message) == "":
        if not check.window.holds(at):
            return runs, made_up, f"打卡时间是 {check.window.opens:%H:%M}–{check.window.closes:%H:%M}"
        if has_day(runs, today):
            return runs, made_up, f"今天打过了，连续 {streak(runs, today)} 天"
        runs = with_day(runs, today)
        return runs, made_up, f"连续 {streak(runs, today)} 天"
    if check.make_up is None or after(check.make_up.word, message) != "":
        return None
    missed = today - 1
    month = _month(missed)
    used = int(made_up.get(month, "0"))
    if has_day(runs, missed):
        return runs, made_up, "昨天打过了，不用补"
    if used >= check.make_up.per_month:
        return runs, made_up, f"这个月的 {check.make_up.per_month} 次补卡用完了"
    runs = with_day(runs, missed)
    kept = {month: str(used + 1)}  # of other months nothing has to be known
    upto = today if has_day(runs, today) else missed
    return runs, kept, f"已补昨天，连续 {streak(runs, upto)} 天"


def _month(day: int) -> int:
    found = date.fromordinal(day)
    return found.year * 100 + found.month


def runs_of(pairs: tuple[tuple[int, str], ...]) -> Runs:
    """Runs as they are remembered: the first day, and the last one as text."""
    return tuple((first, int(last)) for first, last in pairs)
