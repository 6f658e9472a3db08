"""Requests to join: the first rule that fits decides, each request once, and what nobody knows decides nothing.

Requests that were decided, those that were refused and who left are remembered for each person, so that a restart
forgets none of it. A request that was left to the admins is decided too: it is theirs then. What groups decide that
are linked with each other (linked.py) comes before a group's own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import Hits, found, holds
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Action, Approve, Because, Decision, Reason, Reject, Verdict
from qqgroup_provision.behavior.event import Event, Left, Requested
from qqgroup_provision.behavior.index import LONGEST, Heard
from qqgroup_provision.behavior.joining import Course, Demand, Review, ReviewRule, answer_of
from qqgroup_provision.behavior.linked import KIND as LINKS
from qqgroup_provision.behavior.linked import Ruling, admitted, request_keys, ruling
from qqgroup_provision.behavior.links import hosts_in
from qqgroup_provision.behavior.memory import Asked, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.normal import normal
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.messages import say

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KIND = "join_review"
KEPT = timedelta(days=60)  # how long a request that was decided is known again; QQ keeps none for longer
_MOST = 20  # requests of one person that are known again
_MOST_REFUSALS = 100  # refusals of one person that are counted
_COURSES = {Course.APPROVE: Verdict.APPROVED, Course.REJECT: Verdict.REJECTED, Course.ADMINS: Verdict.ADMINS}


def _used(configuration: Configuration) -> bool:
    return configuration.review is not None or (configuration.links is not None and configuration.links.decides)


def _review(configuration: Configuration) -> Review:
    """The group's own rules; there are none where only linked groups decide."""
    return configuration.review or Review(())


def _keys(event: Event, prepared: Prepared) -> tuple[Asked, ...]:
    configuration, review = prepared.configuration, _review(prepared.configuration)
    if isinstance(event, Left) and review.left_within:
        return (_key(configuration, "left", event.person.qq),)
    if not isinstance(event, Requested):
        return ()
    asked: list[Asked] = [_key(configuration, "decided", event.person.qq)]
    if configuration.links is not None:
        asked += request_keys(configuration.links, event.person.qq)
    if review.refused_within:
        asked.append(_key(configuration, "refused", event.person.qq))
    if review.left_within:
        asked.append(_key(configuration, "left", event.person.qq))
    return tuple(asked)


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration, review = prepared.configuration, _review(prepared.configuration)
    if isinstance(event, Left) and review.left_within:
        until = event.at + timedelta(seconds=review.left_within)
        return Decision(changes=(Remember(_key(configuration, "left", event.person.qq), Mark(event.at), until),))
    if isinstance(event, Requested):
        return _reviewed(event, prepared, review, remembered, now)
    return Decision()


def _reviewed(
    event: Requested, prepared: Prepared, review: Review, remembered: Mapping[Key, Mark], now: datetime
) -> Decision:
    configuration, qq = prepared.configuration, event.person.qq
    address = Address(configuration.group, KIND if configuration.review is not None else LINKS)
    decided = _key(configuration, "decided", qq)
    known = remembered[decided].people if decided in remembered else ()
    identity = (0, event.number or event.id)
    if identity in known:
        return Decision(reasons=(Reason(address, Verdict.DECIDED),))
    changes: list[MemoryChange] = [Remember(decided, Mark(now, (*known, identity)[-_MOST:]), now + KEPT)]
    linked = ruling(event, configuration, remembered, now)
    if linked is not None:
        return _ruled(event, configuration, linked, changes, now)
    hits = prepared.answers.search(_as_heard(answer_of(event.comment)))
    refusals = remembered.get(_key(configuration, "refused", qq))
    gone = remembered.get(_key(configuration, "left", qq))
    number, rule = _first(review, event, hits, refusals, gone, now)
    answered = rule.demand.answer
    because = tuple(Because(leaf, hit) for leaf, hit in found(answered, hits)) if answered is not None else ()
    note = say("rule {number} of {count}", number=number, count=len(review.rules)) if number else None
    actions: tuple[Action, ...] = ()
    if rule.course is Course.APPROVE:
        actions = (Approve(event.id, qq, address),)
        changes += admitted(configuration, qq, now)
    elif rule.course is Course.REJECT:
        actions = (Reject(event.id, qq, rule.reason, address),)
        if review.refused_within and not rule.demand.attempts:  # being refused for that does not make it longer
            changes.append(_refused(_key(configuration, "refused", qq), refusals, review, now))
    return Decision(actions, (Reason(address, _COURSES[rule.course], because, note),), tuple(changes))


