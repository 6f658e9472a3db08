"""Lagrange.OneBot's messages and events, as its source has them (qq_protocol §0.2, §7.1, §12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qqgroup_provision.simulator import happenings as h
from qqgroup_provision.simulator.content import Image
from qqgroup_provision.simulator.dialects.base import Action, Params, string
from qqgroup_provision.simulator.dialects.events import Event, Events, digits
from qqgroup_provision.simulator.dialects.messages import Messages
from qqgroup_provision.simulator.dialects.segments import Writer
from qqgroup_provision.simulator.requests import Kind

_TYPES = {Kind.ASKED: 1, Kind.INVITATION: 2, Kind.BROUGHT: 22}


class LagrangeWriter(Writer):
    def image(self, part: Image) -> dict[str, Any]:
        return {"file": part.name, "filename": part.name, "url": part.url, "summary": part.summary, "subType": 0}


class LagrangeMessages(Messages):
    """An own message is one like any other."""

    writer: ClassVar[type[Writer]] = LagrangeWriter
    own_post_type: ClassVar[str] = "message"
    starts_with: ClassVar[str] = "message_id"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.actions["set_group_reaction"] = Action(self._react, writes=True)

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().item(row), "anonymous": None}

    def get(self, params: Params) -> Any:
        """Less than is told of it: it does not even say in which group the message is."""
        item = super().get(params)
        found = {key: item[key] for key in ("time", "message_type", "message_id", "sender", "message")}
        return {**found, "real_id": item["message_id"]}

    def sender(self, group: int, qq: int) -> dict[str, Any]:
        row = self.world.member(group, qq)
        more = {"sex": "unknown", "age": 0, "area": "", "level": "1", "title": row["title"] if row else ""}
        return {**super().sender(group, qq), **more}

    def _react(self, params: Params) -> Any:
        on = params.get("is_add", True) not in (False, "false")
        self.react(params, string(params, "code"), on=on)


class LagrangeEvents(Events):
    """Tells of no cards and no titles."""

    def joined(self, what: h.Joined) -> Event | None:
        found = super().joined(what)
        return {**found, "operator_id": what.inviter} if found is not None else None

    def leaver(self, what: h.Left) -> int:
        return what.operator

    def recalled(self, what: h.Recalled) -> Event | None:
        found = super().recalled(what)
        return {**found, "tip": ""} if found is not None else None

    def asked_to_join(self, what: h.AskedToJoin) -> Event | None:
        found = super().asked_to_join(what)
        return {**found, "invitor_id": what.inviter} if found is not None else None

    def invited(self, what: h.Invited) -> Event | None:
        found = super().invited(what)
        return {**found, "invitor_id": 0} if found is not None else None

    def flag(self, request: int) -> str:
        """By its number, group and type, and whether QQ has filtered it where somebody asks to come in."""
        row = self.world.requests.request(request)
        if row is None:
            return ""
        filtered = "-0" if row["kind"] is Kind.ASKED else ""
        return f"{row['id']}-{row['group_id']}-{_TYPES[row['kind']]}{filtered}"

    def requested(self, flag: str) -> int:
        return digits(flag.partition("-")[0])

    def card_changed(self, what: h.CardChanged) -> Event | None:
        return None

    def title_changed(self, what: h.TitleChanged) -> Event | None:
        return None

    def uploaded(self, what: h.Uploaded) -> Event | None:
        file = {"id": what.id, "name": what.name, "size": what.size, "busid": 0, "url": ""}
        return self.notice(what, "group_upload", user_id=what.qq, file=file)

    def renamed(self, what: h.Renamed) -> Event | None:
        return self.notice(what, "group_name_change", name=what.name)

    def poked(self, what: h.Poked) -> Event | None:
        found = super().poked(what)
        return {**found, "action": "戳了戳", "suffix": "", "action_img_url": ""} if found is not None else None

    def reacted(self, what: h.Reacted) -> Event | None:
        return self.notice(
            what, "reaction", sub_type="add" if what.on else "remove", operator_id=what.qq,
            message_id=self.messages.called(what.sequence), code=what.face, count=what.count,
        )  # fmt: skip
