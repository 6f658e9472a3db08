"""LLBot's messages and events, as its source has them (qq_protocol §0.2, §7.1, §12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator import happenings as h
from qqgroup_provision.simulator.dialects.base import Action, Params, number
from qqgroup_provision.simulator.dialects.events import Event, Events, digits
from qqgroup_provision.simulator.dialects.messages import Messages
from qqgroup_provision.simulator.dialects.napcat_events import poke_info
from qqgroup_provision.simulator.requests import Kind

_TYPES = {Kind.ASKED: 7, Kind.BROUGHT: 5, Kind.INVITATION: 1}  # as QQ numbers its notices


class LLBotMessages(Messages):
    """Names are negative."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.actions["set_msg_emoji_like"] = Action(lambda params: self._like(params, on=True), writes=True)
        self.actions["unset_msg_emoji_like"] = Action(lambda params: self._like(params, on=False), writes=True)

    def called(self, sequence: int) -> int:
        return -1000 - sequence

    def sequence(self, name: int) -> int:
        return -1000 - name if name < 0 else name

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = {**super().item(row), "message_seq": row["seq"], "font": 14, "message_format": self.format}
        group = self.world.group(row["group_id"])
        return item if group is None else {**item, "group_name": group["name"]}

    def sender(self, group: int, qq: int) -> dict[str, Any]:
        found, row = super().sender(group, qq), self.world.member(group, qq)
        return found if row is None else {**found, "level": "1", "title": row["title"]}

    def get(self, params: Params) -> Any:
        """Only here does a message have its real number under another name as well."""
        item = super().get(params)
        return {**item, "real_id": item["message_seq"]}

    def _like(self, params: Params, *, on: bool) -> Any:
        self.react(params, str(number(params, "emoji_id")), on=on)


class LLBotEvents(Events):
    """Tells all but a new name of the group."""

    def asked_to_join(self, what: h.AskedToJoin) -> Event | None:
        found = super().asked_to_join(what)
        return {**found, "invitor_id": what.inviter} if found is not None else None

    def flag(self, request: int) -> str:
        """By its group, number, type and whether it is a doubtful one."""
        row = self.world.requests.request(request)
        return f"{row['group_id']}|{row['id']}|{_TYPES[row['kind']]}|0" if row is not None else ""

    def requested(self, flag: str) -> int:
        """The bare number is taken as well."""
        return digits(flag.split("|")[1] if "|" in flag else flag)

    def poked(self, what: h.Poked) -> Event | None:
        found = super().poked(what)
        return {**found, "raw_info": poke_info(what)} if found is not None else None

    def reacted(self, what: h.Reacted) -> Event | None:
        return self.notice(
            what, "group_msg_emoji_like", user_id=what.qq, message_id=self.messages.called(what.sequence),
            likes=[{"emoji_id": what.face, "count": what.count}], is_add=what.on,
        )  # fmt: skip
