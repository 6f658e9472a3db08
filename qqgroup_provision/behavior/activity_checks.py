"""What is wrong with a group's activities, or does not what it seems to do: words that clash above all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from qqgroup_provision.behavior.activities.model import Activity, CheckIn, Lottery, Nomination, Quiz, Vote
from qqgroup_provision.behavior.checks import plain_hits
from qqgroup_provision.behavior.conditions import Condition, Fuzzy, holds, leaves
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.index import Heard
from qqgroup_provision.behavior.normal import fold, normal
from qqgroup_provision.diagnostics import Diagnostic, Place, Severity
from qqgroup_provision.messages import Text, say


def activity_faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Words that nobody can say, and words of activities that are open at the same time."""
    for activity in configuration.activities:
        for word in _words(activity):
            if not fold(word):
                yield Diagnostic(
                    "QG333",
                    say("There is nothing to look for: only blanks and invisible characters."),
                    place=activity.place,
                    hint=say("Write a word that can be read."),
                )
        if isinstance(activity, CheckIn) and len({fold(word) for word in _words(activity)}) < len(_words(activity)):
            yield _clash(activity.place, activity, activity.word)
        if isinstance(activity, CheckIn) and activity.window.opens == activity.window.closes:
            yield Diagnostic(
                "QG381",
                say("The window ends when it begins, so nobody could ever check in."),
                place=activity.place,
                hint=say("Give it another `to`."),
            )
    for first, second in combinations(configuration.activities, 2):
        if _overlap(first, second):
            if isinstance(first, Quiz) and isinstance(second, Quiz):
                yield Diagnostic(
                    "QG383",
                    say("`{first}` and `{second}` are open at the same time.", first=first.key, second=second.key),
                    place=second.place,
                    hint=say("One answer would be for both: let one quiz begin when the other has ended."),
                )
            for word in _words(second):
                if any(_takes(first, word, one) or _takes(second, one, word) for one in _words(first)):
                    yield _clash(second.place, first, word)
                    break


def swallowed(configuration: Configuration) -> Iterator[Diagnostic]:
    """QG384, a note: what people say for an activity breaks a rule, or a reply answers it as well."""
    for activity in configuration.activities:
        for said in _said(activity):
            message = Heard(normal(said))
            for rule in configuration.rules:
                if not rule.trial and _holds(rule.detect, message):
                    yield _note(
                        say("`{word}` breaks the rule `{key}`, which comes first.", word=said, key=rule.key),
                        activity.place,
                    )
            for reply in configuration.replies:
                if _holds(reply.when, message):
                    yield _note(
                        say("`{word}` is what the reply `{key}` answers as well.", word=said, key=reply.key),
                        activity.place,
                    )


def _words(activity: Activity) -> list[str]:
    if isinstance(activity, CheckIn):
        return [activity.word] + ([activity.make_up.word] if activity.make_up else [])
    return [] if isinstance(activity, Quiz) else [activity.word]


def _said(activity: Activity) -> Iterator[str]:
    """What somebody would say for it, without what differs from one to the other."""
    if isinstance(activity, Vote):
        yield f"{activity.word}1"
    elif isinstance(activity, Quiz):
        for number, question in enumerate(activity.questions, 1):
            yield question.told if activity.each else f"{number} {question.told}"
    else:
        yield from _words(activity)


def _overlap(first: Activity, second: Activity) -> bool:
    if isinstance(first, CheckIn) or isinstance(second, CheckIn):
        return True
    return first.opens < second.closes and second.opens < first.closes


def _takes(activity: Activity, word: str, own: str) -> bool:
    """Whether an activity whose word is `own` also takes another one's word for it."""
    said, begins = fold(word), fold(own)
    if isinstance(activity, Vote) and said.startswith(begins):
        return not said[len(begins) :] or said[len(begins) :].isdigit()
    return said == begins if isinstance(activity, Nomination | Lottery | CheckIn | Vote) else False


def _holds(condition: Condition, message: Heard) -> bool:
    if any(isinstance(leaf, Fuzzy) for leaf in leaves(condition)):
        return False  # how much it resembles is not looked at here
    return holds(condition, plain_hits(leaves(condition), message))


def _clash(place: Place, other: Activity, word: str) -> Diagnostic:
    return Diagnostic(
        "QG383",
        say("`{word}` is also for the activity `{key}`, which is open at the same time.", word=word, key=other.key),
        place=place,
        hint=say("Give one of the two another word."),
    )


def _note(summary: Text, place: Place) -> Diagnostic:
    return Diagnostic(
        "QG384",
        summary,
        place=place,
        hint=say("Give the activity another word, or narrow the condition."),
        severity=Severity.NOTE,
    )
