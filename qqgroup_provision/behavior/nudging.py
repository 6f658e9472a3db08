"""Asks somebody who seems to ask something, and names no tag, to name one. Whoever was answered is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import holds
from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Decision, Reason, Say, Verdict
from qqgroup_provision.behavior.event import At, Event, Message, Quote, Segment, Text, text_of
from qqgroup_provision.behavior.index import LONGEST, heard
from qqgroup_provision.behavior.memory import Key, Mark, Remember
from qqgroup_provision.behavior.normal import normal
from qqgroup_provision.behavior.part import Part
from qqgroup_provision.behavior.rendering import drawn, rendered
from qqgroup_provision.behavior.tagging import order_of, tags_of
from qqgroup_provision.behavior.topics import KIND, SIGN, Nudge, Topics

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

_SHORTEST, _LONGEST = 5, 300  # characters of what may be a question
_NAMED = 5  # tags that are named where nothing else is said
# Words, in the normal form, by which people ask. Somebody who says "怎么了" to a friend says less than _SHORTEST.
_ASKING = ("请问", "怎么", "如何", "为什么", "为啥", "求助", "报错", "有没有人", "有人知道", "有大佬", "什么原因")


def seems_to_ask(text: str) -> bool:
    """Whether a text in its normal form looks like a question to everybody."""
    if not _SHORTEST <= len(text) <= _LONGEST:
        return False
    return text.rstrip("。.!~ ").endswith(("?", "吗")) or any(word in text for word in _ASKING)


def _used(configuration: Configuration) -> bool:
    return configuration.topics is not None and configuration.topics.nudge is not None


def _keys(event: Event, prepared: Prepared) -> tuple[Key, ...]:
    if not isinstance(event, Message) or _asks(event, prepared) is None:
        return ()
    return tuple(_waits(prepared.configuration, event))


def _asks(event: Message, prepared: Prepared) -> tuple[Topics, Nudge] | None:
    """What is configured, where the message is a question without a tag. One that is for somebody is none."""
    topics = prepared.configuration.topics
    if topics is None or topics.nudge is None or any(isinstance(part, Quote | At) for part in event.segments):
        return None
    text = normal(text_of(event.segments)[:LONGEST])
    if order_of(event, topics) is not None or tags_of(event, topics, prepared):
        return None
    when = topics.nudge.when
    if when is None:
        return (topics, topics.nudge) if seems_to_ask(text.text) else None
    index = prepared.sorting
    return (topics, topics.nudge) if holds(when, index.search(heard(event, links=index.links))) else None


def _act(event: Event, prepared: Prepared, remembered: Mapping[Key, Mark], now: datetime) -> Decision:
    found = _asks(event, prepared) if isinstance(event, Message) else None
    if found is None or not isinstance(event, Message):
        return Decision()
    topics, nudge = found
    configuration, item = prepared.configuration, Address(prepared.configuration.group, KIND)
    if nudge.trial:
        return Decision(reasons=(Reason(item, Verdict.TRIAL),))
    waits = _waits(configuration, event)
    if any(key in remembered and now < remembered[key].at + timedelta(seconds=wait) for key, wait in waits.items()):
        return Decision(reasons=(Reason(item, Verdict.COOLDOWN),))
    changes = tuple(Remember(key, Mark(now), now + timedelta(seconds=wait)) for key, wait in waits.items())
    return Decision((Say(_words(topics, nudge, event, configuration, now), item=item),),
                    (Reason(item, Verdict.DONE),), changes)  # fmt: skip


def _words(
    topics: Topics, nudge: Nudge, event: Message, configuration: Configuration, now: datetime
) -> tuple[Segment, ...]:
    if nudge.sayings:
        saying = drawn(nudge.sayings, f"{event.group}/{event.id}/{KIND}")
        return rendered(saying, ((event.sender.qq, event.sender.name),), configuration, now)
    names = "、".join(f"{SIGN}{tag.name}" for tag in topics.tags[:_NAMED])
    return (At(event.sender.qq), Text(f" 如果是提问，写上标签（{names}）更容易被看到，以后也搜得到。"))


def _waits(configuration: Configuration, event: Message) -> dict[Key, float]:
    """The marks that hold it back, with how long each does, in seconds."""
    nudge = configuration.topics.nudge if configuration.topics is not None else None
    if nudge is None:
        return {}
    item, cooldown = str(Address(configuration.group, KIND)), nudge.cooldown
    waits = {Key(item, "nudged"): cooldown.group, Key(item, "nudged", event.sender.qq): cooldown.user}
    return {key: wait for key, wait in waits.items() if wait}


NUDGING = Part(_used, _keys, _act, last=True)
