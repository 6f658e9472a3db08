"""What can happen in a group, as values. Whatever speaks a protocol makes them; the engine reads nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from qqgroup_provision.ports import Rank

DEEPEST = 4  # forwarded messages within forwarded messages that are looked into
MOST_PARTS = 500  # segments of one message that are looked at, forwarded ones included


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class At:
    """A mention of somebody by QQ number; of everybody, without one."""

    qq: int | None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; `source` is a path in the workspace for one that is to be sent.

    `url` is where the server says that one which was heard is, and `codes` what its QR codes say: `None` while nobody
    has looked, or could.
    """

    source: str = ""
    url: str = field(default="", compare=False, repr=False)
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A mini-program or something else that was shared, with the address it leads to."""

    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Messages that were said elsewhere, each with its segments."""

    messages: tuple[tuple[Segment, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Cloud:
    """Words with how often they were said, to be drawn when they are said; `instead` is said where they cannot be."""

    words: tuple[tuple[str, int], ...]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else, such as a face or a voice, by the name its protocol has for it."""

    kind: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a group. `rank`, `level` and `card` are `None` where a server does not tell them.

    `name` is their card, or what they call themselves where they have none; then `card` is empty.
    """

    qq: int
    name: str = ""
    rank: Rank | None = Rank.MEMBER
    level: int | None = None
    card: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that is answered, by the id it has for who heard it.

    `sender` is told only of a command, and `text`, what it says, only of one that is about that.
    """

    id: str
    sender: Person | None = None
    text: str = ""


Segment: TypeAlias = Text | At | Image | Cloud | File | Card | Forwarded | Quote | Other


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody said something. `me` is the QQ number of the account that heard it, `at` when it was said.

    `people` are those it mentions, told only of a command: a mention itself has but a number.
    """

    group: int
    id: str
    sender: Person
    segments: tuple[Segment, ...]
    at: datetime
    me: int = 0
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message was taken back, by its author or by an admin. `id` is what the account that heard it calls it."""

    group: int
    id: str
    at: datetime
    me: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody came in. `inviter` is who brought them along, where a server tells."""

    group: int
    person: Person
    at: datetime
    me: int = 0
    inviter: Person | None = None


@dataclass(frozen=True, slots=True)
class CardChanged:
    """Somebody has another card now, as `person` says it. Their rank is mostly not told with it."""

    group: int
    person: Person
    at: datetime
    me: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody went, or was removed by `by`."""

    group: int
    person: Person
    at: datetime
    by: int | None = None
    me: int = 0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was seen of a group, not only another one: whether somebody is in it, and how many more get in.

    `None` is what could not be seen, or was not asked for.
    """

    group: int
    member: bool | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Requested:
    """Somebody asks to be let in, with what they wrote. `id` is what the account that heard it calls the request.

    `number` is the request's own, the same whoever heard it; empty where a server tells none. `invited` is whether a
    member wants to bring them along, `full` whether the group has no place left; `None` is not known.
    `elsewhere` is what linked groups were looked up for.
    """

    group: int
    id: str
    person: Person
    comment: str
    at: datetime
    me: int = 0
    number: str = ""
    invited: bool | None = None
    full: bool | None = None
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by. What was put off is looked at.

    `entropy` is a number nobody can foresee, in hex, another one each time: a part that takes it remembers it.
    What was said before `since` may not have been heard: nobody listened then.
    """

    group: int
    at: datetime
    me: int = 0
    entropy: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Something an item wanted to say could not be said, or nobody knows whether it was. `to` was mentioned in it."""

    group: int
    item: str
    to: tuple[int, ...]
    at: datetime
    me: int = 0


@dataclass(frozen=True, slots=True)
class MutedAll:
    """What came of a `MuteAll`: `done` says whether it succeeded; `None` is that everybody was muted already."""

    group: int
    on: bool
    done: bool | None
    at: datetime
    me: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as the list of members tells of them; `None` is what it does not tell.

    `spoke` is when they last said something. It is `joined` for who never did since they came.
    """

    person: Person
    joined: datetime | None = None
    spoke: datetime | None = None
    title: str | None = None
    robot: bool = False


@dataclass(frozen=True, slots=True)
class Census:
    """Who is in the group, as `AskMembers` asked. `expected` is how many the group itself says there are.

    `members` is `None` where the list could not be read.
    """

    group: int
    members: tuple[Member, ...] | None
    expected: int | None
    at: datetime
    me: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an `Ask` about a message of `qq`, asked at `asked`: a text, or `None` where none can be had."""

    group: int
    message: str
    qq: int
    text: str | None
    asked: datetime
    at: datetime
    me: int = 0
    name: str = ""


Event: TypeAlias = (
    Message | Answered | Recalled | Joined | Left | CardChanged | Requested | Tick | MutedAll | Census | Unsaid
)


def text_of(segments: tuple[Segment, ...]) -> str:
    """What a message says in words. A mention parts words; other things between them do not."""
    if len(segments) == 1 and isinstance(segments[0], Text):
        return segments[0].text
    return "".join(part.text if isinstance(part, Text) else " " if isinstance(part, At) else "" for part in segments)


def parts_of(segments: tuple[Segment, ...]) -> Iterator[Segment]:
    """Every segment, forwarded ones included, as deep and as many as is safe. The first come first."""
    if not any(isinstance(part, Forwarded) for part in segments):
        yield from segments[:MOST_PARTS]
        return
    level: list[Segment] = list(segments)
    left = MOST_PARTS
    for _ in range(DEEPEST + 1):
        level = level[:left]
        left -= len(level)
        yield from level
        inside = (part for part in level if isinstance(part, Forwarded))
        level = [part for forwarded in inside for message in forwarded.messages for part in message]
