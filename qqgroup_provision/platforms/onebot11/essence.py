"""Essence messages over OneBot 11. What a message is called lasts on NapCat as long as its process, so each write
looks it up first; its number within the group lasts (qq_protocol §0.2, §6)."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.plain_text import plain, whole
from qqgroup_provision.platforms.caller import Caller, ReadFailed
from qqgroup_provision.platforms.onebot11.dialect import Dialect
from qqgroup_provision.platforms.shape import WrongShape, distinct, integer, of
from qqgroup_provision.ports import (
    Capability,
    Known,
    LiveEssence,
    LiveEssences,
    Reading,
    Unknown,
    Unsupported,
    WriteRefused,
)

_RECENT = 100  # newest messages that are looked at
_SHORT = 20  # essence messages that LLBot lists, and no more
_NONE_YET = "消息undefined不存在"  # NapCat's failure where a group has no message at all (qq_protocol §11)


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


def listed_with_content(item: Any) -> LiveEssence:
    """An item of NapCat's get_essence_msg_list."""
    return LiveEssence(
        sequence=integer(item, "msg_seq"),
        sender_id=integer(item, "sender_id"),
        text=said(of(item, "content")),
        random=str(integer(item, "msg_random")),
    )


def message(item: Any, sequence_key: str) -> LiveEssence:
    """A message of a history, or the answer to a question about one."""
    return LiveEssence(
        sequence=integer(item, sequence_key),
        sender_id=integer(item, "user_id"),
        text=said(of(item, "message")),
        handle=str(integer(item, "message_id")),
    )


@dataclass(frozen=True, slots=True)
class EssenceMessages:
    """Reads and changes the essence messages of groups through one account."""

    caller: Caller
    dialect: Dialect

    async def read(self, group_id: int) -> Reading[LiveEssences]:
        """`GroupReader.essence`."""
        if Capability.READ_ESSENCE not in self.dialect.capabilities:
            return Unknown(say("{name} cannot list essence messages", name=self.dialect.implementation))
        marked, recent = await asyncio.gather(self.marked(group_id), self.recent(group_id))
        if not isinstance(marked, Known):
            return marked
        if not isinstance(recent, Known):
            return recent
        complete = self.dialect.essence_content or len(marked.value) < _SHORT
        return Known(LiveEssences(marked.value, recent.value, complete))

    async def marked(self, group_id: int) -> Reading[tuple[LiveEssence, ...]]:
        params = {"group_id": group_id}
        if self.dialect.essence_content:
            return await self.caller.reading("get_essence_msg_list", params, _with_content)
        names = await self.caller.reading(
            "get_essence_msg_list", params, lambda data: distinct(data, lambda item: integer(item, "message_id"), int)
        )
        if not isinstance(names, Known):
            return names
        key = self.dialect.sequence_key
        parts = await asyncio.gather(
            *(
                self.caller.reading("get_msg", {"message_id": name}, lambda data: message(data, key))
                for name in names.value
            )
        )
        found: list[LiveEssence] = []
        for part in parts:
            if not isinstance(part, Known):
                return part
            found.append(part.value)
        return Known(tuple(found))

    async def recent(self, group_id: int) -> Reading[tuple[LiveEssence, ...]]:
        """The newest messages, newest first."""
        params = {"group_id": group_id, "count": _RECENT}
        try:
            data = await self.caller.read("get_group_msg_history", params)
            found = distinct(
                of(data, "messages"),
                lambda item: message(item, self.dialect.sequence_key),
                lambda each: each.sequence,
            )
        except ReadFailed as error:
            if _NONE_YET in str(error.reason):
                return Known(())
            return Unknown(say("{action}: {reason}", action="get_group_msg_history", reason=error.reason))
        except WrongShape as error:
            return Unknown(
                say("{action} answered without a proper {field}", action="get_group_msg_history", field=str(error))
            )
        return Known(tuple(sorted(found.values(), key=lambda each: -each.sequence)))

    async def send(self, group_id: int, text: str) -> None:
        segments = [{"type": "text", "data": {"text": text}}]
        await self._do(Capability.SEND_MESSAGE, {"group_id": group_id, "message": segments})

    async def mark(self, group_id: int, sender_id: int, text: str, sequence: int) -> None:
        """Mark the message of that number, or with 0 the newest of that sender and text."""
        recent = await self.recent(group_id)
        if not isinstance(recent, Known):
            raise WriteRefused(recent.reason if isinstance(recent, Unknown) else say("the group is gone"))
        for each in recent.value:
            if each.sequence == sequence or (not sequence and (each.sender_id, each.text) == (sender_id, text)):
                await self._do(Capability.MARK_ESSENCE, {"message_id": int(each.handle)})
                return
        raise WriteRefused(say("the message is not among the newest {count}", count=_RECENT))

    async def unmark(self, group_id: int, sequence: int) -> None:
        marked = await self.marked(group_id)
        if not isinstance(marked, Known):
            raise WriteRefused(marked.reason if isinstance(marked, Unknown) else say("the group is gone"))
        found = next((each for each in marked.value if each.sequence == sequence), None)
        if found is None:
            raise WriteRefused(say("it is not among the essence messages"))
        if found.random:
            # By what lasts: by message_id NapCat may unmark another message (qq_protocol §6, §17.7).
            params = {"group_id": str(group_id), "msg_seq": str(sequence), "msg_random": found.random}
        else:
            params = {"message_id": found.handle}
        await self._do(Capability.UNMARK_ESSENCE, params)

    async def _do(self, capability: Capability, params: Mapping[str, Any]) -> None:
        action = self.dialect.actions.get(capability)
        if action is None:
            raise Unsupported(say("{implementation} has no such action", implementation=self.dialect.implementation))
        await self.caller.write(action, params)


def _with_content(data: Any) -> tuple[LiveEssence, ...]:
    return tuple(distinct(data, listed_with_content, lambda each: each.sequence).values())
