"""What is wrong with what stands beside the rules: the format of cards, and appeals."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from qqgroup_provision.behavior import dialect
from qqgroup_provision.behavior.cards import CardFormat
from qqgroup_provision.behavior.configuration import LONGEST_MUTE, SHORTEST_MUTE, Configuration, Right
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import say


def faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Faults of them, in the order of YAML."""
    if configuration.card_format is not None:
        yield from _card_format(configuration.card_format)
    appeal = configuration.appeal
    if appeal is not None and not configuration.grants(Right.APPEAL):
        yield Diagnostic(
            "QG356",
            say("Appeals are only noted: no role may take a strike back."),
            place=appeal.place,
            hint=say("Give a role `may: [appeal]`."),
            severity=Severity.WARNING,
        )


def _card_format(wanted: CardFormat) -> Iterator[Diagnostic]:
    """An example that is not as cards have to be (QG357), and mutes that QQ does not take (QG345)."""
    for penalty in wanted.penalties:
        if penalty.mute is not None and not SHORTEST_MUTE <= penalty.mute < LONGEST_MUTE:
            yield Diagnostic(
                "QG345",
                say("QQ mutes for a minute at least, and for less than 30 days."),
                place=penalty.place,
                hint=say("The longest is 29d. Whoever is to stay away longer can be removed with `kick`."),
            )
    known = find_spec("re2") is not None and not any(
        fault.is_error for fault in dialect.faults(wanted.like.written, wanted.place)
    )
    if known and not wanted.fits(wanted.example):
        yield Diagnostic(
            "QG357",
            say("The example `{example}` is not as cards have to be.", example=wanted.example),
            place=wanted.place,
            hint=say("Correct the example, or what cards have to be like."),
        )
