"""What a bot is told over OneBot 11, as the standard has it (qq_protocol §12). Each implementation differs somewhere.

A happening becomes no event, one, or several. What an implementation never tells, its own class leaves out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from qqgroup_provision.simulator import happenings as h
from qqgroup_provision.simulator.dialects.messages import Messages
from qqgroup_provision.simulator.world import World

Event = dict[str, Any]


class Events:
    """Happenings as events for one account."""

    whole_mute: ClassVar[int] = -1  # the duration of a mute of everybody

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        self.me = messages.me

    @property
    def world(self) -> World:
        return self.messages.world

    def told(self, what: h.Happening) -> list[Event]:
        """The events of a happening, in order."""
        event = _tell(self, what)
        return [event] if event is not None else []

    # Of the connection

    def greeting(self, time: int) -> Event:
        return self._event(time, "meta_event", meta_event_type="lifecycle", sub_type="connect")

    def heartbeat(self, time: int, milliseconds: int) -> Event:
        status = {"online": True, "good": True}
        return self._event(time, "meta_event", meta_event_type="heartbeat", status=status, interval=milliseconds)

    # Of a group

    def said(self, what: h.Said) -> Event | None:
        if what.sender == self.me and not self.messages.account.report_self:
            return None
        row = self.world.chat.message(what.sequence)
        return self.messages.item(row) if row is not None else None

    def recalled(self, what: h.Recalled) -> Event | None:
        return self.notice(
            what, "group_recall", user_id=what.sender, operator_id=what.operator,
            message_id=self.messages.called(what.sequence),
        )  # fmt: skip

    def joined(self, what: h.Joined) -> Event | None:
        kind = "approve" if what.operator or not what.inviter else "invite"
        return self.notice(
            what, "group_increase", sub_type=kind, user_id=what.qq, operator_id=what.operator or what.inviter
        )

    def left(self, what: h.Left) -> Event | None:
        kind = "leave"
        if what.operator:
            kind = "kick_me" if what.qq == self.me else "kick"
        return self.notice(what, "group_decrease", sub_type=kind, user_id=what.qq, operator_id=self.leaver(what))

    def leaver(self, what: h.Left) -> int:
        """Who is said to have made somebody leave."""
        return what.operator or what.qq

    def asked_to_join(self, what: h.AskedToJoin) -> Event | None:
        return self.request(what, "add", user_id=what.qq, comment=what.comment, flag=self.flag(what.request))

    def invited(self, what: h.Invited) -> Event | None:
        return self.request(what, "invite", user_id=what.inviter, comment="", flag=self.flag(what.request))

    def flag(self, request: int) -> str:
        """What a request is called when it is answered."""
        return str(request)

    def requested(self, flag: str) -> int:
        """The request that is called so, -1 for none."""
        return digits(flag)

    def muted(self, what: h.Muted) -> Event | None:
        return self.notice(
            what, "group_ban", sub_type="ban" if what.seconds else "lift_ban", user_id=what.qq,
            operator_id=what.operator, duration=what.seconds,
        )  # fmt: skip

    def muted_all(self, what: h.MutedAll) -> Event | None:
        return self.notice(
            what, "group_ban", sub_type="ban" if what.on else "lift_ban", user_id=0,
            operator_id=what.operator, duration=self.whole_mute if what.on else 0,
        )  # fmt: skip

    def admin_changed(self, what: h.AdminChanged) -> Event | None:
        return self.notice(what, "group_admin", sub_type="set" if what.on else "unset", user_id=what.qq)

    def card_changed(self, what: h.CardChanged) -> Event | None:
        return self.notice(what, "group_card", user_id=what.qq, card_new=what.after, card_old=what.before)

    def title_changed(self, what: h.TitleChanged) -> Event | None:
        return self.notice(what, "notify", sub_type="title", user_id=what.qq, title=what.title)

    def essence_changed(self, what: h.EssenceChanged) -> Event | None:
        return self.notice(
            what, "essence", sub_type="add" if what.on else "delete", sender_id=what.sender,
            operator_id=what.operator, message_id=self.messages.called(what.sequence),
        )  # fmt: skip

    def uploaded(self, what: h.Uploaded) -> Event | None:
        file = {"id": what.id, "name": what.name, "size": what.size, "busid": 102}
        return self.notice(what, "group_upload", user_id=what.qq, file=file)

    def renamed(self, what: h.Renamed) -> Event | None:
        return None

    def poked(self, what: h.Poked) -> Event | None:
        return self.notice(what, "notify", sub_type="poke", user_id=what.qq, target_id=what.target)

    def reacted(self, what: h.Reacted) -> Event | None:
        return None

    # Shapes

    def notice(self, what: h.Happening, kind: str, **more: Any) -> Event:
        return self._event(what.time, "notice", notice_type=kind, group_id=what.group, **more)

    def request(self, what: h.Happening, kind: str, **more: Any) -> Event:
        return self._event(what.time, "request", request_type="group", sub_type=kind, group_id=what.group, **more)

    def _event(self, time: int, post_type: str, **more: Any) -> Event:
        return {"time": time, "self_id": self.me, "post_type": post_type, **more}


def digits(written: str) -> int:
    """The number a text is, -1 for a text that is none."""
    return int(written) if len(written) <= 18 and written.isascii() and written.isdigit() else -1


class Unnoticed:
    """New cards that are told of only when their owners say something, as some implementations do."""

    def __init__(self) -> None:
        self._changes: dict[tuple[int, int], h.CardChanged] = {}

    def noticed(self, what: h.Happening) -> h.CardChanged | None:
        """The change of a card that this happening makes known."""
        if isinstance(what, h.CardChanged):
            earlier = self._changes.get((what.group, what.qq), what)
            self._changes[what.group, what.qq] = replace(what, before=earlier.before)
        if not isinstance(what, h.Said):
            return None
        found = self._changes.pop((what.group, what.sender), None)
        return replace(found, time=what.time) if found is not None and found.before != found.after else None


_METHODS = {
    h.Said: "said", h.Recalled: "recalled", h.Joined: "joined", h.Left: "left", h.AskedToJoin: "asked_to_join",
    h.Invited: "invited", h.Muted: "muted", h.MutedAll: "muted_all", h.AdminChanged: "admin_changed",
    h.CardChanged: "card_changed", h.TitleChanged: "title_changed", h.EssenceChanged: "essence_changed",
    h.Uploaded: "uploaded", h.Renamed: "renamed", h.Poked: "poked", h.Reacted: "reacted",
}  # fmt: skip


def _tell(events: Any, what: h.Happening) -> Event | None:
    found: Event | None = getattr(events, _METHODS[type(what)])(what)
    return found
