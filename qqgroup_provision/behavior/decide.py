"""The engine: from what happened, what is configured and remembered, and the time, to what is done, and why.

Who has to wait for a memory asks in two steps: `consider` says which marks it needs, `conclude` decides with them.
`decide` does both at once. All three are pure: the same values give the same decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from qqgroup_provision.behavior.conditions import Hit, Hits, Leaf, found
from qqgroup_provision.behavior.configuration import Configuration, Reply, Rule
from qqgroup_provision.behavior.decision import Action, Because, Decision, Reason, Say, Verdict, Wake
from qqgroup_provision.behavior.event import Event, Message, Person
from qqgroup_provision.behavior.index import heard
from qqgroup_provision.behavior.judging import Judged, judge, keys_for
from qqgroup_provision.behavior.memory import Asked, Key, Mark, Memory, MemoryChange, Remember
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.behavior.rendering import drawn, rendered

STALE = timedelta(minutes=5)  # what was said longer ago is not answered: people have gone on
_NOTHING = Decision()


@dataclass(frozen=True, slots=True)
class Considered:
    """An event looked at as far as is possible without memory. `keys` are the marks that decide the rest.

    `chosen` is the reply that answers unless it did so a short time ago: within as many seconds as `waits` has for
    one of the keys; or the message breaks one of `rules`.
    """

    event: Event
    prepared: Prepared
    now: datetime
    chosen: Reply | None = None
    hits: Hits | None = None
    reasons: tuple[Reason, ...] = ()
    keys: tuple[Asked, ...] = ()
    waits: Mapping[Key, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


def decide(event: Event, prepared: Prepared, memory: Memory, now: datetime) -> Decision:
    """What is to happen. `now` has a time zone."""
    considered = consider(event, prepared, now)
    return conclude(considered, memory.recall(considered.keys) if considered.keys else {})


def consider(event: Event, prepared: Prepared, now: datetime) -> Considered:
    """Everything that does not depend on memory."""
    configuration = prepared.configuration
    if not isinstance(event, Message):
        return Considered(event, prepared, now, keys=_keys_of(prepared.parts, event, prepared))
    refused = _refused(event, configuration, now)
    if refused is not None:
        return Considered(event, prepared, now, reasons=(Reason(None, refused),))
    hits = prepared.index.search(heard(event, links=prepared.index.links))
    rules = prepared.breakable(hits)
    marks = keys_for(event, rules, prepared) if prepared.judges(rules) else ()
    chosen: Reply | None = None
    reasons: list[Reason] = []
    for reply in prepared.matching(hits):
        verdict = Verdict.EARLIER if chosen else _unfit(reply, event.sender, configuration, now)
        if verdict is None:
            chosen = reply
        else:
            why = tuple(Because(leaf, hit) for leaf, hit in found(reply.when, hits))
            reasons.append(Reason(configuration.address(reply), verdict, why))
    waits = _waits(chosen, event.sender, configuration) if chosen is not None else {}
    keys = (*marks, *waits, *(_keys_of(prepared.hearing, event, prepared) if prepared.hearing else ()))
    return Considered(event, prepared, now, chosen, hits, tuple(reasons), keys, waits, rules)


def conclude(considered: Considered, remembered: Mapping[Key, Mark]) -> Decision:
    """The decision, with what is remembered under the keys that were asked for."""
    event, prepared, hits, now = considered.event, considered.prepared, considered.hits, considered.now
    if not isinstance(event, Message):
        return _together(part.act(event, prepared, remembered, now) for part in prepared.parts)
    if hits is None:
        return Decision(reasons=considered.reasons)
    judging = prepared.judges(considered.rules)
    if not judging and not prepared.hearing:
        return _answered(considered, event, hits, remembered)  # as most messages of most groups
    judged = judge(event, considered.rules, prepared, hits, remembered, now) if judging else Judged()
    decided = Decision(judged.actions, judged.reasons, judged.changes)
    if prepared.hearing:
        heard = (part for part in prepared.hearing if not part.last and (part.beside or not judged.broken))
        decided = _together((decided, *(part.act(event, prepared, remembered, now) for part in heard)))
    if judged.broken or not all(isinstance(action, Wake) for action in decided.actions):
        return replace(decided, reasons=(*decided.reasons, *_unanswered(considered, hits)))
    decided = _together((decided, _answered(considered, event, hits, remembered)))
    for part in prepared.hearing if considered.chosen is None else ():
        if part.last and all(isinstance(action, Wake) for action in decided.actions):
            decided = _together((decided, part.act(event, prepared, remembered, now)))
    return decided


def _keys_of(parts: Iterable[Part], event: Event, prepared: Prepared) -> tuple[Asked, ...]:
    return tuple(key for part in parts for key in part.keys(event, prepared))


def _together(decisions: Iterable[Decision]) -> Decision:
    """Several decisions about one event, one after the other."""
    actions: list[Action] = []
    reasons: list[Reason] = []
    changes: list[MemoryChange] = []
    for decision in decisions:
        actions += decision.actions
        reasons += decision.reasons
        changes += decision.changes
    return Decision(tuple(actions), tuple(reasons), tuple(changes))


def _answered(considered: Considered, event: Message, hits: Hits, remembered: Mapping[Key, Mark]) -> Decision:
    """What a reply makes of a message that broke no rule."""
    reply, configuration, now = considered.chosen, considered.prepared.configuration, considered.now
    if reply is None:
        return Decision(reasons=considered.reasons) if considered.reasons else _NOTHING
    address, held = configuration.address(reply), tuple(found(reply.when, hits))
    why = tuple(Because(leaf, hit) for leaf, hit in held)
    if any(key in remembered and _cools(remembered[key], wait, now) for key, wait in considered.waits.items()):
        return Decision(reasons=(Reason(address, Verdict.COOLDOWN, why), *considered.reasons))
    saying = drawn(reply.sayings, f"{event.group}/{event.id}/{address}")
    people = ((event.sender.qq, event.sender.name),)
    segments = rendered(saying, people, configuration, now, captures(held))
    return Decision(
        actions=(Say(segments, event.id if reply.quote else None, address),) if segments else (),
        reasons=(Reason(address, Verdict.DONE, why), *considered.reasons),
        changes=tuple(
            Remember(key, Mark(now), now + timedelta(seconds=wait)) for key, wait in considered.waits.items()
        ),
    )


def _unanswered(considered: Considered, hits: Hits) -> Iterator[Reason]:
    """The replies that keep silent because something else was done about the message."""
    reply = considered.chosen
    if reply is not None:
        why = tuple(Because(leaf, hit) for leaf, hit in found(reply.when, hits))
        yield Reason(considered.prepared.configuration.address(reply), Verdict.RULE, why)
    yield from considered.reasons


def captures(held: Iterable[tuple[Leaf, Hit]]) -> dict[str, str]:
    """What the groups of expressions took: of the first one that matched, where several have a name."""
    taken: dict[str, str] = {}
    for _, hit in held:
        if hit.captures:
            taken = {**hit.captures, **taken}
    return taken


def _refused(event: Message, configuration: Configuration, now: datetime) -> Verdict | None:
    """Why nothing may answer a message, whatever it says."""
    if event.sender.qq == event.me:
        return Verdict.OWN
    if event.sender.qq in configuration.bots:
        return Verdict.BOT
    if now - event.at > STALE:
        return Verdict.OLD
    return None


def _unfit(reply: Reply, sender: Person, configuration: Configuration, now: datetime) -> Verdict | None:
    """Why a reply whose condition holds is not for this person, or not for this time."""
    if not reply.who.takes(sender, configuration.roles.get(sender.qq, frozenset())):
        return Verdict.WHO
    if reply.hours and not any(hours.holds(now.astimezone(configuration.zone)) for hours in reply.hours):
        return Verdict.HOURS
    return None


def _waits(reply: Reply, sender: Person, configuration: Configuration) -> dict[Key, float]:
    """The marks that hold a reply back, with how long each does, in seconds."""
    cooldown = reply.cooldown
    waits: dict[Key, float] = {}
    if not (cooldown.group or cooldown.user):
        return waits
    item = str(configuration.address(reply))
    if cooldown.group:
        waits[Key(item, "cooldown")] = cooldown.group
    if cooldown.user:
        waits[Key(item, "cooldown", sender.qq)] = cooldown.user
    return waits


def _cools(mark: Mark, wait: float, now: datetime) -> bool:
    """Whether a mark still holds back. One from the future does not: a clock was put right meanwhile."""
    return timedelta() <= now - mark.at < timedelta(seconds=wait)
