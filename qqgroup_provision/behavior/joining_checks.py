"""What is wrong with the review of requests, and with what newcomers are asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qqgroup_provision.behavior.conditions import Counted, Has, Qr, leaves
from qqgroup_provision.behavior.configuration import LONGEST_MUTE, SHORTEST_MUTE, Configuration
from qqgroup_provision.behavior.joining import Demand, Newcomer, Otherwise, Review
from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.messages import say

_LONGEST = 30 * 86400.0  # seconds that somebody may have to answer


def joining_faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Faults that texts and expressions cannot have elsewhere."""
    for condition in configuration.answers():
        known = dict.fromkeys(leaves(condition))
        yield from (_no_text(leaf) for leaf in known if isinstance(leaf, Has | Counted | Qr))
    if configuration.review is not None:
        yield from _review(configuration.review)
    if configuration.newcomer is not None:
        yield from _newcomer(configuration.newcomer)


def _no_text(leaf: Has | Counted | Qr) -> Diagnostic:
    return Diagnostic(
        "QG371",
        say("An answer has only words in it."),
        place=leaf.place,
        hint=say(
            "Use {names}.", names="`equals`, `contains`, `prefix`, `whole_word`, `regex`, `fuzzy`, `longer_than`"
        ),
    )


def _review(review: Review) -> Iterator[Diagnostic]:
    for before, after in pairwise(review.rules):
        if before.otherwise:
            yield Diagnostic(
                "QG372",
                say("No request comes to this rule: `otherwise` before it takes all of them."),
                place=after.place,
                hint=say("Let `otherwise` be the last rule."),
            )
            return
    for rule in review.rules:
        if rule.demand == Demand() and not rule.otherwise:
            yield Diagnostic(
                "QG372",
                say("This rule does not say which requests it refuses."),
                place=rule.place,
                hint=say("Add a condition, or write it as the last rule: {example}.", example="`otherwise`"),
            )


def _newcomer(newcomer: Newcomer) -> Iterator[Diagnostic]:
    if not 0 < newcomer.within <= _LONGEST:
        summary = say("The time to answer is none, or longer than 30 days.")
    elif newcomer.remind_before >= newcomer.within:
        summary = say("The reminder would come before the question.")
    else:
        if newcomer.otherwise is Otherwise.MUTE and not SHORTEST_MUTE <= newcomer.mute < LONGEST_MUTE:
            yield Diagnostic(
                "QG345",
                say("QQ mutes for a minute at least, and for less than 30 days."),
                place=newcomer.place,
                hint=say("The longest is 29d. Whoever is to stay away longer can be removed with `kick`."),
            )
        return
    yield Diagnostic("QG373", summary, place=newcomer.place, hint=say("Correct `within` or `remind_before`."))
