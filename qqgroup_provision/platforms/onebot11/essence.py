"""Essence messages in OneBot 11's words (qq_protocol §0.2, §6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.caller import Caller, ReadFailed
from qqgroup_provision.platforms.essence import EssenceMessages, is_text, said
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
)

_SHORT = 20  # essence messages that LLBot lists, and no more
_NONE_YET = "消息undefined不存在"  # NapCat's failure where a group has no message at all (qq_protocol §11)
_NAME = "message_id"


def listed_with_content(item: Any, sequence_key: str = "msg_seq") -> LiveEssence:
    """An item of get_essence_msg_list of NapCat, or of Lagrange.OneBot, which knows a message by its name."""
    content = of(item, "content")
    text = said(content)
    named = sequence_key == _NAME
    return LiveEssence(
        sequence=integer(item, sequence_key),
        sender_id=integer(item, "sender_id"),
        text=text,
        handle=str(integer(item, _NAME)) if named else "",
        random="" if named else str(integer(item, "msg_random")),
        plain=is_text(content),
    )


def message(item: Any, sequence_key: str) -> LiveEssence:
    """A message of a history, or the answer to a question about one."""
    content = of(item, "message")
    return LiveEssence(
        sequence=integer(item, sequence_key),
        sender_id=integer(item, "user_id"),
        text=said(content),
        handle=str(integer(item, _NAME)),
        plain=is_text(content),
    )


@dataclass(frozen=True, slots=True)
class OneBotEssence(EssenceMessages):
    """Reads and changes the essence messages of groups through one account.

    `said` are messages by what they are called: what one says never changes, so it is asked for once.
    """

    caller: Caller
    dialect: Dialect
    said: dict[int, LiveEssence] = field(default_factory=dict)

    async def marked(self, group_id: int) -> Reading[LiveEssences]:
        if Capability.READ_ESSENCE not in self.dialect.capabilities:
            return Unknown(say("{name} cannot list essence messages", name=self.dialect.implementation))
        params = {"group_id": group_id}
        if self.dialect.essence_content:
            return await self.caller.reading("get_essence_msg_list", params, self._with_content)
        names = await self.caller.reading(
            "get_essence_msg_list", params, lambda data: distinct(data, lambda item: integer(item, _NAME), int)
        )
        if not isinstance(names, Known):
            return names
        parts = await asyncio.gather(*(self._message(name) for name in names.value))
        found: list[LiveEssence] = []
        for part in parts:
            if not isinstance(part, Known):
                return part
            found.append(part.value)
        return Known(LiveEssences(tuple(found), complete=len(found) < _SHORT))

    async def both(self, group_id: int) -> tuple[Reading[LiveEssences], Reading[tuple[LiveEssence, ...]]]:
        if self.dialect.essence_content:
            return await asyncio.gather(self.marked(group_id), self.recent(group_id))
        recent = await self.recent(group_id)  # first, as what is among these need not be asked for
        return await self.marked(group_id), recent

    async def _message(self, name: int) -> Reading[LiveEssence]:
        if name in self.said:
            return Known(self.said[name])
        key = self.dialect.sequence_key
        found = await self.caller.reading("get_msg", {_NAME: name}, lambda data: message(data, key))
        if isinstance(found, Known):
            self.said[name] = found.value
        return found

    def _with_content(self, data: Any) -> LiveEssences:
        key = _NAME if self.dialect.sequence_key == _NAME else "msg_seq"
        found = distinct(data, lambda item: listed_with_content(item, key), lambda each: each.sequence)
        return LiveEssences(tuple(found.values()))

    async def recent(self, group_id: int) -> Reading[tuple[LiveEssence, ...]]:
        params = {"group_id": group_id, "count": self.dialect.recent}
        key = self.dialect.sequence_key
        try:
            data = await self.caller.read("get_group_msg_history", params)
            found = distinct(of(data, "messages"), lambda item: message(item, key), lambda each: each.sequence)
        except ReadFailed as error:
            if _NONE_YET in str(error.reason):
                return Known(())
            return Unknown(say("{action}: {reason}", action="get_group_msg_history", reason=error.reason))
        except WrongShape as error:
            return Unknown(
                say("{action} answered without a proper {field}", action="get_group_msg_history", field=str(error))
            )
        self.said.update((int(each.handle), each) for each in found.values())
        if key == _NAME:  # these are in no order
            return Known(tuple(reversed(found.values())))
        return Known(tuple(sorted(found.values(), key=lambda each: -each.sequence)))

    async def send(self, group_id: int, text: str) -> None:
        segments = [{"type": "text", "data": {"text": text}}]
        await self._do(Capability.SEND_MESSAGE, {"group_id": group_id, "message": segments})

    async def do_mark(self, group_id: int, message: LiveEssence) -> None:
        await self._do(Capability.MARK_ESSENCE, {_NAME: int(message.handle)})

    async def do_unmark(self, group_id: int, message: LiveEssence) -> None:
        if message.random:
            # By what lasts: by message_id NapCat may unmark another message (qq_protocol §6, §17.7).
            params = {"group_id": str(group_id), "msg_seq": str(message.sequence), "msg_random": message.random}
            await self._do(Capability.UNMARK_ESSENCE, params)
        else:
            await self._do(Capability.UNMARK_ESSENCE, {_NAME: int(message.handle)})

    async def _do(self, capability: Capability, params: Mapping[str, Any]) -> None:
        action = self.dialect.actions.get(capability)
        if action is None:
            raise Unsupported(say("{implementation} has no such action", implementation=self.dialect.implementation))
        await self.caller.write(action, params)
