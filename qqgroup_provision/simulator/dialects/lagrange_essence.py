"""Essence messages as Lagrange.OneBot serves them: with what they say, and by name (qq_protocol §0.2, §6)."""

from __future__ import annotations

from typing import Any

from qqgroup_provision.simulator.dialects.base import Params, number
from qqgroup_provision.simulator.dialects.essence import Essence


class LagrangeEssence(Essence):
    """What one account's Lagrange.OneBot says of essence messages and does about them."""

    def listed(self, params: Params) -> Any:
        return [
            {
                "sender_id": row["sender"], "sender_nick": "", "sender_time": row["time"],
                "operator_id": row["operator"], "operator_nick": "", "operator_time": row["marked_at"],
                "message_id": self.messages.called(row["seq"]), "content": self.messages.item(row)["message"],
            }
            for row in self.chat.essence(number(params, "group_id"))
        ]  # fmt: skip
