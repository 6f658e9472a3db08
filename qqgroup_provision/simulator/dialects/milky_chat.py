"""Messages, requests and people over Milky 1.2: the functions a bot uses (its schema; qq_protocol §7, §13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator.content import Forward
from qqgroup_provision.simulator.dialects import milky_segments
from qqgroup_provision.simulator.dialects.base import Action, Invalid, Params
from qqgroup_provision.simulator.dialects.milky_params import Told, boolean, number, string
from qqgroup_provision.simulator.dialects.milky_shapes import departed, friend_entity, group_entity, member_entity
from qqgroup_provision.simulator.dialects.segments import forwarded_in
from qqgroup_provision.simulator.requests import Kind
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_MOST = 30  # messages of a history
_KINDS = {Kind.ASKED: "join_request", Kind.BROUGHT: "invited_join_request"}
_NOTHING: dict[str, Any] = {}


class MilkyChat:
    """What one account's implementation says of messages, requests and people, and does about them."""

    def __init__(self, world: World, account: SeedAccount) -> None:
        self._world = world
        self._account = account
        self._me = account.qq
        self._writer = milky_segments.Writer(world)
        self.actions = {
            "send_group_message": Action(self._send, writes=True),
            "send_private_message": Action(self._send_private, writes=True),
            "recall_group_message": Action(self._recall, writes=True),
            "get_message": Action(lambda params: {"message": self.message(self._found(params))}),
            "get_history_messages": Action(self._history),
            "get_forwarded_messages": Action(self._forwarded),
            "set_group_essence_message": Action(self.set_essence, writes=True),
            "send_group_message_reaction": Action(self._react, writes=True),
            "send_group_nudge": Action(self._nudge, writes=True),
            "get_group_notifications": Action(self.notifications),
            "accept_group_request": Action(lambda params: self._answer(params, approve=True), writes=True),
            "reject_group_request": Action(lambda params: self._answer(params, approve=False), writes=True),
            "accept_group_invitation": Action(lambda params: self._decide(params, approve=True), writes=True),
            "reject_group_invitation": Action(lambda params: self._decide(params, approve=False), writes=True),
            "quit_group": Action(self._quit, writes=True),
            "get_user_profile": Action(self._profile),
            "get_friend_list": Action(self._friends),
        }

    def message(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A message as events and functions give it."""
        group, sender = row["group_id"], row["sender"]
        found = {
            "message_scene": "group" if group else "friend", "peer_id": group or sender,
            "message_seq": row["seq"], "sender_id": sender, "time": row["time"],
            "segments": self._writer.segments(row["content"], group, row["seq"]),
        }  # fmt: skip
        if not group:
            return {**found, "friend": friend_entity(self._world, sender)}
        return {
            **found,
            "group": group_entity(self._world, self._world.group(group) or {}),
            "group_member": member_entity(self._world.member(group, sender) or departed(self._world, group, sender)),
        }

    def _send(self, params: Params) -> Any:
        group, content = number(params, "group_id"), milky_segments.parse(params.get("message"))
        return self._sent(self._world.chat.say(self._me, group, content))

    def _send_private(self, params: Params) -> Any:
        qq, content = number(params, "user_id"), milky_segments.parse(params.get("message"))
        friend = qq in self._account.friends
        return self._sent(self._world.whisper(self._me, qq, 0, content, friend=friend))

    def _sent(self, sequence: int) -> dict[str, Any]:
        row = self._world.chat.message(sequence)
        return {"message_seq": sequence, "time": row["time"] if row else 0}

    def _row(self, group: int, sequence: int) -> dict[str, Any]:
        row = self._world.chat.message(sequence)
        if row is None or row["group_id"] != group or self._world.member(group, self._me) is None:
            raise Told(-404, "Message not found")
        return row

    def _found(self, params: Params) -> dict[str, Any]:
        _scene(params)
        return self._row(number(params, "peer_id"), number(params, "message_seq", lowest=0))

    def _recall(self, params: Params) -> Any:
        group, sequence = number(params, "group_id"), number(params, "message_seq", lowest=0)
        self._world.chat.recall(self._me, self._row(group, sequence)["seq"])
        return _NOTHING

    def _history(self, params: Params) -> Any:
        _scene(params)
        group = number(params, "peer_id")
        last = params.get("start_message_seq")
        before = None if last is None else number(params, "start_message_seq", lowest=0)
        limit = 20 if params.get("limit") is None else number(params, "limit", lowest=1)
        if limit > _MOST:
            raise Invalid(f"limit: at most {_MOST}")
        rows = self._world.chat.messages(group, limit, before)
        more = {"next_message_seq": rows[0]["seq"] - 1} if rows else {}
        return {"messages": [self.message(row) for row in rows], **more}

    def _forwarded(self, params: Params) -> Any:
        row = self._world.chat.message(forwarded_in(string(params, "forward_id")))
        found = next((part for part in row["content"] if isinstance(part, Forward)), None) if row else None
        if row is None or found is None:
            raise Told(-404, "Forward not found")
        return {
            "messages": [
                {
                    "message_seq": number, "sender_name": node.nickname, "avatar_url": "", "time": row["time"],
                    "segments": self._writer.segments(node.content, row["group_id"], row["seq"]),
                }
                for number, node in enumerate(found.nodes)
            ]
        }  # fmt: skip

    def set_essence(self, params: Params) -> Any:
        row = self._row(number(params, "group_id"), number(params, "message_seq", lowest=0))
        change = self._world.chat.mark if boolean(params, "is_set", True) else self._world.chat.unmark
        change(self._me, row["seq"])
        return _NOTHING

    def _react(self, params: Params) -> Any:
        row = self._row(number(params, "group_id"), number(params, "message_seq", lowest=0))
        self._world.chat.react(self._me, row["seq"], string(params, "reaction"), on=boolean(params, "is_add", True))
        return _NOTHING

    def _nudge(self, params: Params) -> Any:
        self._world.chat.poke(self._me, number(params, "group_id"), number(params, "user_id"))
        return _NOTHING

    # Requests

    def notifications(self, params: Params) -> Any:
        """Those of the groups this account is an admin of, newest first. After the last page comes number 0."""
        limit = 20 if params.get("limit") is None else number(params, "limit", lowest=1)
        last = params.get("start_notification_seq")
        highest = None if last is None else number(params, "start_notification_seq", lowest=0)
        if boolean(params, "is_filtered", False):
            return {"notifications": [], "next_notification_seq": 0}
        rows = [
            row for row in self._world.requests.listed()
            if row["kind"] in _KINDS and self._world.roll.rank(row["group_id"], self._me) >= 1
            and (highest is None or row["id"] <= highest)
        ]  # fmt: skip
        following = rows[limit]["id"] if len(rows) > limit else 0
        return {"notifications": [_notification(row) for row in rows[:limit]], "next_notification_seq": following}

    def _answer(self, params: Params, *, approve: bool) -> Any:
        sequence, kind = number(params, "notification_seq", lowest=0), string(params, "notification_type")
        group = number(params, "group_id")
        boolean(params, "is_filtered", False)
        row = self._world.requests.request(sequence)
        if row is None or row["group_id"] != group or _KINDS.get(row["kind"]) != kind:
            raise Told(-404, "Notification not found")
        self._world.requests.answer(self._me, sequence, approve=approve)
        return _NOTHING

    def _decide(self, params: Params, *, approve: bool) -> Any:
        group, sequence = number(params, "group_id"), number(params, "invitation_seq", lowest=0)
        row = self._world.requests.request(sequence)
        if row is None or row["group_id"] != group or row["kind"] is not Kind.INVITATION:
            raise Told(-404, "Invitation not found")
        self._world.requests.answer(self._me, sequence, approve=approve)
        return _NOTHING

    # People

    def _quit(self, params: Params) -> Any:
        self._world.quit(self._me, number(params, "group_id"))
        return _NOTHING

    def _profile(self, params: Params) -> Any:
        qq = number(params, "user_id")
        return {
            "nickname": self._world.nickname(qq), "qid": "", "age": 0, "sex": "unknown", "remark": "", "bio": "",
            "level": self._world.level(qq), "country": "", "city": "", "school": "",
        }  # fmt: skip

    def _friends(self, params: Params) -> Any:
        boolean(params, "no_cache", False)
        return {"friends": [friend_entity(self._world, qq) for qq in self._account.friends]}


class LagrangeMilkyChat(MilkyChat):
    """Never says where the next page of notifications begins (qq_protocol §0.3)."""

    def notifications(self, params: Params) -> Any:
        return {**super().notifications(params), "next_notification_seq": None}


def _scene(params: Params) -> None:
    if string(params, "message_scene") not in ("friend", "group", "temp"):
        raise Invalid("message_scene: expected friend, group or temp")


def _notification(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "type": _KINDS[row["kind"]], "group_id": row["group_id"], "notification_seq": row["id"],
        "initiator_id": row["inviter"] or row["qq"], "state": row["state"],
    }  # fmt: skip
    if row["kind"] is Kind.ASKED:
        found |= {"is_filtered": False, "comment": row["comment"]}
    else:
        found["target_user_id"] = row["qq"]
    return {**found, "operator_id": row["handled_by"]} if row["handled_by"] else found
