"""A message judged by a group's rules: the first one it breaks acts, once, with the step that is due for the person.

Only plain members are judged, as far as a server tells that they are: the owner, admins and bots never are. Strikes
are counted for each member and rule, and one is forgotten every `decay`; the count never exceeds the steps there are,
so that whoever stood on the last one for long does not stay there for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.appeals import penalised
from qqgroup_provision.behavior.conditions import Hits, found, holds
from qqgroup_provision.behavior.configuration import Configuration, Penalty, Rule
from qqgroup_provision.behavior.counting import counted_hits, counts, lately_key, remembered, with_this
from qqgroup_provision.behavior.decision import Action, Because, Kick, Mute, Reason, Recall, Say, Verdict
from qqgroup_provision.behavior.event import At, Message, Person, Text
from qqgroup_provision.behavior.lately import Lately, lately_of, said_key
from qqgroup_provision.behavior.linked import removal
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.behavior.strikes import strikes_key
from qqgroup_provision.ports import Rank


@dataclass(frozen=True, slots=True)
class Judged:
    """What rules make of a message. With `broken` nothing else answers it."""

    broken: bool = False
    actions: tuple[Action, ...] = ()
    reasons: tuple[Reason, ...] = ()
    changes: tuple[MemoryChange, ...] = ()


def keys_for(message: Message, rules: Sequence[Rule], prepared: Prepared) -> tuple[Key, ...]:
    """The marks that judging by these rules takes."""
    if message.sender.rank is not Rank.MEMBER:
        return ()
    configuration, qq = prepared.configuration, message.sender.qq
    keys = [
        strikes_key(configuration, rule, qq) for rule in rules if _spared(rule, message.sender, configuration) is None
    ]
    if prepared.counted:
        keys.append(lately_key(configuration.group, qq))
    if prepared.recalls:
        keys.append(said_key(configuration, qq))
    return tuple(keys)


def judge(
    message: Message, rules: Sequence[Rule], prepared: Prepared, hits: Hits, marks: Mapping[Key, Mark], now: datetime
) -> Judged:
    """Judge by the rules that can be broken, in their order; `hits` are what the message has by itself."""
    configuration, sender = prepared.configuration, message.sender
    changes: list[MemoryChange] = []
    lately = lately_key(configuration.group, sender.qq)
    if prepared.counted and sender.rank is Rank.MEMBER:
        said = with_this(marks.get(lately), message, prepared.text_of(message), prepared.counted)
        hits = {**hits, **dict(counted_hits(said, prepared.counted))}
        changes.append(remembered(lately, said, prepared.counted, now))
    heard: Lately | None = None
    if prepared.recalls and sender.rank is Rank.MEMBER:
        heard = lately_of(message, configuration, marks, prepared.recalls).with_this(message)
    broken: Rule | None = None
    reasons: list[Reason] = []
    for rule in rules:
        if not holds(rule.detect, hits):
            continue
        verdict = Verdict.RULE if broken is not None else _spared(rule, sender, configuration)
        if verdict is None:
            broken = rule
        why = tuple(Because(leaf, hit) for leaf, hit in found(rule.detect, hits))
        reasons.append(Reason(configuration.address(rule), verdict or Verdict.DONE, why))
    if broken is None:
        changes += [] if heard is None else heard.changes(now)
        return Judged(reasons=tuple(reasons), changes=tuple(changes))
    if counts(dict(found(broken.detect, hits))):
        changes = [Forget(lately)]  # else each message that was already on its way would be one more strike
    key = strikes_key(configuration, broken, sender.qq)
    count, since = struck(marks.get(key), broken, now)
    until = since + count * timedelta(seconds=broken.decay)
    changes.append(Remember(key, Mark(since, ((count, ""),)), until))
    address = configuration.address(broken)
    penalty = broken.penalties[count - 1]
    actions = list(penalties(broken.text, penalty, message, address))
    changes += penalised(configuration, broken, penalty, sender.qq, now, until)
    if heard is not None:
        earlier, left = heard.taken(penalty, now)
        actions[:0] = [Recall(one.id, sender.qq, address, account=one.account) for one in earlier]
        changes += (left.without(message) if penalty.recall else left).changes(now)
    for change, others in removal(configuration, sender.qq, now) if penalty.kick else ():
        changes.append(change)
        actions.append(others)
    return Judged(True, tuple(actions), tuple(reasons), tuple(changes))


def struck(mark: Mark | None, rule: Rule, now: datetime) -> tuple[int, datetime]:
    """How many strikes there are with this one, and since when the next one to be forgotten is.

    A mark has the count at its time. One from the future forgets nothing: a clock was put right meanwhile.
    """
    if mark is None or mark.at > now:
        left, since = (mark.people[0][0] if mark is not None else 0), now
    else:
        decay = timedelta(seconds=rule.decay)
        forgotten = (now - mark.at) // decay
        left = max(0, mark.people[0][0] - forgotten)
        since = mark.at + forgotten * decay if left else now
    return min(left + 1, len(rule.penalties)), since


def _spared(rule: Rule, sender: Person, configuration: Configuration) -> Verdict | None:
    """Why nothing comes of it that somebody broke a rule."""
    roles = configuration.roles.get(sender.qq, frozenset())
    if sender.rank is not Rank.MEMBER or roles & rule.exempt_roles or roles & configuration.exempt:
        return Verdict.EXEMPT
    return Verdict.TRIAL if rule.trial else None


def penalties(text: str, penalty: Penalty, message: Message, item: Address) -> Iterator[Action]:
    """What a step does about who said a message; `text` is what they are reminded of."""
    qq = message.sender.qq
    if penalty.recall:
        yield Recall(message.id, qq, item)
    if penalty.mute is not None:
        yield Mute(qq, int(penalty.mute), item)
    if penalty.warn:
        yield Say((At(qq), Text(f" 请遵守群规：{text}")), item=item)
    if penalty.kick:
        yield Kick(qq, item)
