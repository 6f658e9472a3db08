"""Counts what happens in a group, and tells the group of it when the time comes: once each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior import cron, occasion
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Action, AskMembers, Decision, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import Census, Cloud, Event, Joined, Left, Message, Segment, Text, Tick
from qqgroup_provision.behavior.memory import Asked, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.report import NEWCOMERS, report_of, span
from qqgroup_provision.behavior.tally import (
    CAME,
    SAID,
    WENT,
    Days,
    Tally,
    counted,
    item_of,
    scan,
    vocabulary,
    vocabulary_scan,
    word_scan,
)

if TYPE_CHECKING:
    from qqgroup_provision.behavior.observing import Report, Statistics
    from qqgroup_provision.behavior.prepared import Prepared

_NOON = 12  # a report that is due earlier in the day is about the days before it


def _used(configuration: Configuration) -> bool:
    return configuration.statistics is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Asked, ...]:
    """Nothing for what is only counted, so that a message costs no more than adding to its counts."""
    configuration = prepared.configuration
    report = configuration.statistics.report if configuration.statistics is not None else None
    if report is None or not isinstance(event, Tick | Census):
        return ()
    marks = (_told(configuration), _since(configuration))
    return marks if isinstance(event, Tick) else (*marks, *_scans(report, configuration, event.at))


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration = prepared.configuration
    settings = configuration.statistics
    if settings is None:
        return Decision()
    if isinstance(event, Message):
        text = prepared.text_of(event) if settings.keywords or settings.words is not None else ""
        return Decision(changes=tuple(counted(event, text, configuration, settings, now)))
    if isinstance(event, Joined | Left):
        nobody = event.person.qq == event.me or event.person.qq in configuration.bots
        return Decision(changes=() if nobody else tuple(counted(event, "", configuration, settings, now)))
    if settings.report is None or not isinstance(event, Tick | Census):
        return Decision()
    due = occasion.due(settings.report.at, remembered.get(_told(configuration)), event.at, configuration.zone)
    if isinstance(event, Census):
        return _said(settings, settings.report, event, configuration, remembered, due) if due else Decision()
    return _waited(settings.report, configuration, remembered, event.at, due)


def _waited(
    report: Report, configuration: Configuration, marks: Mapping[Key, Mark], now: datetime, due: datetime | None
) -> Decision:
    """What is done when time goes by: begin to wait, or ask for the names that the report needs."""
    actions: list[Action] = []
    changes: list[MemoryChange] = []
    if _since(configuration) not in marks:
        changes.append(Remember(_since(configuration), Mark(now), now + occasion.LONG))
    if not occasion.waits(report.at, marks.get(_told(configuration)), now):
        changes.append(occasion.done(_told(configuration), report.at, now))
    if due is not None:
        actions.append(AskMembers(_address(configuration)))
    following = cron.after(report.at, now, configuration.zone)
    if following is not None:
        actions.append(Wake(following))
    return Decision(tuple(actions), (), tuple(changes))


def _said(
    settings: Statistics,
    report: Report,
    census: Census,
    configuration: Configuration,
    marks: Mapping[Key, Mark],
    due: datetime,
) -> Decision:
    since, days = marks.get(_since(configuration)), days_of(report, configuration, due)
    began = since.at.astimezone(configuration.zone).date() if since is not None else None
    text = report_of(report, settings.keywords, Tally(configuration, marks), days, census, began)
    said = [Say((Text(text),), item=_address(configuration))] if set(report.kinds) - {"words"} else []
    if "words" in report.kinds and settings.words is not None:
        words = vocabulary(configuration, marks, settings.words.most)
        said.append(Say(_pictured(words, days), item=_address(configuration)))
    return Decision(
        tuple(said),
        (Reason(_address(configuration), Verdict.DONE),),
        (occasion.done(_told(configuration), report.at, due),),
    )


def _pictured(words: tuple[tuple[str, int], ...], days: Days) -> tuple[Segment, ...]:
    """A picture of words, or what is said where there are none."""
    head = span(days)
    if not words:
        return (Text(f"【词云】{head}\n说过的词还不够多"),)
    return (Cloud(words, f"【词云】{head}\n" + "、".join(f"{word} {count}" for word, count in words)),)


def days_of(report: Report, configuration: Configuration, due: datetime) -> Days:
    """The days a report is about: the day it is due is the last of them, from noon on."""
    local = due.astimezone(configuration.zone)
    last: date = local.date() if local.hour >= _NOON else local.date() - timedelta(days=1)
    return Days.until(last, report.days)


def _scans(report: Report, configuration: Configuration, now: datetime) -> Iterator[Asked]:
    """The counts that its report takes, whether it is due or not: a census is rare."""
    due = cron.latest(report.at, now, configuration.zone)
    if due is None:
        return
    days = days_of(report, configuration, due)
    both, widest = Days(days.before().first, days.last), Days.until(days.last, max(NEWCOMERS))
    retention = "retention" in report.kinds
    yield scan(configuration, SAID, min(both, widest, key=lambda one: one.first) if retention else both)
    yield scan(configuration, WENT, days)
    yield scan(configuration, CAME, widest if retention and widest.first < days.first else days)
    if "words" in report.kinds:
        yield vocabulary_scan(configuration, days)
    if "keywords" in report.kinds and configuration.statistics is not None:
        yield from (word_scan(configuration, word, both) for word in configuration.statistics.keywords)


def _address(configuration: Configuration) -> Address:
    return Address(configuration.group, "statistics")


def _told(configuration: Configuration) -> Key:
    """Up to when everything that was due was told."""
    return Key(item_of(configuration), "told")


def _since(configuration: Configuration) -> Key:
    """Since when anything is counted: no earlier day is compared with."""
    return Key(item_of(configuration), "since")


STATISTICS = Part(_used, _keys, _act, beside=True)
