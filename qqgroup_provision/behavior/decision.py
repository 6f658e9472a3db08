"""What the engine decides: what to do, why, and what to remember. Carrying it out is somebody else's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import Hit, Leaf, described
from qqgroup_provision.behavior.event import Segment
from qqgroup_provision.behavior.memory import MemoryChange
from qqgroup_provision.messages import Text, say


@dataclass(frozen=True, slots=True)
class Say:
    """Say something in the group; `quote` is the id of the message that is answered.

    `item` says whose doing an action is, as it does for every action.
    """

    segments: tuple[Segment, ...]
    quote: str | None = None
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Wake:
    """Send the engine a tick at that time: something was put off until then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Recall:
    """Take back the message that was heard, which `sender` said."""

    message: str
    sender: int
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Mute:
    """Let somebody say nothing for so many seconds."""

    qq: int
    seconds: int
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Kick:
    """Remove somebody from the group. They may ask to be let in again."""

    qq: int
    item: Address | None = field(default=None, compare=False)


Penal: TypeAlias = Recall | Mute | Kick  # never done to the owner, an admin, or a bot
Action: TypeAlias = Say | Wake | Penal


class Verdict(Enum):
    """What became of an item that a message, or whatever happened, concerned."""

    DONE = "done"
    LATER = "later"  # put off until others can be greeted with it
    EARLIER = "earlier"  # another item that stands before it was first
    COOLDOWN = "cooldown"
    HOURS = "hours"
    WHO = "who"
    OWN = "own"  # the bot's own message
    BOT = "bot"  # a message of another bot
    OLD = "old"  # the message was said too long ago
    RULE = "rule"  # the message broke a rule that stands before it
    TRIAL = "trial"  # a rule that is only tried out
    EXEMPT = "exempt"


VERDICTS = {
    Verdict.DONE: say("it was carried out"),
    Verdict.LATER: say("it waits for others to be greeted as well"),
    Verdict.EARLIER: say("another reply came first"),
    Verdict.COOLDOWN: say("it was said a short time ago: `cooldown`"),
    Verdict.HOURS: say("it is not the time for it: `hours`"),
    Verdict.WHO: say("it is not for this person: `who`"),
    Verdict.OWN: say("the bot never answers itself"),
    Verdict.BOT: say("another bot is never answered"),
    Verdict.OLD: say("it was said too long ago to be answered"),
    Verdict.RULE: say("the message broke a rule before it"),
    Verdict.TRIAL: say("it is only tried out: `trial`"),
    Verdict.EXEMPT: say("this person is exempt: `exempt`, or not known to be a plain member"),
}


@dataclass(frozen=True, slots=True)
class Because:
    """A condition that held, and where it was found."""

    leaf: Leaf
    hit: Hit

    @property
    def condition(self) -> Text:
        return described(self.leaf)

    @property
    def span(self) -> tuple[int, int]:
        """The range of what was said, as it was written; empty for what is no text."""
        return self.hit.span


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item did something, or why it did not although its conditions held. `None` concerns all items."""

    item: Address | None
    verdict: Verdict
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """All that is to happen after an event."""

    actions: tuple[Action, ...] = ()
    reasons: tuple[Reason, ...] = ()
    changes: tuple[MemoryChange, ...] = ()
