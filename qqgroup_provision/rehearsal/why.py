"""Why the bot did what it did, line by line, and why it did not do something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import leaves, traced
from qqgroup_provision.behavior.configuration import Reply, Rule
from qqgroup_provision.behavior.decision import VERDICTS, Decision, Reason
from qqgroup_provision.behavior.event import Message, text_of
from qqgroup_provision.behavior.index import Index, heard
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.messages import Text, say

_MOST = 5  # items that are told of one event


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an explanation: how far it is indented, and whether a condition held; `None` for anything else."""

    depth: int
    text: Text
    held: bool | None = None


def reasons_of(decision: Decision, message: Message | None) -> Iterator[Line]:
    """Every item that a decision speaks of, what became of it, and what it was found in."""
    for reason in decision.reasons[:_MOST]:
        yield Line(0, _verdict(reason))
        for because in reason.because:
            start, end = because.span
            if message is not None and end > start:
                found = because.quoted(text_of(message.segments))
                yield Line(1, say("{condition} in “{text}”", condition=because.condition, text=found), True)
            else:
                yield Line(1, because.condition, True)
    if len(decision.reasons) > _MOST:
        yield Line(0, say("and {count} more", count=len(decision.reasons) - _MOST))


def _verdict(reason: Reason) -> Text:
    if reason.item is None:
        return VERDICTS[reason.verdict]
    told = say("{item}: {verdict}", item=str(reason.item), verdict=VERDICTS[reason.verdict])
    return say("{told} ({note})", told=told, note=reason.note) if reason.note is not None else told


def unheard(message: Message, prepared: Prepared, missed: Iterable[Reply | Rule]) -> Iterator[Line]:
    """Why items that were expected did not see the message as theirs: every condition, and which of them held."""
    configuration = prepared.configuration
    for item in missed:
        condition = item.detect if isinstance(item, Rule) else item.when
        hits = Index(leaves(condition)).search(heard(message))
        yield Line(0, say("{item}: its conditions do not hold", item=str(configuration.address(item))))
        yield from (Line(line.depth + 1, line.text, line.held) for line in traced(condition, hits))


def concerned(decision: Decision) -> set[Address | None]:
    """The items a decision speaks of."""
    return {reason.item for reason in decision.reasons}
