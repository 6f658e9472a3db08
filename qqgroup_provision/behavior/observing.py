"""What is configured of watching a group over time: what is counted, and who has been silent for long."""

from __future__ import annotations

from dataclasses import dataclass, field

from qqgroup_provision.behavior.conditions import NOWHERE
from qqgroup_provision.diagnostics import Place

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Report:
    """What the group is told of itself, and when, in the words of cron. One is about `days` days."""

    at: str
    kinds: tuple[str, ...]  # of activity, leaderboard, keywords, retention, words: the order they are told in
    top: int = 10
    days: int = 7
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How the words of messages are counted: those of `shortest` characters and more, but for `ignored` ones.

    Counts are kept for `keep` seconds after their day, and `most` words stand in a report.
    """

    keep: float = 30 * DAY
    shortest: int = 2
    ignored: tuple[str, ...] = ()
    most: int = 60


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is counted. Counts are kept for `keep` seconds after their day; texts never are."""

    keep: float = 90 * DAY
    keywords: tuple[str, ...] = ()
    report: Report | None = None
    words: Vocabulary | None = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Exempt:
    """Who may be silent: these roles, whoever has a title, and everybody of this level or above; 0 is nobody."""

    roles: frozenset[str] = frozenset()
    titles: bool = False
    level: int = 0


@dataclass(frozen=True, slots=True)
class Inactive:
    """Who counts as silent, in seconds, and what comes of it at the times that `at` names.

    `action` is report, log, warn or kick. `refuse_above` is the share of the group from which on nobody is warned or
    removed: if so many are silent, the list is more likely wrong than the group.
    """

    after: float
    at: str
    never_spoke_after: float
    action: str = "report"
    at_most: int = 20
    warn_before: float = 7 * DAY
    refuse_above: float = 0.3
    exempt: Exempt = Exempt()
    place: Place = field(default=NOWHERE, compare=False)
