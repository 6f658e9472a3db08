"""An event of the engine with what tells whether another account of ours has heard the same."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from qqgroup_provision.behavior.event import Event, Message

FRESH = 120.0  # seconds within which two accounts hear the same thing
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard. Equal `sequence` is the same message whoever heard it; empty where the server tells none.

    `likeness` is the same for all who hear one thing, but two things can have the same one: somebody may say `hi`
    twice in one second.
    """

    event: Event
    likeness: str
    sequence: str = ""
    account: int = 0  # who heard it, where that is not who it is about
    time: int = 1  # which one it is of those with its likeness, as far as who heard it knows

    @property
    def by(self) -> int:
        """The account that heard it."""
        return self.account or self.event.me

    @property
    def identity(self) -> str:
        """What this is remembered by once it was decided about: the same for all accounts that hear it."""
        event = self.event
        if self.sequence and isinstance(event, Message):  # not every number of every server is one: who and when, too
            return f"{self.sequence}/{event.sender.qq}/{event.at.timestamp():.0f}"
        return f"~{self.likeness}/{self.time}" if isinstance(event, Message) else self.likeness


class Seen:
    """What was heard lately, in memory. Message ids are not the same for two accounts, so they are no help here."""

    def __init__(self) -> None:
        # When it was heard, by which account, and how alike or how numbered.
        self._by: OrderedDict[tuple[int, str], tuple[float, int, str]] = OrderedDict()

    def numbered(self, heard: Heard, now: float) -> Heard | None:
        """What was heard, with which one of its likeness it is; nothing if it was heard before.

        `now` is in seconds of any clock.
        """
        event = heard.event
        if not isinstance(event, Message):
            return heard if self.is_new(heard, now) else None
        mine = (event.group, f"@{heard.by}/{event.id}")  # nobody tells one account of two messages by one name
        told = self._recent(mine, now)
        if told is not None and told[2] == heard.likeness:
            return None
        self._keep(mine, (now, heard.by, heard.likeness))
        alike = (event.group, f"+{heard.by}/{heard.likeness}")
        before = self._recent(alike, now)
        time = int(before[2]) + 1 if before is not None else 1
        self._keep(alike, (now, heard.by, str(time)))
        return replace(heard, time=time) if self.is_new(heard, now) else None

    def is_new(self, heard: Heard, now: float) -> bool:
        """Whether nobody heard this before; remembers that it was heard."""
        group, sequence, likeness = heard.event.group, heard.sequence, heard.likeness
        same = self._recent((group, f"#{sequence}"), now) if sequence else None
        # A server that gives one account one number for two messages is wrong about the number.
        if same is not None and (same[1] != heard.by or same[2] == likeness):
            return False
        alike = self._recent((group, likeness), now)
        if alike is not None and alike[1] != heard.by and not (sequence and alike[2]):
            return False
        self._keep((group, likeness), (now, heard.by, sequence))
        if sequence:
            self._keep((group, f"#{sequence}"), (now, heard.by, likeness))
        return True

    def _keep(self, key: tuple[int, str], value: tuple[float, int, str]) -> None:
        self._by[key] = value
        self._by.move_to_end(key)
        while len(self._by) > _MOST:
            self._by.popitem(last=False)

    def _recent(self, key: tuple[int, str], now: float) -> tuple[float, int, str] | None:
        found = self._by.get(key)
        return found if found is not None and now - found[0] <= FRESH else None


def moment(seconds: int) -> datetime | None:
    """A time of a protocol, in seconds since 1970; `None` for what is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
