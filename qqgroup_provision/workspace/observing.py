"""`statistics` and `inactive` of a composed group, typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.behavior.observing import DAY, Exempt, Inactive, Report, Statistics, Vocabulary
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.phrases import Phrases

_KINDS = ("activity", "leaderboard")  # what a report is about where nothing is said of it
_KEEP_WORDS, _SHORTEST, _WORDS = 30 * DAY, 2, 60
_KEEP, _WARN_BEFORE = 90 * DAY, 7 * DAY
_TOP, _DAYS, _AT_MOST = 10, 7, 20
_REFUSE_ABOVE = "30%"


def statistics(phrases: Phrases) -> Statistics | None:
    """What is counted and told; `None` for nothing."""
    written = phrases.body.get("statistics")
    if not written:
        return None
    return Statistics(
        keep=seconds(written["keep"]) if "keep" in written else _KEEP,
        keywords=tuple(written.get("keywords") or ()),
        report=_report(phrases, written),
        words=_vocabulary(written.get("words")),
        place=phrases.positions.key(phrases.body, "statistics", phrases.fallback),
    )


def _vocabulary(written: Any) -> Vocabulary | None:
    if not written:
        return None
    fields = {} if written is True else written
    return Vocabulary(
        keep=seconds(fields["keep"]) if "keep" in fields else _KEEP_WORDS,
        shortest=fields.get("shortest", _SHORTEST),
        ignored=tuple(fields.get("ignored", ())),
        most=fields.get("most", _WORDS),
    )


def _report(phrases: Phrases, container: Mapping[str, Any]) -> Report | None:
    written = container.get("report")
    if not written:
        return None
    return Report(
        at=written["at"],
        kinds=tuple(written.get("kinds", _KINDS)),
        top=written.get("top", _TOP),
        days=written.get("days", _DAYS),
        place=phrases.positions.value(written, "at", phrases.fallback),
    )


def inactive(phrases: Phrases) -> Inactive | None:
    """What comes of being silent for long; `None` for nothing."""
    written = phrases.body.get("inactive")
    if not written:
        return None
    after = seconds(written["after"])
    return Inactive(
        after=after,
        at=written["at"],
        never_spoke_after=seconds(written["never_spoke_after"]) if "never_spoke_after" in written else after,
        action=written.get("action", "report"),
        at_most=written.get("at_most", _AT_MOST),
        warn_before=seconds(written["warn_before"]) if "warn_before" in written else _WARN_BEFORE,
        refuse_above=int(written.get("refuse_above", _REFUSE_ABOVE).removesuffix("%")) / 100,
        exempt=_exempt(phrases, written.get("exempt") or {}),
        place=phrases.positions.value(written, "at", phrases.fallback),
    )


def _exempt(phrases: Phrases, written: Mapping[str, Any]) -> Exempt:
    place = phrases.positions.key(written, "roles", phrases.fallback) if "roles" in written else phrases.fallback
    if place.file == phrases.fallback.file:  # what comes from a template may name roles that are not here
        phrases.known_roles(written, "roles")
    roles = frozenset(written.get("roles", ())) & {role.key for role in phrases.roles}
    return Exempt(roles, written.get("titles", False), written.get("level", 0))
