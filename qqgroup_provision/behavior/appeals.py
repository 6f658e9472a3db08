"""Appeals: who was penalised says a word, and who may takes the last strike back and lets them speak again.

Each penalty can be appealed against once, and be taken back once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import NOWHERE
from qqgroup_provision.behavior.configuration import Configuration, Penalty, Right, Rule
from qqgroup_provision.behavior.decision import Action, Decision, Mute, Note, Reason, Say, Verdict
from qqgroup_provision.behavior.event import At, Event, Message, Text, text_of
from qqgroup_provision.behavior.memory import Forget, Key, Mark, MemoryChange, Remember
from qqgroup_provision.behavior.normal import fold, normal
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.strikes import one_less, strikes_key
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.messages import say
from qqgroup_provision.ports import Rank

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KIND = "appeal"
WORD = "申诉"


@dataclass(frozen=True, slots=True)
class Appeal:
    """How somebody appeals: with `word`, up to `within` seconds after the penalty."""

    word: str = WORD
    within: float = 7 * 86400.0
    place: Place = field(default=NOWHERE, compare=False)


def penalised(
    configuration: Configuration, rule: Rule, penalty: Penalty, qq: int, now: datetime, until: datetime
) -> list[MemoryChange]:
    """What is remembered of a penalty, where it can be appealed against: the rule, and whether it muted."""
    if configuration.appeal is None and not configuration.grants(Right.APPEAL):
        return []
    muted = int(penalty.mute is not None)
    return [Remember(_last(configuration, qq), Mark(now, ((muted, rule.key),)), until)]


def taking_back(configuration: Configuration, qq: int) -> tuple[Key, ...]:
    """The marks that it takes to take somebody's last penalty back."""
    return (_last(configuration, qq), *(strikes_key(configuration, rule, qq) for rule in configuration.rules))


def taken_back(
    configuration: Configuration, qq: int, by: int, item: Address, remembered: Mapping[Key, Mark]
) -> Decision | None:
    """The last penalty of somebody taken back: one strike, and a mute. `None` where there is none."""
    last = _last(configuration, qq)
    mark = remembered.get(last)
    if mark is None:
        return None
    muted, name = mark.people[0]
    changes: list[MemoryChange] = [Forget(last), Forget(_appealed(configuration, qq))]
    rule = next((rule for rule in configuration.rules if rule.key == name), None)
    if rule is not None:
        key = strikes_key(configuration, rule, qq)
        changes += [one_less(key, remembered[key], rule)] if key in remembered else []
    actions: list[Action] = [Mute(qq, 0, item, by)] if muted else []
    actions.append(Say((At(qq), Text(" 的申诉已通过，上一次违规不再计数。")), item=item))
    actions.append(Note(say("{by} took back the last strike of {qq}: {rule}", by=by, qq=qq, rule=name), item))
    return Decision(tuple(actions), (Reason(item, Verdict.DONE),), tuple(changes))


def _used(configuration: Configuration) -> bool:
    return configuration.appeal is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    configuration = prepared.configuration
    if not isinstance(event, Message) or not _is_appeal(event, configuration):
        return ()
    return (_last(configuration, event.sender.qq), _appealed(configuration, event.sender.qq))


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    """Note that somebody appeals, once for each penalty. Who has nothing to appeal against is not answered."""
    configuration = prepared.configuration
    appeal = configuration.appeal
    if appeal is None or not isinstance(event, Message) or not _is_appeal(event, configuration):
        return Decision()
    qq, item = event.sender.qq, Address(configuration.group, KIND)
    penalty, before = remembered.get(_last(configuration, qq)), remembered.get(_appealed(configuration, qq))
    until = timedelta(seconds=appeal.within)
    if penalty is None or not timedelta() <= now - penalty.at <= until:
        return Decision(reasons=(Reason(item, Verdict.CLOSED),))
    if before is not None and before.at == penalty.at:
        return Decision(reasons=(Reason(item, Verdict.DECIDED),))
    rule = penalty.people[0][1]
    return Decision(
        (
            Say((At(qq), Text(" 已记下你的申诉，请等候处理。")), item=item),
            Note(say("{qq} appeals against a strike: {rule}", qq=qq, rule=rule), item),
        ),
        (Reason(item, Verdict.DONE),),
        (Remember(_appealed(configuration, qq), Mark(penalty.at), penalty.at + until),),
    )


def _is_appeal(message: Message, configuration: Configuration) -> bool:
    """Whether a plain member says the word, alone or with a reason after it."""
    if configuration.appeal is None or message.sender.rank is not Rank.MEMBER:
        return False
    written, word = normal(text_of(message.segments)[:500]), fold(configuration.appeal.word)
    if not word or not written.text.startswith(word):
        return False
    rest = written.original[written.span(0, len(word))[1] :]
    return not rest or not rest[0].isalnum()


def _last(configuration: Configuration, qq: int) -> Key:
    return Key(f"{configuration.group}/rule", "last", qq)


def _appealed(configuration: Configuration, qq: int) -> Key:
    return Key(f"{configuration.group}/{KIND}", "appealed", qq)


APPEALS = Part(_used, _keys, _act)
