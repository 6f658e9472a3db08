"""Asks an assistant elsewhere what to answer, where nothing else has an answer: within a budget, and once.

The engine only says what is to be asked. Whoever carries it out tells what came of it, as an `Answered`. What an
assistant says is text of a stranger: it is said as plain text of a bounded length, quoting the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import NOWHERE, Condition, holds
from qqgroup_provision.behavior.configuration import Configuration, Saying, Who
from qqgroup_provision.behavior.decision import Ask, Decision, Reason, Say, Verdict
from qqgroup_provision.behavior.event import Answered, At, Event, Message, Text, text_of
from qqgroup_provision.behavior.index import heard
from qqgroup_provision.behavior.memory import SHARED, Key, Mark, Remember
from qqgroup_provision.behavior.normal import normal
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.personal import Sort, first
from qqgroup_provision.behavior.rendering import drawn, rendered
from qqgroup_provision.diagnostics import Place

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

KIND = "last_resort"
LONGEST_QUESTION = 1000  # characters
_HIDDEN = (Sort.PHONE, Sort.KEY)  # what goes to nobody else
_MOST_HIDDEN = 10
_TOO_LATE = timedelta(minutes=5)  # after which a group has gone on


@dataclass(frozen=True, slots=True)
class Assistant:
    """Somewhere that answers questions. `kind` is openai or http; `token` names a variable of the bot's environment.

    `timeout` is in seconds, and `per_day` the questions of a day from all groups together.
    """

    kind: str
    url: str
    model: str = ""
    token: str = ""
    timeout: float = 20.0
    per_day: int = 200
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LastResort:
    """When an assistant is asked, and how. Without `when` it is whatever mentions the bot.

    `group` and `user` are the questions of a day. Without sayings nothing is said where there is no answer.
    """

    assistant: Assistant
    prompt: str = ""
    when: Condition | None = None
    who: Who = Who()  # noqa: RUF009  (frozen)
    longest: int = 300
    group: int = 50
    user: int = 10
    sayings: tuple[Saying, ...] = ()  # said where there is no answer
    place: Place = field(default=NOWHERE, compare=False)


def _used(configuration: Configuration) -> bool:
    return configuration.last_resort is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    if not isinstance(event, Message) or not _concerns(event, prepared):
        return ()
    last, configuration = prepared.configuration.last_resort, prepared.configuration
    return tuple(key for key, _ in _budgets(last, configuration, event.sender.qq)) if last is not None else ()


def _concerns(event: Message, prepared: Prepared) -> bool:
    """Whether a message is one that the assistant is asked about if nothing else answers it."""
    last = prepared.configuration.last_resort
    if last is None or not question_of(event):
        return False
    if last.when is None:
        return any(isinstance(part, At) and part.qq == event.me != 0 for part in event.segments)
    return holds(last.when, prepared.sorting.search(heard(event, links=prepared.sorting.links)))


def question_of(event: Message) -> str:
    """What is asked: the words alone, for everything else is nobody's business, and no number or key in them."""
    text = plain(text_of(event.segments), LONGEST_QUESTION)
    for _ in range(_MOST_HIDDEN):
        hit = first(normal(text), _HIDDEN)
        if hit is None:
            return text
        start, end = hit.span
        text = f"{text[:start]}＊{text[end:]}"
    return ""  # a list of such things is no question


def plain(text: str, longest: int) -> str:
    """A text without anything that is not to be seen, cut where it is too long."""
    seen = "".join(char for char in text[: 2 * longest] if char.isprintable() or char == "\n").strip()
    return seen if len(seen) <= longest else f"{seen[: longest - 1]}…"


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    configuration, last = prepared.configuration, prepared.configuration.last_resort
    if last is None:
        return Decision()
    if isinstance(event, Answered):
        return _answered(event, last, configuration, now)
    if not isinstance(event, Message) or not _concerns(event, prepared):
        return Decision()
    item = Address(configuration.group, KIND)
    roles = configuration.roles.get(event.sender.qq, frozenset())
    if not last.who.takes(event.sender, roles):
        return Decision(reasons=(Reason(item, Verdict.WHO),))
    today, changes = now.astimezone(configuration.zone).date(), []
    for key, most in _budgets(last, configuration, event.sender.qq):
        mark = remembered.get(key)
        # One from a later day counts: a clock was put right meanwhile.
        spent = mark.count if mark is not None and mark.at.astimezone(configuration.zone).date() >= today else 0
        if spent >= most:
            return Decision(reasons=(Reason(item, Verdict.BUDGET),))
        changes.append(Remember(key, Mark(now, ((spent + 1, ""),)), now + timedelta(days=2)))
    ask = Ask(last.assistant, last.prompt, question_of(event), event.id, event.sender.qq, last.longest, item)
    return Decision((ask,), (Reason(item, Verdict.ASSISTANT),), tuple(changes))


def _answered(event: Answered, last: LastResort, configuration: Configuration, now: datetime) -> Decision:
    item = Address(configuration.group, KIND)
    if now - event.asked > _TOO_LATE:
        return Decision(reasons=(Reason(item, Verdict.OLD),))
    text = plain(event.text or "", last.longest)
    if text:
        return Decision((Say((Text(text),), event.message, item),), (Reason(item, Verdict.DONE),))
    if not last.sayings:
        return Decision(reasons=(Reason(item, Verdict.UNKNOWN),))
    saying = drawn(last.sayings, f"{event.group}/{event.message}/{item}")
    segments = rendered(saying, ((event.qq, event.name),), configuration, now)
    said = (Say(segments, event.message, item),) if segments else ()
    return Decision(said, (Reason(item, Verdict.UNKNOWN),))


def _budgets(last: LastResort, configuration: Configuration, qq: int) -> tuple[tuple[Key, int], ...]:
    """The marks of how many questions there were on their day, with how many there may be: of the group, of one
    person, and of all groups that ask the same assistant."""
    item, asked = str(Address(configuration.group, KIND)), last.assistant
    who = sha256(f"{asked.url} {asked.token}".encode()).hexdigest()[:16]
    return (
        (Key(item, "asked"), last.group),
        (Key(item, "asked", qq), last.user),
        (Key(f"{SHARED}assistant/{who}", "asked"), asked.per_day),
    )


LAST_RESORT = Part(_used, _keys, _act, last=True)
