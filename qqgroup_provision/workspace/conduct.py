"""What stands beside the rules of a composed group, typed: the format of cards, and appeals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qqgroup_provision.behavior.appeals import WORD, Appeal
from qqgroup_provision.behavior.cards import CardFormat
from qqgroup_provision.behavior.conditions import Expression
from qqgroup_provision.behavior.configuration import Penalty
from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.messages import say
from qqgroup_provision.workspace.durations import seconds
from qqgroup_provision.workspace.phrases import Phrases

# What a part of a card is made of, as RE2 has it; cards are compared in their normal form.
_MADE_OF = {"han": r"\p{Han}", "latin": "[a-z]", "digits": "[0-9]", "any": "."}


def card_format(phrases: Phrases) -> CardFormat | None:
    """What cards have to be like; `None` where nothing is said of it."""
    written = (phrases.body.get("rules") or {}).get("card_format")
    if not written:
        return None
    place = phrases.positions.value(written, "example", phrases.fallback)
    if ("regex" in written) is ("parts" in written):
        phrases.found.append(
            Diagnostic(
                "QG350",
                say("What a card is like is said by `regex` or by `parts`, and not by both."),
                place=phrases.positions.key(phrases.body["rules"], "card_format", phrases.fallback),
                hint=say("Keep one of the two."),
            )
        )
        return None
    source = "regex" if "regex" in written else "parts"
    like = written["regex"] if source == "regex" else "".join(map(_part, written["parts"]))
    exempt = written.get("exempt") or {}
    if place.file == phrases.fallback.file:  # one of a parent or template may name roles that are not here
        phrases.known_roles(exempt, "roles")
    steps = written.get("penalties") or ()
    return CardFormat(
        like=Expression(like, phrases.positions.value(written, source, phrases.fallback)),
        text=written.get("text", written["example"]),
        example=written["example"],
        every=seconds(written["remind_every"]) if "remind_every" in written else 86400.0,
        penalties=tuple(
            penalty_of(step, phrases.positions.value(steps, n, phrases.fallback)) for n, step in enumerate(steps)
        ),
        exempt_roles=frozenset(exempt.get("roles", ())) & {role.key for role in phrases.roles},
        place=place,
    )


def appeal(phrases: Phrases) -> Appeal | None:
    """How members appeal; `None` where they do not."""
    rules = phrases.body.get("rules") or {}
    written = rules.get("appeal")
    if not written:
        return None
    place = phrases.positions.value(rules, "appeal", phrases.fallback)
    if written is True:
        return Appeal(place=place)
    within = seconds(written["within"]) if "within" in written else Appeal().within
    return Appeal(written.get("word", WORD), within, place)


def penalty_of(written: Any, place: Place) -> Penalty:
    """One step: a word, or a mapping of what is done at once."""
    if isinstance(written, str):
        return Penalty(**{written: True}, place=place)
    mute = seconds(written["mute"]) if "mute" in written else None
    several = written.get("recall")
    last, within = (several["last"], seconds(several["within"])) if isinstance(several, Mapping) else (0, 0.0)
    return Penalty(
        warn=written.get("warn", False),
        recall=bool(several),
        mute=mute,
        kick=written.get("kick", False),
        last=last,
        within=within,
        place=place,
    )


def _part(written: Any) -> str:
    """A part of a card as an expression."""
    if isinstance(written, str):
        return re.escape(written)
    if "one_of" in written:
        return f"(?:{'|'.join(map(re.escape, written['one_of']))})"
    ((kind, count),) = written.items()
    least, _, most = str(count).partition("-")
    return f"{_MADE_OF[kind]}{{{int(least)},{max(int(least), int(most or least))}}}"
