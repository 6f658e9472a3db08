"""What is wrong with a configuration, found before anybody talks to it.

Nothing here needs the packages that search, but for a configuration with regular expressions, which asks RE2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import pairwise

from qqgroup_provision.behavior import (
    dialect,
    last_resort_checks,
    observing_checks,
    personal,
    rule_checks,
    topics_checks,
)
from qqgroup_provision.behavior.conditions import (
    Condition,
    Counted,
    Expression,
    Fuzzy,
    Has,
    Hit,
    Leaf,
    Link,
    Longer,
    Personal,
    Phishing,
    Trait,
    Words,
    holds,
    leaves,
)
from qqgroup_provision.behavior.configuration import (
    LONGEST_MUTE,
    SHORTEST_MUTE,
    Configuration,
    Picture,
    Reply,
    Rule,
    Saying,
    Spoken,
)
from qqgroup_provision.behavior.index import EXTRA, Heard, compiled, deceives, leads, match_hit, stands
from qqgroup_provision.behavior.joining_checks import joining_faults
from qqgroup_provision.behavior.links import host_form, hosts_in
from qqgroup_provision.behavior.normal import fold, normal
from qqgroup_provision.behavior.placeholders import PLACEHOLDERS, slots
from qqgroup_provision.diagnostics import Diagnostic, Severity
from qqgroup_provision.messages import listed, say


def faults(configuration: Configuration) -> Iterator[Diagnostic]:
    """Everything that is wrong, or that does not what it seems to do."""
    for rule in configuration.rules:
        yield from (fault for leaf in dict.fromkeys(leaves(rule.detect)) for fault in _leaf_faults(leaf))
        yield from _penalty_faults(rule)
    for reply in configuration.replies:
        known = dict.fromkeys(leaves(reply.when))
        yield from (_counting(leaf) for leaf in known if isinstance(leaf, Counted))
        found = [fault for leaf in known for fault in _leaf_faults(leaf)]
        yield from found
        if not any(fault.is_error for fault in found):
            yield from _placeholder_faults(reply.sayings, set(PLACEHOLDERS) | _captures(reply.when))
            yield from _loops(reply)
    for greeting in (configuration.welcome, configuration.farewell, configuration.newcomer):
        if greeting is not None:
            yield from _placeholder_faults(greeting.sayings, set(PLACEHOLDERS))
    for condition in configuration.answers():
        yield from (fault for leaf in dict.fromkeys(leaves(condition)) for fault in _leaf_faults(leaf))
    for condition in configuration.sorting():
        known = dict.fromkeys(leaves(condition))
        yield from (_counting(leaf) for leaf in known if isinstance(leaf, Counted))
        yield from (fault for leaf in known for fault in _leaf_faults(leaf))
    for beside in (configuration.topics.nudge if configuration.topics else None, configuration.last_resort):
        if beside is not None:
            yield from _placeholder_faults(beside.sayings, set(PLACEHOLDERS))
    yield from topics_checks.faults(configuration)
    yield from last_resort_checks.faults(configuration)
    yield from joining_faults(configuration)
    yield from observing_checks.faults(configuration)
    if configuration.card_format is not None:
        yield from _leaf_faults(configuration.card_format.like)
    found = list(rule_checks.faults(configuration))
    yield from found
    if not any(fault.is_error for fault in found):
        yield from _unheard_appeal(configuration)


def _leaf_faults(leaf: Leaf) -> Iterator[Diagnostic]:
    if isinstance(leaf, Expression):
        if find_spec("re2") is None:
            yield Diagnostic(
                "QG142",
                say("This needs {packages}, which are not installed.", packages="google-re2"),
                place=leaf.place,
                hint=say("Install them with: pip install 'qqgroup-provision[{extra}]'", extra=EXTRA),
            )
        else:
            yield from dialect.faults(leaf.written, leaf.place)
    elif isinstance(leaf, Personal) and not personal.CHECKED.isdisjoint(leaf.sorts) and find_spec("stdnum") is None:
        yield Diagnostic(
            "QG142",
            say("This needs {packages}, which are not installed.", packages="python-stdnum"),
            place=leaf.place,
            hint=say("Install them with: pip install 'qqgroup-provision[{extra}]'", extra=EXTRA),
        )
    elif isinstance(leaf, Words | Fuzzy) and not fold(leaf.written):
        yield Diagnostic(
            "QG333",
            say("There is nothing to look for: only blanks and invisible characters."),
            place=leaf.place,
            hint=say("Write a word that can be read."),
        )


def _unheard_appeal(configuration: Configuration) -> Iterator[Diagnostic]:
    """QG359: who says the word would only break a rule once more."""
    appeal = configuration.appeal
    if appeal is None:
        return
    heard = Heard(normal(appeal.word))
    for rule in configuration.rules:
        if not rule.trial and holds(rule.detect, plain_hits(leaves(rule.detect), heard)):
            yield Diagnostic(
                "QG359",
                say("Nobody can appeal: `{word}` breaks the rule `{key}`.", word=appeal.word, key=rule.key),
                place=appeal.place,
                hint=say("Choose another word, or let the rule be about less."),
            )
            return


def _counting(leaf: Counted) -> Diagnostic:
    return Diagnostic(
        "QG346",
        say("Messages are counted only for rules."),
        place=leaf.place,
        hint=say("Write this under `rules`, or give the reply a `cooldown`."),
    )


def _penalty_faults(rule: Rule) -> Iterator[Diagnostic]:
    """Mutes that QQ does not take (QG345), and steps that nobody can come to (QG344)."""
    for penalty in rule.penalties:
        if penalty.mute is not None and not SHORTEST_MUTE <= penalty.mute < LONGEST_MUTE:
            yield Diagnostic(
                "QG345",
                say("QQ mutes for a minute at least, and for less than 30 days."),
                place=penalty.place,
                hint=say("The longest is 29d. Whoever is to stay away longer can be removed with `kick`."),
            )
    for penalty, after in pairwise(rule.penalties):
        if penalty.kick:
            summary = say("Nobody comes to this step: whoever was removed is not there any more.")
            hint = say("Let `kick` be the last step.")
        elif penalty.mute is not None and penalty.mute >= rule.decay:
            summary = say("Nobody comes to this step: the strike before it is forgotten while the mute lasts.")
            hint = say("Let `strikes.decay` be longer than every mute but that of the last step.")
        else:
            continue
        yield Diagnostic("QG344", summary, place=after.place, hint=hint)
        return


def _captures(condition: Condition) -> set[str]:
    """The names and numbers of what the expressions of a condition take."""
    names: set[str] = set()
    for leaf in leaves(condition):
        if isinstance(leaf, Expression):
            single = compiled(leaf)
            names.update(map(str, range(single.groups + 1)), single.groupindex)
    return names


def _placeholder_faults(sayings: Iterable[Saying], known: set[str]) -> Iterator[Diagnostic]:
    for saying in sayings:
        for piece in saying.pieces:
            for name in slots(piece.template) if isinstance(piece, Spoken) else ():
                if name not in known:
                    yield Diagnostic(
                        "QG334",
                        say("There is no placeholder `{name}` here.", name=f"{{{name}}}"),
                        place=saying.place,
                        hint=say(
                            "There are {names}. Double a brace that is meant as one.",
                            names=listed(f"{{{one}}}" for one in sorted(known)),
                        ),
                    )


def _loops(reply: Reply) -> Iterator[Diagnostic]:
    """QG335: two bots with this reply would talk to each other for ever. A cooldown of the group ends that."""
    if reply.cooldown.group:
        return
    for saying in reply.sayings:
        if holds(reply.when, plain_hits(leaves(reply.when), _as_heard(saying))):
            yield Diagnostic(
                "QG335",
                say("What `{key}` says would be answered by `{key}` itself.", key=reply.key),
                place=saying.place,
                hint=say("The bot never answers itself, but another one may repeat it: give it a `cooldown`."),
                severity=Severity.WARNING,
            )
            return


def _as_heard(saying: Saying) -> Heard:
    """What is said, as a message that somebody else repeats. What is filled in is not known."""
    spoken = "".join(
        part if isinstance(part, str) else " "
        for piece in saying.pieces
        if isinstance(piece, Spoken)
        for part in piece.template
    )
    pictured = any(isinstance(piece, Picture) for piece in saying.pieces)
    return Heard(normal(spoken), frozenset({Trait.IMAGE} if pictured else ()), tuple(hosts_in(spoken)))


def plain_hits(some: Iterable[Leaf], message: Heard) -> dict[Leaf, Hit]:
    """What an index would find, one leaf after the other. Sentences that are only resembled are left out."""
    hits = {}
    for leaf in some:
        hit = _plain_hit(leaf, message)
        if hit is not None:
            hits[leaf] = hit
    return hits


def _plain_hit(leaf: Leaf, message: Heard) -> Hit | None:
    text = message.text
    if isinstance(leaf, Words):
        needle, start = fold(leaf.written), -1
        while needle and (start := text.text.find(needle, start + 1)) >= 0:
            if stands(leaf.how, text.text, start, start + len(needle)):
                return Hit(text, start, start + len(needle))
        return None
    if isinstance(leaf, Expression):
        return match_hit(compiled(leaf), text)
    if isinstance(leaf, Has):
        return Hit() if leaf.trait in message.traits else None
    if isinstance(leaf, Longer):
        return Hit() if len(text.original) > leaf.characters else None
    if isinstance(leaf, Personal):
        return personal.first(text, leaf.sorts)
    if isinstance(leaf, Phishing):
        return Hit() if deceives(leaf, message.hosts) else None
    if isinstance(leaf, Link):
        return Hit() if leads(leaf, [host_form(host) for host in leaf.hosts], message.hosts) else None
    return None
