"""Essence messages as each implementation serves them (qq_protocol §0.2, §6, §17.7).

NapCat lists them with what they say, forgets what its messages are called, and unmarks by name whatever it likes.
LLBot lists the first twenty by name alone.
"""

from __future__ import annotations

from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number, string
from qqgroup_provision.simulator.dialects.messages import Forgetful, Messages

_SHORT = 20


class Essence:
    """What one account's implementation says of essence messages and does about them."""

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        self.chat = messages.world.chat
        self.me = messages.me
        self.actions = {
            "get_essence_msg_list": Action(self.listed),
            "set_essence_msg": Action(self.mark, writes=True),
            "delete_essence_msg": Action(self.unmark, writes=True),
        }

    def listed(self, params: Params) -> Any:
        return [
            {
                "sender_id": row["sender"], "sender_nick": "", "sender_time": row["time"],
                "operator_id": row["operator"], "operator_nick": "", "operator_time": row["marked_at"],
                "message_id": self.messages.called(row["seq"]),
            }
            for row in self.chat.essence(number(params, "group_id"))[:_SHORT]
        ]  # fmt: skip

    def mark(self, params: Params) -> Any:
        self.chat.mark(self.me, self.messages.sequence(number(params, "message_id")))

    def unmark(self, params: Params) -> Any:
        self.chat.unmark(self.me, self.messages.sequence(number(params, "message_id")))


class NapCatEssence(Essence):
    """What one account's NapCat says of essence messages and does about them."""

    messages: Forgetful

    def listed(self, params: Params) -> Any:
        return [
            {
                "msg_seq": row["seq"], "msg_random": _random(row["seq"]), "sender_id": row["sender"],
                "sender_nick": "", "operator_id": row["operator"], "operator_nick": "",
                "message_id": self.messages.called(row["seq"]), "operator_time": row["marked_at"],
                "content": self.messages.segments(row),
            }
            for row in self.chat.essence(number(params, "group_id"))
        ]  # fmt: skip

    def mark(self, params: Params) -> Any:
        if not self.messages.knows(params):
            raise Failed("msg not found")
        super().mark(params)
        return {"errCode": 0}

    def unmark(self, params: Params) -> Any:
        """By number and random number; by name, and not in its memory, it swaps the two and hits nothing."""
        if "msg_seq" in params:
            sequence = int(string(params, "msg_seq"))
            if string(params, "msg_random") == str(_random(sequence)):
                self.chat.unmark(self.me, sequence)
        elif self.messages.knows(params):
            super().unmark(params)
        return {"errCode": 0}


def _random(sequence: int) -> int:
    return sequence * 2_654_435_761 % 4_294_967_296
