"""Cards that are to look in a certain way: who has another one is reminded, and only later penalised.

Somebody is told at most once in `every`, first always with a reminder. A card that the server does not tell, or one
that is empty, is never penalised: somebody without one may have one that nobody sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import NOWHERE, Expression
from qqgroup_provision.behavior.configuration import Configuration, Penalty
from qqgroup_provision.behavior.decision import Action, Decision, Kick, Mute, Reason, Recall, Say, Verdict
from qqgroup_provision.behavior.event import At, CardChanged, Event, Message, Person, Text
from qqgroup_provision.behavior.index import compiled
from qqgroup_provision.behavior.memory import Forget, Key, Mark, Remember
from qqgroup_provision.behavior.normal import fold
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.diagnostics import Place
from qqgroup_provision.ports import Rank

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KIND = "card_format"
_FORGOTTEN = timedelta(days=30)  # after which the next reminder is the first one again


@dataclass(frozen=True, slots=True)
class CardFormat:
    """What the whole card is like, and what is said to who has another one, such as 城市-昵称.

    `penalties` come after the reminder, one each time, and the last one stays; without any it is only reminded.
    """

    like: Expression
    text: str
    example: str = ""
    every: float = 86400.0
    penalties: tuple[Penalty, ...] = ()
    exempt_roles: frozenset[str] = frozenset()
    place: Place = field(default=NOWHERE, compare=False)

    def fits(self, card: str) -> bool:
        return _single(self.like).fullmatch(fold(card)) is not None


@lru_cache(maxsize=256)
def _single(like: Expression) -> Any:
    return compiled(like)


def _used(configuration: Configuration) -> bool:
    return configuration.card_format is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    person = _person(event)
    misfit = person is not None and _misfits(person, event, prepared.configuration)
    return (_key(prepared.configuration, person.qq),) if person is not None and misfit else ()


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration, person = prepared.configuration, _person(event)
    wanted = configuration.card_format
    if wanted is None or person is None:
        return Decision()
    item, key = Address(configuration.group, KIND), _key(configuration, person.qq)
    if not _misfits(person, event, configuration):
        changed = isinstance(event, CardChanged) and person.card is not None and wanted.fits(person.card)
        return Decision(changes=(Forget(key),) if changed else ())
    mark = remembered.get(key)
    if mark is not None and timedelta() <= now - mark.at < timedelta(seconds=wanted.every):
        return Decision(reasons=(Reason(item, Verdict.COOLDOWN),))
    times = 1 + (mark.count if mark is not None else 0)
    reminder = Say((At(person.qq), Text(f" 请把群名片改成这样：{wanted.text}")), item=item)
    actions: tuple[Action, ...] = (reminder,)
    if times > 1 and wanted.penalties and person.card:
        penalty = wanted.penalties[min(times - 1, len(wanted.penalties)) - 1]
        actions = tuple(_actions(penalty, person.qq, event, item, reminder))
    until = now + max(_FORGOTTEN, 2 * timedelta(seconds=wanted.every))
    return Decision(actions, (Reason(item, Verdict.DONE),), (Remember(key, Mark(now, ((times, ""),)), until),))


def _actions(penalty: Penalty, qq: int, event: Event, item: Address, reminder: Say) -> list[Action]:
    """Who changed their card may have become an admin since their rank was looked at: so that is done once more."""
    look = isinstance(event, CardChanged)
    actions: list[Action] = []
    if penalty.recall and isinstance(event, Message):
        actions.append(Recall(event.id, qq, item))
    if penalty.mute is not None:
        actions.append(Mute(qq, int(penalty.mute), item, look=look))
    actions.append(Kick(qq, item, look=look) if penalty.kick else reminder)
    return actions


def _person(event: Event) -> Person | None:
    if isinstance(event, Message):
        return event.sender
    return event.person if isinstance(event, CardChanged) else None


def _misfits(person: Person, event: Event, configuration: Configuration) -> bool:
    """Whether a plain member who is not exempt has a card, or none, that is not as it should be."""
    wanted = configuration.card_format
    if wanted is None or person.card is None or person.rank is not Rank.MEMBER:
        return False
    if person.qq == event.me or person.qq in configuration.bots:
        return False
    roles = configuration.roles.get(person.qq, frozenset())
    return not roles & (wanted.exempt_roles | configuration.exempt) and not wanted.fits(person.card)


def _key(configuration: Configuration, qq: int) -> Key:
    return Key(str(Address(configuration.group, KIND)), "reminded", qq)


CARDS = Part(_used, _keys, _act)
