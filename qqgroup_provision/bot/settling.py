"""What becomes of deeds that a bot left behind when it ended: done, to be done now, or given up. Pure.

| deed | how it is told whether it was done | not done any more after |
|---|---|---|
| a reply, or an answer to a command | looked for among what the account said | 2 minutes |
| any other message | the same | 10 minutes |
| recall, essence | done again: the second time changes nothing | 1 day, 10 minutes |
| mute | looked at until when the person is muted; lifting one is done again | when it would be over |
| kick | looked at whether the person is there, and since when | 1 day |
| approve, reject | looked at whether the request still waits | 1 day |
| announcement | looked for among those that stand there | 10 minutes |

What cannot be told is not done: that a message is missing is better than that it is there twice. What a server fails
to tell is asked for again until it is too late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum

from qqgroup_provision.behavior.decision import Announce, Approve, Kick, Mute, Recall, Reject, Say
from qqgroup_provision.behavior.event import At, Image, Message, Quote, Segment, Text
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.bot.outbox import Deed
from qqgroup_provision.bot.past import History

PROMPT = timedelta(minutes=2)
SOON = timedelta(minutes=10)
DAY = timedelta(days=1)
_SKEW = timedelta(seconds=5)  # by which the clocks of bot and server may differ
_ANSWERS = frozenset({"reply", "role_permission"})


class Course(Enum):
    """What becomes of a deed."""

    DONE = "done"
    DO = "do"
    LATE = "late"
    UNTOLD = "untold"
    UNREAD = "unread"  # not now: the server failed


def lasts(deed: Deed) -> timedelta:
    """How long after it was decided a deed still makes sense."""
    action = deed.action
    if isinstance(action, Say):
        return PROMPT if action.item is not None and action.item.kind in _ANSWERS else SOON
    if isinstance(action, Mute) and action.seconds > 0:
        return timedelta(seconds=action.seconds)
    return DAY if isinstance(action, Recall | Kick | Mute | Approve | Reject) else SOON


def is_late(deed: Deed, now: datetime) -> bool:
    return now - deed.at > lasts(deed)


def said(deeds: Sequence[Deed], account: int, history: History) -> dict[int, Course]:
    """What became of each message, by its place among the deeds of one group, which are in their order.

    A deed is done if the account said the same after what it had said last before; each thing said stands for one.
    """
    found: dict[int, Course] = {}
    taken: Counter[str] = Counter()  # ids
    for place, deed in enumerate(deeds):
        if not isinstance(deed.action, Say):
            continue
        candidates, is_whole = _after(deed, account, history)
        wanted = _shape(deed.action.segments)
        quoted = known_as(deed, account, history) if deed.action.quote is not None else None
        same = next(
            (
                one
                for one in candidates
                if not taken[one.id] and _shape(one.segments) == wanted and _may_quote(one, quoted)
            ),
            None,
        )
        if same is not None:
            taken[same.id] += 1
            found[place] = Course.DONE
        else:
            found[place] = Course.DO if is_whole else Course.UNTOLD
    return found


def _after(deed: Deed, account: int, history: History) -> tuple[list[Message], bool]:
    """What the speaker of a deed said since it was decided, and whether that is all of it."""
    messages = [one.event for one in history.messages if isinstance(one.event, Message)]
    cause = deed.cause
    since = deed.at - _SKEW
    if cause.speaker == account and cause.after:
        ids = [one.id for one in messages]
        if cause.after in ids:
            messages, whole = messages[ids.index(cause.after) + 1 :], True
            return [one for one in messages if one.sender.qq == cause.speaker], whole
    is_whole = history.is_whole or any(one.at < since for one in messages)
    return [one for one in messages if one.sender.qq == cause.speaker and one.at >= since], is_whole


def _may_quote(message: Message, quoted: str | None) -> bool:
    """Whether a message does not answer another one than it should. Not every server tells which one it does."""
    found = next((part.id for part in message.segments if isinstance(part, Quote)), None)
    return found is None or found == quoted


def _shape(segments: Iterable[Segment]) -> tuple[object, ...]:
    """What is said, but for what servers change: blanks, and which message is answered."""
    shape: list[object] = []
    words = ""
    for part in segments:
        if isinstance(part, Text):
            words += part.text
        elif isinstance(part, At | Image):
            shape += [" ".join(words.split()), part.qq if isinstance(part, At) else "image"]
            words = ""
    return tuple(one for one in (*shape, " ".join(words.split())) if one != "")


def muted(action: Mute, until: datetime | None, deed: Deed) -> Course:
    """Nobody is muted anew who is muted as long as was decided."""
    if action.seconds <= 0 or until is None:
        return Course.DO
    return Course.DONE if until >= deed.at + timedelta(seconds=action.seconds) - _SKEW else Course.DO


def kicked(joined: datetime | None, deed: Deed, *, is_there: bool) -> Course:
    """Whoever is gone, or has come back since, was removed."""
    return Course.DONE if not is_there or (joined is not None and joined > deed.at + _SKEW) else Course.DO


def waits(deed: Deed, requests: Iterable[Heard]) -> Heard | None:
    """The request a deed is about, as the account that has to decide it knows it."""
    sequence = deed.cause.sequence
    request = deed.action.request if isinstance(deed.action, Approve | Reject) else ""
    for heard in requests:
        if getattr(heard.event, "id", "") == request or (sequence and heard.sequence == sequence):
            return heard
    return None


def is_posted(action: Announce, deed: Deed, posted: Iterable[tuple[str, datetime]]) -> bool:
    """Whether the announcement stands in the group."""
    wanted = action.text.split()
    return any(text.split() == wanted and at >= deed.at - _SKEW for text, at in posted)


def known_as(deed: Deed, account: int, history: History) -> str | None:
    """What an account calls the message that a deed follows from: each has ids of its own. `None` for not known."""
    cause = deed.cause
    if account == cause.by:
        return cause.message
    for heard in history.messages:
        if heard.sequence and cause.sequence:
            if heard.sequence == cause.sequence:
                return str(getattr(heard.event, "id", ""))
        elif heard.likeness == cause.likeness:
            return str(getattr(heard.event, "id", ""))
    return None
