"""Lagrange.OneBot, the v1 branch, as its source reads (qq_protocol §0.3, §1.2, §2.4, §5)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from qqgroup_provision.simulator.dialects.base import (
    Action,
    Door,
    Failed,
    Implementation,
    Invalid,
    Params,
    Reply,
    escaped,
    member_item,
    number,
    string,
)
from qqgroup_provision.simulator.dialects.lagrange_essence import LagrangeEssence
from qqgroup_provision.simulator.dialects.lagrange_events import LagrangeEvents, LagrangeMessages
from qqgroup_provision.simulator.dialects.path_files import LagrangeFiles
from qqgroup_provision.simulator.dialects.people import LagrangePeople
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_LISTED = 20


class Lagrange(Implementation):
    """Never gives a reason, and says `ok` to almost everything that QQ refused."""

    app_name = "Lagrange.OneBot"
    app_version = "0.0.3"
    query_token = False
    door = Door.CLOSE
    beats_at_once = True
    endings = ()
    quick_operations = ()  # it does not look at what a post is answered
    capital_signature = True
    frame_codes: ClassVar[Mapping[int, int]] = {}
    # No `is_robot`, `qq_level` or `shut_up_timestamp`; and no word of what the others call constants.
    _not_given = ("is_robot", "qq_level", "shut_up_timestamp")

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions["_del_group_notice"] = Action(self._delete_notice, writes=True)
        del self.actions["set_group_remark"]
        self.messages = LagrangeMessages(world, account)
        self.events = LagrangeEvents(self.messages)
        self.actions |= LagrangePeople(self.events).actions
        self.actions |= self.messages.actions | LagrangeEssence(self.messages).actions
        self.actions |= LagrangeFiles(world, account.qq).actions

    def denied(self, given: str) -> Reply:
        return Reply(403 if given else 401, None)

    def params(self, content_type: str, body: bytes, query: Mapping[str, str]) -> dict[str, Any] | Reply:
        if body and content_type != "application/json":
            return Reply(406, None)
        return super().params(content_type, body, {} if body else query)

    def unreadable(self) -> Reply:
        """It never answers these; here nobody has to wait for that."""
        return Reply(500, None)

    def unreadable_frame(self) -> None:
        return None

    def ok(self, data: Any) -> Reply:
        return Reply(200, {"status": "ok", "retcode": 0, "data": data, "echo": None})

    def failed(self, retcode: int, words: str) -> Reply:
        return Reply(200, {"status": "failed", "retcode": retcode, "data": None, "echo": None})

    def invalid(self, words: str) -> Reply:
        return self.failed(200, words)

    def refused(self, words: str) -> Reply:
        return self.failed(-1, words)

    def unknown(self, action: str) -> Reply:
        return self.failed(404, action)

    def version_info(self, params: Params) -> Any:
        return {**super().version_info(params), "nt_protocol": "Linux | 3.2.15-30366"}

    def group_item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_id": row["id"], "group_name": row["name"],
            "member_count": row["size"], "max_member_count": row["capacity"],
        }  # fmt: skip

    def member_list(self, params: Params) -> Any:
        found = [self._member(row) for row in self.world.members(number(params, "group_id"))]
        if not found:
            raise Invalid("group")  # the core throws
        return found

    def member_info(self, params: Params) -> Any:
        row = self.world.member(number(params, "group_id"), number(params, "user_id"))
        if row is None:
            raise Failed("member")
        return self._member(row)

    def notice_list(self, params: Params) -> Any:
        return [
            {
                "notice_id": row["id"], "sender_id": row["sender"], "publish_time": row["time"],
                "message": {
                    "text": escaped(row["text"]),
                    "images": [{"id": row["image"][:24], "height": "360", "width": "640"}] if row["image"] else [],
                },
            }
            for row in self.world.notices(number(params, "group_id"))[:_LISTED]
        ]  # fmt: skip

    def set_admin(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        with suppress(Refusal):
            self.world.set_admin(self.account.qq, group, qq, _boolean(params, "enable"))

    def set_title(self, params: Params) -> Any:
        """The one whose result it looks at."""
        group, qq = number(params, "group_id"), number(params, "user_id")
        self.world.set_title(self.account.qq, group, qq, string(params, "special_title", ""))

    def whole_ban(self, params: Params) -> Any:
        muted = _boolean(params, "enable")
        with suppress(Refusal):
            self.world.mute_all(self.account.qq, number(params, "group_id"), muted)

    def set_name(self, params: Params) -> Any:
        with suppress(Refusal):
            super().set_name(params)

    def set_card(self, params: Params) -> Any:
        with suppress(Refusal):
            super().set_card(params)

    def ban(self, params: Params) -> Any:
        with suppress(Refusal):
            super().ban(params)

    def kick(self, params: Params) -> Any:
        with suppress(Refusal):
            super().kick(params)

    def send_notice(self, params: Params) -> Any:
        """Unpinned, to be confirmed, without a popup; the answer is the bare id, empty where QQ refused."""
        if params.get("image"):
            raise Invalid("image")  # not implemented, and so an exception
        group, content = number(params, "group_id"), string(params, "content")
        with suppress(Refusal):
            return self.world.publish(self.account.qq, group, content, pinned=False, confirm=True, image=None)
        return ""

    def _delete_notice(self, params: Params) -> Any:
        with suppress(Refusal):
            self.world.withdraw(self.account.qq, number(params, "group_id"), string(params, "notice_id"))

    def _member(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = {key: value for key, value in member_item(row).items() if key not in self._not_given}
        return {**item, "sex": "", "card_changeable": False, "title": ""}  # it never fills the title in


def _boolean(params: Params, key: str) -> bool:
    value = params.get(key, True)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Invalid(key)
