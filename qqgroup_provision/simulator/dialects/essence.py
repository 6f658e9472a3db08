"""Essence messages as NapCat and LLBot serve them (qq_protocol §0.2, §6, §17.7).

NapCat lists them with what they say, forgets what its messages are called, and unmarks by name whatever it likes.
LLBot lists the first twenty by name alone; its names may be negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number, said_in, string
from qqgroup_provision.simulator.world import World

_SHORT = 20


class LLBotEssence:
    """What one account's LLBot says of messages and does about them."""

    def __init__(self, world: World, me: int) -> None:
        self.world = world
        self.me = me
        self.actions = {
            "get_essence_msg_list": Action(self.listed),
            "get_group_msg_history": Action(self.history),
            "get_msg": Action(self.message),
            "set_essence_msg": Action(self.mark, writes=True),
            "delete_essence_msg": Action(self.unmark, writes=True),
            "send_group_msg": Action(self.send, writes=True),
        }

    def called(self, sequence: int) -> int:
        """What a message is called, by its number."""
        return -1000 - sequence

    def sequence(self, name: int) -> int:
        """The number of what is called so."""
        return -1000 - name

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "self_id": self.me, "user_id": row["sender"], "time": row["time"], "message_id": self.called(row["seq"]),
            "message_seq": row["seq"], "message_type": "group", "group_id": row["group_id"],
            "sender": {"user_id": row["sender"], "nickname": str(row["sender"]), "card": "", "role": "member"},
            "raw_message": row["text"], "message": [{"type": "text", "data": {"text": row["text"]}}],
            "message_format": "array", "sub_type": "normal", "font": 14, "post_type": "message",
        }  # fmt: skip

    def listed(self, params: Params) -> Any:
        return [
            {
                "sender_id": row["sender"], "sender_nick": "", "sender_time": row["time"],
                "operator_id": row["operator"], "operator_nick": "", "operator_time": row["marked_at"],
                "message_id": self.called(row["seq"]),
            }
            for row in self.world.essence(number(params, "group_id"))[:_SHORT]
        ]  # fmt: skip

    def history(self, params: Params) -> Any:
        rows = self.world.messages(number(params, "group_id"), number(params, "count", 20))
        return {"messages": [self.item(row) for row in rows]}

    def message(self, params: Params) -> Any:
        row = self.world.message(self.sequence(number(params, "message_id")))
        if row is None:
            raise Failed("消息不存在")
        return self.item(row)

    def send(self, params: Params) -> Any:
        return {"message_id": self.called(self.world.say(self.me, number(params, "group_id"), said_in(params)))}

    def mark(self, params: Params) -> Any:
        self.world.mark(self.me, self.sequence(number(params, "message_id")))

    def unmark(self, params: Params) -> Any:
        self.world.unmark(self.me, self.sequence(number(params, "message_id")))


class NapCatEssence(LLBotEssence):
    """What one account's NapCat says of messages and does about them."""

    def __init__(self, world: World, me: int) -> None:
        super().__init__(world, me)
        self._seen: set[int] = set()  # names that this process has given out

    def called(self, sequence: int) -> int:
        return 400_000_000 + sequence * 7

    def sequence(self, name: int) -> int:
        return (name - 400_000_000) // 7

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = super().item(row)
        self._seen.add(item["message_id"])
        return {
            **item, "message_seq": item["message_id"], "real_id": item["message_id"], "real_seq": str(row["seq"]),
        }  # fmt: skip

    def listed(self, params: Params) -> Any:
        return [
            {
                "msg_seq": row["seq"], "msg_random": _random(row["seq"]), "sender_id": row["sender"],
                "sender_nick": "", "operator_id": row["operator"], "operator_nick": "",
                "message_id": self.called(row["seq"]), "operator_time": row["marked_at"],
                "content": [{"type": "text", "data": {"text": row["text"]}}],
            }
            for row in self.world.essence(number(params, "group_id"))
        ]  # fmt: skip

    def history(self, params: Params) -> Any:
        found = super().history(params)
        if not found["messages"]:
            raise Failed("消息undefined不存在")
        return found

    def send(self, params: Params) -> Any:
        sent = super().send(params)
        self._seen.add(sent["message_id"])
        return sent

    def mark(self, params: Params) -> Any:
        if number(params, "message_id") not in self._seen:
            raise Failed("msg not found")
        super().mark(params)
        return {"errCode": 0}

    def unmark(self, params: Params) -> Any:
        """By number and random number; by name, and not in its memory, it swaps the two and hits nothing."""
        if "msg_seq" in params:
            sequence = int(string(params, "msg_seq"))
            if string(params, "msg_random") == str(_random(sequence)):
                self.world.unmark(self.me, sequence)
        elif number(params, "message_id") in self._seen:
            super().unmark(params)
        return {"errCode": 0}


def _random(sequence: int) -> int:
    return sequence * 2_654_435_761 % 4_294_967_296
