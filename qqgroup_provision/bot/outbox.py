"""What was decided and is to be done: stored with the decision, and dropped once it is done.

A deed that is left over when a process has died may have been done, or not: settling.py finds out. Kept as JSON of
plain values; no class is ever named by what is read but those listed here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.decision import (
    Action,
    Announce,
    Approve,
    Kick,
    Mute,
    Recall,
    Reject,
    Say,
    SetEssence,
)
from qqgroup_provision.behavior.event import At, Image, Text
from qqgroup_provision.behavior.memory import Key, Mark, Remember

# Not among them: a `Wake` and an `AskMembers` are asked for again on the next tick, and so is a `MuteAll`, which the
# curfew tries until it is told that it was done. A `Note` is but a line of the log.
Durable: TypeAlias = Say | Recall | Mute | Kick | Announce | SetEssence | Approve | Reject
DURABLE = (Say, Recall, Mute, Kick, Announce, SetEssence, Approve, Reject)

_CLASSES: dict[str, type[Any]] = {
    one.__name__: one for one in (*DURABLE, Text, At, Image, Address, Remember, Key, Mark)
}
_FIELDS = {one: tuple(field.name for field in fields(one)) for one in _CLASSES.values()}


@dataclass(frozen=True, slots=True)
class Cause:
    """What a deed follows from, by all the names it has: `by` heard it as `message`.

    `speaker` is the account that was about to act, and `after` the id of what it had said last in the group before.
    """

    by: int = 0
    message: str = ""
    sequence: str = ""
    likeness: str = ""
    speaker: int = 0
    after: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is to be done in a group, known by its bot and number."""

    bot: int
    n: int
    group: int
    at: datetime
    action: Durable
    cause: Cause


def is_durable(action: Action) -> bool:
    """Whether an action outlasts the process. A message with parts that are made only when it is said does not."""
    if isinstance(action, Say):
        return all(type(part) in _FIELDS for part in action.segments)
    return isinstance(action, DURABLE)


def written(action: Durable, cause: Cause) -> str:
    """A deed as it is stored."""
    return json.dumps([_plain(action), [getattr(cause, field.name) for field in fields(Cause)]])


def read(body: str) -> tuple[Durable, Cause]:
    """What `written` gave. Raises ValueError for anything else."""
    try:
        action, cause = json.loads(body)
        found, known = _value(action), Cause(*cause)
    except (TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"no deed: {type(error).__name__}") from None
    if not isinstance(found, DURABLE):
        raise ValueError("no deed")
    return found, known


def _plain(value: Any) -> Any:
    names = _FIELDS.get(type(value))
    if names is not None:
        return {"is": type(value).__name__, **{name: _plain(getattr(value, name)) for name in names}}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return {"is": "datetime", "at": value.isoformat()}
    return value


def _value(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_value(one) for one in data)
    if not isinstance(data, dict):
        return data
    if data["is"] == "datetime":
        return datetime.fromisoformat(data["at"])
    return _CLASSES[data["is"]](**{name: _value(one) for name, one in data.items() if name != "is"})