def _ruled(
    event: Requested, configuration: Configuration, linked: Ruling, changes: list[MemoryChange], now: datetime
) -> Decision:
    """What linked groups decide comes before the group's own rules, and counts towards none of them."""
    address, qq = Address(configuration.group, LINKS), event.person.qq
    actions: tuple[Action, ...] = ()
    if linked.course is Course.APPROVE:
        actions = (Approve(event.id, qq, address),)
        changes += admitted(configuration, qq, now)
    elif linked.course is Course.REJECT:
        actions = (Reject(event.id, qq, linked.reason, address),)
    return Decision(actions, (Reason(address, _COURSES[linked.course], note=linked.why),), tuple(changes))


def _first(
    review: Review, event: Requested, hits: Hits, refusals: Mark | None, gone: Mark | None, now: datetime
) -> tuple[int, ReviewRule]:
    """The first rule that fits with its number from 1, or number 0 and what is done where none does."""
    for number, rule in enumerate(review.rules, 1):
        if _met(rule.demand, review, event, hits, refusals, gone, now):
            return number, rule
    return 0, ReviewRule(Course.ADMINS)


def _met(
    demand: Demand,
    review: Review,
    event: Requested,
    hits: Hits,
    refusals: Mark | None,
    gone: Mark | None,
    now: datetime,
) -> bool:
    level = event.person.level
    if demand.level_below is not None and (level is None or level >= demand.level_below):
        return False
    if demand.level_at_least is not None and (level is None or level < demand.level_at_least):
        return False
    if demand.level_known is not None and demand.level_known is not (level is not None):
        return False
    if demand.blacklist is not None and demand.blacklist is not (event.person.qq in review.blacklist):
        return False
    if demand.invited is not None and demand.invited is not event.invited:
        return False
    if demand.full is not None and demand.full is not event.full:
        return False
    if demand.left_within and (gone is None or now - gone.at >= timedelta(seconds=demand.left_within)):
        return False
    if demand.attempts and len(_recent(refusals, demand.within, now)) < demand.attempts:
        return False
    return demand.answer is None or (event.invited is not True and holds(demand.answer, hits))


def _as_heard(answer: str) -> Heard:
    """An answer as conditions see it."""
    text = answer[:LONGEST]
    return Heard(normal(text), frozenset(), tuple(hosts_in(text)))


def _recent(refusals: Mark | None, within: float, now: datetime) -> tuple[tuple[int, str], ...]:
    """The refusals that count, by milliseconds since 1970. Those from the future count: a clock was put right."""
    first = int((now.timestamp() - within) * 1000)
    return tuple(one for one in (refusals.people if refusals is not None else ()) if one[0] > first)


def _refused(key: Key, refusals: Mark | None, review: Review, now: datetime) -> Remember:
    earlier = _recent(refusals, review.refused_within, now)
    times = (*earlier, (int(now.timestamp() * 1000), ""))[-_MOST_REFUSALS:]
    return Remember(key, Mark(now, times), now + timedelta(seconds=review.refused_within))


def _key(configuration: Configuration, what: str, qq: int) -> Key:
    return Key(str(Address(configuration.group, KIND)), what, qq)


REVIEW = Part(_used, _keys, _act, deaf=True)
