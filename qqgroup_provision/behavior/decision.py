"""What the engine decides: what to do, why, and what to remember. Carrying it out is somebody else's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from qqgroup_provision.addresses import Address
from qqgroup_provision.behavior.conditions import Hit, Leaf, Personal, described
from qqgroup_provision.behavior.event import Segment
from qqgroup_provision.behavior.memory import MemoryChange, Remember
from qqgroup_provision.behavior.personal import masked
from qqgroup_provision.messages import Text, say

if TYPE_CHECKING:
    from qqgroup_provision.behavior.last_resort import Assistant


@dataclass(frozen=True, slots=True)
class Say:
    """Say something in the group; `quote` is the id of the message that is answered.

    `item` says whose doing an action is, as it does for every action. `receipt` is remembered once it was said.
    """

    segments: tuple[Segment, ...]
    quote: str | None = None
    item: Address | None = field(default=None, compare=False)
    receipt: Remember | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Wake:
    """Send the engine a tick at that time: something was put off until then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TickOthers:
    """Send other groups a tick now: something is remembered that concerns them too."""

    groups: tuple[int, ...]
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Recall:
    """Take back a message that was heard, which `sender` said.

    `by` is who asked for it, as it is for every action that a command asks for; 0 for what nobody has asked for.
    `account` is who heard it, for one that was said earlier: whose it is is looked at before.
    """

    message: str
    sender: int
    item: Address | None = field(default=None, compare=False)
    by: int = 0
    account: int = 0


@dataclass(frozen=True, slots=True)
class Mute:
    """Let somebody say nothing for so many seconds; for none lifts a mute.

    With `look` nobody has seen of late whether they are a plain member: that is looked at before.
    """

    qq: int
    seconds: int
    item: Address | None = field(default=None, compare=False)
    by: int = 0
    look: bool = False


@dataclass(frozen=True, slots=True)
class Kick:
    """Remove somebody from the group. They may ask to be let in again. `look` as for `Mute`."""

    qq: int
    item: Address | None = field(default=None, compare=False)
    by: int = 0
    look: bool = False


@dataclass(frozen=True, slots=True)
class Announce:
    """Post an announcement."""

    text: str
    item: Address | None = field(default=None, compare=False)
    by: int = 0


@dataclass(frozen=True, slots=True)
class SetEssence:
    """Make a message that was heard an essence message."""

    message: str
    item: Address | None = field(default=None, compare=False)
    by: int = 0


@dataclass(frozen=True, slots=True)
class MuteAll:
    """Let only admins speak, or everybody again. A `MutedAll` tells what came of it.

    With `look` nothing is done where everybody is muted already, if that can be found out.
    """

    on: bool
    look: bool = False
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AskMembers:
    """Tell the engine who is in the group: a `Census`, also where the list cannot be read."""

    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask an assistant about what `qq` said in `message`, and tell what came of it, as an `Answered`.

    Never a second time, and never so that a group has to wait for it. `longest` is the most characters of an answer.
    """

    assistant: Assistant
    prompt: str
    question: str
    message: str
    qq: int
    longest: int
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Write something down for whoever runs the bot. The group does not hear of it."""

    text: Text
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Approve:
    """Let somebody in who asked for it. `request` is what the account that heard of it calls the request."""

    request: str
    qq: int
    item: Address | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse a request to join. Whoever asked is told the reason."""

    request: str
    qq: int
    reason: str = ""
    item: Address | None = field(default=None, compare=False)


Admission: TypeAlias = Approve | Reject
Penal: TypeAlias = Recall | Mute | Kick  # never done to the owner, an admin, or a bot
Commanded: TypeAlias = Announce | SetEssence  # what only a command asks for
Action: TypeAlias = Say | Wake | Penal | MuteAll | Admission | Commanded | AskMembers | Ask | Note | TickOthers


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
    MAY = "may"  # a command of somebody who may not give it
    REFUSED = "refused"  # a command that cannot be carried out as it was said
    CONFIRM = "confirm"  # a command that waits to be confirmed
    CLOSED = "closed"  # an activity that is not open
    MISSED = "missed"  # the time for it passed while nobody was there
    AGAIN = "again"  # it failed, and is tried again
    FAILED = "failed"  # it failed too often
    THEIRS = "theirs"  # somebody else has done it already
    APPROVED = "approved"  # a request to join
    REJECTED = "rejected"
    ADMINS = "admins"  # a request that is the admins' to decide
    DECIDED = "decided"  # a request, or a newcomer, that was told of before
    ASKED = "asked"  # a newcomer who has time to answer
    ANSWERED = "answered"
    WRONG = "wrong"
    UNANSWERED = "unanswered"
    ASSISTANT = "assistant"  # somebody else's machine is asked
    UNKNOWN = "unknown"  # the assistant had no answer
    BUDGET = "budget"


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
    Verdict.MAY: say("this person may not give the command: `may`"),
    Verdict.REFUSED: say("the command cannot be carried out as it was said"),
    Verdict.CONFIRM: say("it waits to be confirmed"),
    Verdict.CLOSED: say("it is not open"),
    Verdict.MISSED: say("the time for it is too long ago: `catch_up`"),
    Verdict.AGAIN: say("it did not succeed, and is tried again"),
    Verdict.FAILED: say("it did not succeed for a long time, and is tried no more"),
    Verdict.THEIRS: say("somebody else had muted everybody already"),
    Verdict.APPROVED: say("the request is approved"),
    Verdict.REJECTED: say("the request is refused"),
    Verdict.ADMINS: say("the request is left to the admins"),
    Verdict.DECIDED: say("it was told of before"),
    Verdict.ASKED: say("newcomers are asked and have time to answer"),
    Verdict.ANSWERED: say("the question was answered"),
    Verdict.WRONG: say("this is not the answer to the question"),
    Verdict.UNANSWERED: say("the question was not answered"),
    Verdict.ASSISTANT: say("the assistant is asked"),
    Verdict.UNKNOWN: say("the assistant gave no answer"),
    Verdict.BUDGET: say("as many questions were asked today as may be: `per_day`"),
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

    def quoted(self, text: str) -> str:
        """What was found in a text that was said, as a report shows it: of what is personal no more than a hint."""
        found = text[slice(*self.span)]
        return masked(found) if isinstance(self.leaf, Personal) else found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item did something, or why it did not although its conditions held. `None` concerns all items.

    `note` says more of it, such as which part of the item it was.
    """

    item: Address | None
    verdict: Verdict
    because: tuple[Because, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """All that is to happen after an event."""

    actions: tuple[Action, ...] = ()
    reasons: tuple[Reason, ...] = ()
    changes: tuple[MemoryChange, ...] = ()
