"""What a bot is told over Milky 1.2, as its schema has it (qq_protocol §13).

The protocol has no event for a card or a title, and none for an announcement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qqgroup_provision.simulator import happenings as h
from qqgroup_provision.simulator.world import World

Event = dict[str, Any]


class MilkyEvents:
    """Happenings as events for one account. `message` writes a message as `get_message` gives it."""

    def __init__(self, world: World, me: int, message: Callable[[Mapping[str, Any]], Event], *, own: bool) -> None:
        self._world = world
        self._me = me
        self._message = message
        self._own = own

    def told(self, what: h.Happening) -> list[Event]:
        """The event of a happening, if there is one for it."""
        kind, data = self._data(what)
        return [{"event_type": kind, "time": what.time, "self_id": self._me, "data": data}] if kind else []

    def _data(self, what: h.Happening) -> tuple[str, Event]:
        if isinstance(what, h.Said):
            return self._said(what)
        if isinstance(what, h.AskedToJoin):
            return self._asked(what)
        found = _PLAIN.get(type(what))
        if found is None:
            return "", {}
        name, data = found[0], found[1](what)
        return name, data if "peer_id" in data else {"group_id": what.group, **data}

    def _said(self, what: h.Said) -> tuple[str, Event]:
        row = self._world.chat.message(what.sequence)
        if row is None or (what.sender == self._me and not self._own):
            return "", {}
        return "message_receive", self._message(row)

    def _asked(self, what: h.AskedToJoin) -> tuple[str, Event]:
        data: Event = {"group_id": what.group, "notification_seq": what.request}
        if what.inviter:
            return "group_invited_join_request", {**data, "initiator_id": what.inviter, "target_user_id": what.qq}
        return "group_join_request", {
            **data, "is_filtered": False, "initiator_id": what.qq, "comment": what.comment,
        }  # fmt: skip


class LagrangeMilkyEvents(MilkyEvents):
    """As its source has them: it knows nothing of admins, new names, essence messages, uploads and of muting all."""

    def told(self, what: h.Happening) -> list[Event]:
        return [event for event in super().told(what) if event["event_type"] not in _UNKNOWN_TO_LAGRANGE]


_UNKNOWN_TO_LAGRANGE = {
    "group_admin_change", "group_name_change", "group_essence_message_change", "group_file_upload",
    "group_whole_mute",
}  # fmt: skip


def _recalled(what: h.Recalled) -> Event:
    return {
        "message_scene": "group", "peer_id": what.group, "message_seq": what.sequence, "sender_id": what.sender,
        "operator_id": what.operator, "display_suffix": "",
    }  # fmt: skip


def _joined(what: h.Joined) -> Event:
    data = {"user_id": what.qq}
    if what.operator:
        data["operator_id"] = what.operator
    return {**data, "invitor_id": what.inviter} if what.inviter else data


def _left(what: h.Left) -> Event:
    return {"user_id": what.qq, "operator_id": what.operator} if what.operator else {"user_id": what.qq}


def _poked(what: h.Poked) -> Event:
    return {
        "sender_id": what.qq, "receiver_id": what.target, "display_action": "戳了戳", "display_suffix": "",
        "display_action_img_url": "",
    }  # fmt: skip


def _reacted(what: h.Reacted) -> Event:
    return {
        "user_id": what.qq, "message_seq": what.sequence, "face_id": what.face,
        "reaction_type": "face" if len(what.face) <= 3 else "emoji", "is_add": what.on,
    }  # fmt: skip


def _uploaded(what: h.Uploaded) -> Event:
    return {"user_id": what.qq, "file_id": what.id, "file_name": what.name, "file_size": what.size}


# The name of each event, and what its data has beside the group.
_PLAIN: Mapping[type[h.Happening], tuple[str, Callable[[Any], Event]]] = {
    h.Recalled: ("message_recall", _recalled),
    h.Joined: ("group_member_increase", _joined),
    h.Left: ("group_member_decrease", _left),
    h.Invited: ("group_invitation", lambda w: {"invitation_seq": w.request, "initiator_id": w.inviter}),
    h.Muted: ("group_mute", lambda w: {"user_id": w.qq, "operator_id": w.operator, "duration": w.seconds}),
    h.MutedAll: ("group_whole_mute", lambda w: {"operator_id": w.operator, "is_mute": w.on}),
    h.AdminChanged: (
        "group_admin_change",
        lambda w: {"user_id": w.qq, "operator_id": w.operator, "is_set": w.on},
    ),
    h.EssenceChanged: (
        "group_essence_message_change",
        lambda w: {"message_seq": w.sequence, "operator_id": w.operator, "is_set": w.on},
    ),
    h.Uploaded: ("group_file_upload", _uploaded),
    h.Renamed: ("group_name_change", lambda w: {"new_group_name": w.name, "operator_id": w.operator}),
    h.Poked: ("group_nudge", _poked),
    h.Reacted: ("group_message_reaction", _reacted),
}
