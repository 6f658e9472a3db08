"""go-cqhttp's messages and events, as its source and its documentation have them (qq_protocol §1.2, §12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qqgroup_provision.simulator import happenings as h
from qqgroup_provision.simulator.content import SentFile
from qqgroup_provision.simulator.dialects.base import Failed, Params
from qqgroup_provision.simulator.dialects.events import Event, Events, Unnoticed
from qqgroup_provision.simulator.dialects.messages import Messages


class GoCQMessages(Messages):
    """A string with CQ codes, unless it is told otherwise."""

    default_format: ClassVar[str] = "string"

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().item(row), "anonymous": None, "message_seq": row["seq"]}

    def get(self, params: Params) -> Any:
        """Less than is told of it, and its names beside it."""
        row = self.find(params)
        item = self.item(row)
        found = {key: item[key] for key in ("message_id", "message_type", "message_seq", "time", "message")}
        if row["group_id"]:
            found["group_id"] = row["group_id"]
        return {
            **found, "message_id_v2": f"{row['group_id'] or row['sender']}-{row['seq']}", "real_id": row["seq"],
            "group": bool(row["group_id"]),
            "sender": {key: item["sender"][key] for key in ("user_id", "nickname")},
        }  # fmt: skip

    def sender(self, group: int, qq: int) -> dict[str, Any]:
        row = self.world.member(group, qq)
        more = {"sex": "unknown", "age": 0, "area": "", "level": "", "title": row["title"] if row else ""}
        return {**super().sender(group, qq), **more}

    def unknown_message(self) -> Failed:
        return Failed("MSG_NOT_FOUND")


class GoCQEvents(Events):
    """Tells of a card only when its owner says something, of no new name and no faces under messages."""

    def __init__(self, messages: Messages) -> None:
        super().__init__(messages)
        self._cards = Unnoticed()

    def told(self, what: h.Happening) -> list[Event]:
        changed = self._cards.noticed(what)
        found = [] if isinstance(what, h.CardChanged) else super().told(what)
        return found if changed is None else found + super().told(changed)

    def said(self, what: h.Said) -> Event | None:
        """A file is not a message but an upload."""
        return None if any(isinstance(part, SentFile) for part in what.content) else super().said(what)

    def joined(self, what: h.Joined) -> Event | None:
        """Always let in, and nobody knows by whom."""
        return self.notice(what, "group_increase", sub_type="approve", user_id=what.qq, operator_id=0)

    def asked_to_join(self, what: h.AskedToJoin) -> Event | None:
        found = super().asked_to_join(what)
        return {**found, "invitor_id": what.inviter} if found is not None else None

    def invited(self, what: h.Invited) -> Event | None:
        found = super().invited(what)
        return {**found, "invitor_id": 0} if found is not None else None

    def essence_changed(self, what: h.EssenceChanged) -> Event | None:
        return None if what.operator == self.me else super().essence_changed(what)

    def uploaded(self, what: h.Uploaded) -> Event | None:
        file = {"id": what.id, "name": what.name, "size": what.size, "busid": 102, "url": ""}
        return self.notice(what, "group_upload", user_id=what.qq, file=file)

    def poked(self, what: h.Poked) -> Event | None:
        found = super().poked(what)
        return {**found, "sender_id": what.qq} if found is not None else None
