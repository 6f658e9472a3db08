"""NapCat's messages and events, as its source has them (qq_protocol §0.2, §12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qqgroup_provision.simulator import happenings as h
from qqgroup_provision.simulator.content import Image, SentFile
from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number
from qqgroup_provision.simulator.dialects.events import Event, Events, Unnoticed
from qqgroup_provision.simulator.dialects.messages import Forgetful
from qqgroup_provision.simulator.dialects.segments import Writer


class NapCatWriter(Writer):
    def image(self, part: Image) -> dict[str, Any]:
        return {
            "summary": part.summary, "file": part.name, "sub_type": 0, "url": part.url, "file_size": str(part.size),
        }  # fmt: skip

    def file(self, part: SentFile) -> dict[str, Any]:
        return {"file": part.name, "file_id": self.file_id(part.id), "file_size": str(part.size)}


class NapCatMessages(Forgetful):
    """Names are positive, and what it calls `message_seq` is one of them, not the number QQ has."""

    writer: ClassVar[type[Writer]] = NapCatWriter

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.actions["set_msg_emoji_like"] = Action(self._like, writes=True)

    def called(self, sequence: int) -> int:
        return 400_000_000 + sequence * 7

    def sequence(self, name: int) -> int:
        """A number of QQ's own is taken as well, as `message_seq` of a history is."""
        return (name - 400_000_000) // 7 if name >= 400_000_000 else name

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = super().item(row)
        name = item["message_id"]
        more = {"message_seq": name, "real_id": name, "real_seq": str(row["seq"]), "font": 14}
        group = self.world.group(row["group_id"])
        if group is not None:
            more["group_name"] = group["name"]
        return {**item, **more, "message_format": self.format}

    def history(self, params: Params) -> Any:
        found = super().history(params)
        if not found["messages"]:
            raise Failed("消息undefined不存在")
        return found

    def _like(self, params: Params) -> Any:
        on = params.get("set", True) not in (False, "false")
        self.react(params, str(number(params, "emoji_id")), on=on)
        return {"result": 0, "errMsg": ""}


class NapCatEvents(Events):
    """Notices a new card only when its owner says something, and does not say who brought whom along."""

    def __init__(self, messages: NapCatMessages) -> None:
        super().__init__(messages)
        self._cards = Unnoticed()
        self._file_id = messages.file_id

    def told(self, what: h.Happening) -> list[Event]:
        changed = self._cards.noticed(what)
        found = [] if isinstance(what, h.CardChanged) else super().told(what)
        return found if changed is None else found + super().told(changed)

    def leaver(self, what: h.Left) -> int:
        return what.operator

    def essence_changed(self, what: h.EssenceChanged) -> Event | None:
        found = super().essence_changed(what)
        return {**found, "user_id": what.sender} if found is not None else None

    def uploaded(self, what: h.Uploaded) -> Event | None:
        """With an id of its own, minted for this event."""
        file = {"id": self._file_id(what.id), "name": what.name, "size": what.size, "busid": 102}
        return self.notice(what, "group_upload", user_id=what.qq, file=file)

    def renamed(self, what: h.Renamed) -> Event | None:
        return self.notice(what, "notify", sub_type="group_name", user_id=what.operator, name_new=what.name)

    def poked(self, what: h.Poked) -> Event | None:
        found = super().poked(what)
        return {**found, "raw_info": poke_info(what)} if found is not None else None

    def reacted(self, what: h.Reacted) -> Event | None:
        return self.notice(
            what, "group_msg_emoji_like", user_id=what.qq, message_id=self.messages.called(what.sequence),
            likes=[{"emoji_id": what.face, "count": what.count}], is_add=what.on,
        )  # fmt: skip


def poke_info(what: h.Poked) -> list[dict[str, str]]:
    """What NapCat and LLBot pass on of a poke as it came."""
    return [
        {"col": "1", "jp": "", "nm": "", "tp": "0", "type": "qq", "uid": str(what.qq)},
        {"col": "1", "jp": "", "txt": "戳了戳", "type": "nor"},
        {"col": "1", "jp": "", "nm": "", "tp": "0", "type": "qq", "uid": str(what.target)},
    ]
