"""A group's essence messages through one account, whichever protocol: a protocol adds its words.

What a message is called may last no longer than the server's process; its number within the group lasts
(qq_protocol §0.2, §6).
"""

from __future__ import annotations

import asyncio
import html
from abc import ABC, abstractmethod
from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.plain_text import plain, whole
from qqgroup_provision.platforms.shape import WrongShape, of
from qqgroup_provision.ports import Known, LiveEssence, LiveEssences, Reading, Unknown, WriteRefused


def said(message: Any) -> str:
    """The text of a message. What is no text stands as its kind in brackets, so that it equals no text of YAML."""
    if isinstance(message, str):  # a server may be set to give messages as one text
        return plain(whole(html.unescape(message)))
    if not isinstance(message, list):
        raise WrongShape("message")
    parts: list[str] = []
    for segment in message:
        kind, data = of(segment, "type"), of(segment, "data")
        value = data.get("text") if isinstance(data, dict) else None
        parts.append(value if kind == "text" and isinstance(value, str) else f"[{kind}]")
    return plain(whole("".join(parts)))


def is_text(message: Any) -> bool:
    """Whether there is nothing but text in a message that `said` has read. Of one text nobody can tell."""
    if isinstance(message, str):
        return "[CQ:" not in message
    return all(segment["type"] == "text" for segment in message)


class EssenceMessages(ABC):
    """Reads and changes the essence messages of groups."""

    @abstractmethod
    async def marked(self, group_id: int) -> Reading[LiveEssences]:
        """The essence messages, without the newest messages."""

    @abstractmethod
    async def recent(self, group_id: int) -> Reading[tuple[LiveEssence, ...]]:
        """The newest messages, newest first."""

    @abstractmethod
    async def send(self, group_id: int, text: str) -> None:
        """`GroupWriter.send_message`."""

    @abstractmethod
    async def do_mark(self, group_id: int, message: LiveEssence) -> None: ...

    @abstractmethod
    async def do_unmark(self, group_id: int, message: LiveEssence) -> None: ...

    async def both(self, group_id: int) -> tuple[Reading[LiveEssences], Reading[tuple[LiveEssence, ...]]]:
        """`marked` and `recent`."""
        return await asyncio.gather(self.marked(group_id), self.recent(group_id))

    async def read(self, group_id: int) -> Reading[LiveEssences]:
        """`GroupReader.essence`."""
        marked, recent = await self.both(group_id)
        if not isinstance(marked, Known):
            return marked
        if not isinstance(recent, Known):
            return recent
        return Known(LiveEssences(marked.value.marked, recent.value, marked.value.complete))

    async def mark(self, group_id: int, sender_id: int, text: str, sequence: int) -> None:
        """`GroupWriter.mark_essence`."""
        recent = await self.recent(group_id)
        if not isinstance(recent, Known):
            raise WriteRefused(recent.reason if isinstance(recent, Unknown) else say("the group is gone"))
        for each in recent.value:
            if each.sequence == sequence or (not sequence and (each.sender_id, each.text) == (sender_id, text)):
                await self.do_mark(group_id, each)
                return
        raise WriteRefused(say("the message is not among the newest {count}", count=len(recent.value)))

    async def unmark(self, group_id: int, sequence: int) -> None:
        """`GroupWriter.unmark_essence`."""
        marked = await self.marked(group_id)
        if not isinstance(marked, Known):
            raise WriteRefused(marked.reason if isinstance(marked, Unknown) else say("the group is gone"))
        found = next((each for each in marked.value.marked if each.sequence == sequence), None)
        if found is None:
            raise WriteRefused(say("it is not among the essence messages"))
        await self.do_unmark(group_id, found)
