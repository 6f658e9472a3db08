"""Messages over OneBot 11: sending, finding, recalling them, and what a bot is told of one.

Each implementation has its own names of messages, fields and words; those of the standard are here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from qqgroup_provision.simulator.content import Content, Forward
from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number, string
from qqgroup_provision.simulator.dialects.segments import Writer, cq_string, forwarded_in, parse
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World


class Messages:
    """What one account's implementation says of messages and does about them."""

    default_format: ClassVar[str] = "array"
    writer: ClassVar[type[Writer]] = Writer
    starts_with: ClassVar[str] = "message_seq"  # what the last message of a history is called when it is asked for
    own_post_type: ClassVar[str] = "message_sent"

    def __init__(self, world: World, account: SeedAccount, file_id: Callable[[str], str] = str) -> None:
        self.world = world
        self.account = account
        self.me = account.qq
        self.format = account.message_format or self.default_format
        self.file_id = file_id
        self._writer = self.writer(self.called, file_id)
        self.actions = {
            "send_group_msg": Action(self.send_group, writes=True),
            "send_private_msg": Action(self.send_private, writes=True),
            "send_msg": Action(self.send, writes=True),
            "send_group_forward_msg": Action(self.send_forward, writes=True),
            "get_msg": Action(self.get),
            "delete_msg": Action(self.recall, writes=True),
            "get_group_msg_history": Action(self.history),
            "get_forward_msg": Action(self.forward),
        }

    # Names

    def called(self, sequence: int) -> int:
        """What a message is called, by its number."""
        return sequence

    def sequence(self, name: int) -> int:
        """The number of what is called so."""
        return name

    # What a bot is told

    def segments(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._writer.segments(row["content"], row["seq"])

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A message, as an event and in a history."""
        segments = self.segments(row)
        scene = {"message_type": "group", "sub_type": "normal", "group_id": row["group_id"]}
        if not row["group_id"]:
            scene = {"message_type": "private", "sub_type": "friend"}
        return {
            "time": row["time"], "self_id": self.me,
            "post_type": self.own_post_type if row["sender"] == self.me else "message", **scene,
            "message_id": self.called(row["seq"]), "user_id": row["sender"],
            "message": segments if self.format == "array" else cq_string(segments),
            "raw_message": cq_string(segments), "font": 0, "sender": self.sender(row["group_id"], row["sender"]),
        }  # fmt: skip

    def sender(self, group: int, qq: int) -> dict[str, Any]:
        row = self.world.member(group, qq)
        if row is None:
            return {"user_id": qq, "nickname": self.world.nickname(qq), "card": "", "role": "member"}
        return {"user_id": qq, "nickname": row["nickname"], "card": row["card"], "role": row["role"]}

    # Actions

    def content(self, params: Params) -> Content:
        plain = params.get("auto_escape") in (True, "true", 1)
        return parse(params.get("message"), self.sequence, plain=plain)

    def send_group(self, params: Params) -> Any:
        group, content = number(params, "group_id"), self.content(params)
        return self.sent(self.world.chat.say(self.me, group, content))

    def send_private(self, params: Params) -> Any:
        """To a friend, or to somebody through a group both are in."""
        qq, content = number(params, "user_id"), self.content(params)
        group = number(params, "group_id", 0)
        friend = qq in self.account.friends
        return self.sent(self.world.whisper(self.me, qq, group, content, friend=friend))

    def sent(self, sequence: int) -> dict[str, Any]:
        return {"message_id": self.called(sequence)}

    def send(self, params: Params) -> Any:
        private = params.get("message_type") == "private" or not params.get("group_id")
        return self.send_private(params) if private else self.send_group(params)

    def send_forward(self, params: Params) -> Any:
        return self.send_group({"group_id": params.get("group_id"), "message": params.get("messages")})

    def find(self, params: Params) -> dict[str, Any]:
        """The message that is named. Raises `Failed` if this account cannot see one of that name."""
        found = self.world.chat.message(self.sequence(number(params, "message_id")))
        if found is None or (found["group_id"] and self.world.member(found["group_id"], self.me) is None):
            raise self.unknown_message()
        return found

    def unknown_message(self) -> Failed:
        return Failed("消息不存在")

    def get(self, params: Params) -> Any:
        return self.item(self.find(params))

    def recall(self, params: Params) -> Any:
        self.world.chat.recall(self.me, self.find(params)["seq"])

    def history(self, params: Params) -> Any:
        group, count = number(params, "group_id"), number(params, "count", 20)
        last = params.get(self.starts_with)
        before = None if last in (None, "", 0, "0") else self.sequence(number(params, self.starts_with))
        return {"messages": [self.item(row) for row in self.world.chat.messages(group, max(count, 0), before)]}

    def forward(self, params: Params) -> Any:
        name = string(params, "id", params.get("message_id", ""))
        row = self.world.chat.message(forwarded_in(name))
        found = next((part for part in row["content"] if isinstance(part, Forward)), None) if row else None
        if row is None or found is None:
            raise self.unknown_message()
        return {
            "messages": [
                {
                    **self.item({**row, "sender": node.sender, "content": node.content}),
                    "sender": {"user_id": node.sender, "nickname": node.nickname},
                }
                for node in found.nodes
            ]
        }

    def react(self, params: Params, face: str, *, on: bool) -> None:
        self.world.chat.react(self.me, self.find(params)["seq"], face, on=on)


class Forgetful(Messages):
    """Knows only the messages whose names it has given out since it was started, and says ok to what QQ refused."""

    def __init__(self, world: World, account: SeedAccount, file_id: Callable[[str], str] = str) -> None:
        super().__init__(world, account, file_id)
        self._seen: set[int] = set()

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = super().item(row)
        self._seen.add(item["message_id"])
        return item

    def sent(self, sequence: int) -> dict[str, Any]:
        self._seen.add(self.called(sequence))
        return super().sent(sequence)

    def knows(self, params: Params) -> bool:
        return number(params, "message_id") in self._seen

    def recall(self, params: Params) -> Any:
        if not self.knows(params):
            raise Failed("Recall failed")
        with suppress(Refusal):
            super().recall(params)
