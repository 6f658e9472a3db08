"""What is wrong with what is configured of counts and of silent members, found before anything is counted."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from qqgroup_provision.behavior import cron
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.behavior.observing import DAY, Report, Statistics
from qqgroup_provision.behavior.report import NEWCOMERS
from qqgroup_provision.behavior.words import EXTRA, PACKAGES
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say


def faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Times that never come (QG351), reports of what is not counted or not kept (QG358), words that are none."""
    statistics, inactive = configuration.statistics, configuration.inactive
    if statistics is not None:
        yield from _statistics(statistics)
    if inactive is not None:
        yield from _time(inactive.at, inactive.place)


def _statistics(statistics: Statistics) -> Iterator[Diagnostic]:
    for word in statistics.keywords:
        if not fold(word):
            yield Diagnostic(
                "QG333",
                say("There is nothing to look for: only blanks and invisible characters."),
                place=statistics.place,
                hint=say("Write a word that can be read."),
            )
    if statistics.words is not None and not all(find_spec(name) for name in PACKAGES):
        yield Diagnostic(
            "QG365",
            say(
                "To count and draw words takes {packages}, which are not installed here.", packages=" ".join(PACKAGES)
            ),
            place=statistics.place,
            hint=say("Where the bot runs, install them with: pip install 'qqgroup-provision[{extra}]'", extra=EXTRA),
            severity=Severity.NOTE,
        )
    report = statistics.report
    if report is None:
        return
    yield from _time(report.at, report.place)
    if "keywords" in report.kinds and not statistics.keywords:
        yield _untold(
            say("The report is to tell of keywords, and there are none."),
            report.place,
            say("Name them in `keywords`, or leave them out of `kinds`."),
        )
    if "words" in report.kinds and statistics.words is None:
        yield _untold(
            say("The report is to tell of words, and none are counted."),
            report.place,
            say("Set `words: true`, or leave them out of `kinds`."),
        )
    if statistics.words is not None and "words" in report.kinds and statistics.words.keep < (report.days + 1) * DAY:
        yield _untold(
            say("The report takes the words of {days} days, and they are not kept that long.", days=report.days + 1),
            report.place,
            say("Set `keep: {days}d` or more in `words`.", days=report.days + 1),
        )
    days = _needed(report)
    if statistics.keep < days * DAY:
        yield _untold(
            say("The report takes the counts of {days} days, and they are not kept that long.", days=days),
            report.place,
            say("Set `keep: {days}d` or more.", days=days),
        )


def _needed(report: Report) -> int:
    """Of how many days a report needs counts: of its own, and of those that they are compared with."""
    newcomers = max(NEWCOMERS) if "retention" in report.kinds else 0
    return max(2 * report.days, newcomers) + 1  # it may be about the days before the one it is told on


def _untold(summary: Text, place: Place, hint: Text) -> Diagnostic:
    return Diagnostic("QG358", summary, place=place, hint=hint)


def _time(written: str, place: Place) -> Iterator[Diagnostic]:
    problem = cron.fault(written)
    if problem is not None:
        yield Diagnostic(
            "QG351",
            say("This is no cron with a time that comes: {problem}.", problem=problem),
            place=place,
            hint=say("Write minute, hour, day, month and weekday: `0 8 * * 1-5` is 8:00 from Monday to Friday."),
        )
