"""What is wrong with topics, found before anybody tags anything."""

from __future__ import annotations

from collections.abc import Iterator

from qqgroup_provision.behavior import cron
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.behavior.topics import Topics
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import say


def faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Names that two tags have (QG360), tags that are used and not there (QG361), times that never come (QG351)."""
    topics = configuration.topics
    if topics is None:
        return
    yield from _names(topics)
    if not topics.tags:
        yield from _untagged(topics, configuration)
    problem = cron.fault(topics.digest.at) if topics.digest is not None else None
    if topics.digest is not None and problem is not None:
        yield Diagnostic(
            "QG351",
            say("This is no cron with a time that comes: {problem}.", problem=problem),
            place=topics.digest.place,
            hint=say("Write minute, hour, day, month and weekday: `0 8 * * 1-5` is 8:00 from Monday to Friday."),
        )


def _names(topics: Topics) -> Iterator[Diagnostic]:
    owners: dict[str, str] = {}
    for tag in topics.tags:
        for written in (tag.name, *tag.aliases, tag.key):
            name = fold(written)
            if not name:
                yield Diagnostic(
                    "QG333",
                    say("There is nothing to look for: only blanks and invisible characters."),
                    place=tag.place,
                    hint=say("Write a word that can be read."),
                )
            elif owners.setdefault(name, tag.key) != tag.key:
                yield Diagnostic(
                    "QG360",
                    say("`{name}` is a name of the tag `{other}` already.", name=written, other=owners[name]),
                    place=tag.place,
                    hint=say("A message would not know which of the two is meant: give one of them another name."),
                )


def _untagged(topics: Topics, configuration: Configuration) -> Iterator[Diagnostic]:
    """Without tags there is nothing to remind of or to list; a search still finds replies that have a title."""
    found = topics.search is not None and any(reply.title for reply in configuration.replies)
    if topics.nudge is not None or topics.digest is not None or topics.markers or not found:
        yield Diagnostic(
            "QG361",
            say("There are no tags, so nothing is ever tagged."),
            place=topics.place,
            hint=say("Name them in `tags`; only `search`, with replies that have a `title`, does without."),
            severity=Severity.WARNING,
        )
