"""Essence messages in Milky's words (qq_protocol §6, §13). A message has one name here, and it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qqgroup_provision.messages import say
from qqgroup_provision.platforms.caller import Caller
from qqgroup_provision.platforms.essence import EssenceMessages, is_text, said
from qqgroup_provision.platforms.milky.dialect import Dialect
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

_PAGE, _PAGES = 50, 20  # essence messages that are asked for at once, and how often at most
_RECENT, _AT_ONCE = 90, 30  # newest messages that are looked at, and that Milky gives at once at most


def message(item: Any) -> LiveEssence:
    """A GroupEssenceMessage or an IncomingMessage."""
    segments = of(item, "segments")
    if not isinstance(segments, list):
        raise WrongShape("segments")
    return LiveEssence(
        integer(item, "message_seq"), integer(item, "sender_id"), said(segments), plain=is_text(segments)
    )


def page(data: Any) -> tuple[tuple[LiveEssence, ...], bool]:
    """A page of essence messages, and whether it is the last."""
    end = of(data, "is_end")
    if not isinstance(end, bool):
        raise WrongShape("is_end")
    return tuple(distinct(of(data, "messages"), message, lambda each: each.sequence).values()), end


def history(data: Any) -> tuple[tuple[LiveEssence, ...], int | None]:
    """Some messages, and from which number on there are older ones, if there are."""
    found = distinct(of(data, "messages"), message, lambda each: each.sequence)
    older = data.get("next_message_seq")
    return tuple(found.values()), None if older is None else integer(data, "next_message_seq")


@dataclass(frozen=True, slots=True)
class MilkyEssence(EssenceMessages):
    """Reads and changes the essence messages of groups through one account."""

    caller: Caller
    dialect: Dialect

    async def marked(self, group_id: int) -> Reading[LiveEssences]:
        if Capability.READ_ESSENCE not in self.dialect.capabilities:
            return Unknown(say("{name} cannot list essence messages", name=self.dialect.implementation))
        found: dict[int, LiveEssence] = {}
        for index in range(_PAGES):
            params = {"group_id": group_id, "page_index": index, "page_size": _PAGE}
            part = await self.caller.reading("get_group_essence_messages", params, page)
            if not isinstance(part, Known):
                return part
            messages, end = part.value
            found |= {each.sequence: each for each in messages}
            if end:
                return Known(LiveEssences(tuple(found.values())))
            if not messages:
                break  # pages without end and with nothing on them
        return Known(LiveEssences(tuple(found.values()), complete=False))

    async def recent(self, group_id: int) -> Reading[tuple[LiveEssence, ...]]:
        found: dict[int, LiveEssence] = {}
        start: int | None = None
        for _ in range(_RECENT // _AT_ONCE):
            params: dict[str, Any] = {"message_scene": "group", "peer_id": group_id, "limit": _AT_ONCE}
            if start is not None:
                params["start_message_seq"] = start
            part = await self.caller.reading("get_history_messages", params, history)
            if not isinstance(part, Known):
                return part
            messages, start = part.value
            found |= {each.sequence: each for each in messages}
            if not start or not messages:  # the first message has number 1: there is none before it
                break
        return Known(tuple(sorted(found.values(), key=lambda each: -each.sequence)))

    async def send(self, group_id: int, text: str) -> None:
        segments = [{"type": "text", "data": {"text": text}}]
        await self._do(Capability.SEND_MESSAGE, "send_group_message", {"group_id": group_id, "message": segments})

    async def do_mark(self, group_id: int, message: LiveEssence) -> None:
        await self._set(Capability.MARK_ESSENCE, group_id, message, True)

    async def do_unmark(self, group_id: int, message: LiveEssence) -> None:
        await self._set(Capability.UNMARK_ESSENCE, group_id, message, False)

    async def _set(self, capability: Capability, group_id: int, message: LiveEssence, is_set: bool) -> None:
        params = {"group_id": group_id, "message_seq": message.sequence, "is_set": is_set}
        await self._do(capability, "set_group_essence_message", params)

    async def _do(self, capability: Capability, function: str, params: dict[str, Any]) -> None:
        if capability not in self.dialect.capabilities:
            raise Unsupported(say("{implementation} has no such action", implementation=self.dialect.implementation))
        await self.caller.write(function, params)
