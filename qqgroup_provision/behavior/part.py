"""Something the bot does besides judging and answering messages, such as greeting: what a file of its own adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from qqgroup_provision.behavior.configuration import Configuration
from qqgroup_provision.behavior.decision import Decision
from qqgroup_provision.behavior.event import Event
from qqgroup_provision.behavior.memory import Asked, Key, Mark

if TYPE_CHECKING:
    from qqgroup_provision.behavior.prepared import Prepared

Keys: TypeAlias = "Callable[[Event, Prepared], tuple[Asked, ...]]"
Act: TypeAlias = "Callable[[Event, Prepared, Mapping[Key, Mark], datetime], Decision]"


@dataclass(frozen=True, slots=True)
class Part:
    """Two pure functions: which marks an event takes, and what is done with them. Both see every event of a group.

    A tick is told at least whenever a `Wake` asked for one, when the bot begins, and when a group has another
    behaviour: whoever waits for a time asks for it again at each of them. Of a message that breaks a rule, only a
    part `beside` hears: it counts and says nothing. Where another part does something about a message, no reply
    answers it.
    """

    used: Callable[[Configuration], bool]
    keys: Keys
    act: Act
    beside: bool = False
    deaf: bool = False  # whether no message concerns it
    last: bool = False  # whether it hears a message only where nothing else was done about it and no reply fits
