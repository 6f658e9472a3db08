"""LLBot 8.1, as its source reads and as it answered when run (qq_protocol §1, §2.4, §5, §17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator.dialects import quick
from qqgroup_provision.simulator.dialects.base import (
    Action,
    Failed,
    Implementation,
    Invalid,
    Params,
    Reply,
    escaped,
    member_item,
    number,
    picture,
    string,
)
from qqgroup_provision.simulator.dialects.essence import Essence
from qqgroup_provision.simulator.dialects.files import LLBotFiles
from qqgroup_provision.simulator.dialects.llbot_events import LLBotEvents, LLBotMessages
from qqgroup_provision.simulator.dialects.people import LLBotPeople
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_LISTED = 20


class LLBot(Implementation):
    """Passes on what QQ says, and reads back every flag of an announcement."""

    app_name = "LLOneBot"
    app_version = "8.1.7"
    wrong_token = "token verify failed"  # noqa: S105  (what it says, not a token)

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions["_delete_group_notice"] = Action(self._delete_notice, writes=True)
        self.messages = LLBotMessages(world, account)
        self.events = LLBotEvents(self.messages)
        self.actions |= LLBotPeople(self.events).actions
        self.actions[".handle_quick_operation"] = quick.action(self)
        self.actions |= LLBotFiles(world, account.qq).actions | self.messages.actions
        self.actions |= Essence(self.messages).actions
        self.actions["get_status"] = Action(lambda _: {"online": True, "good": True, "stat": {"message_sent": 0}})

    def ok(self, data: Any) -> Reply:
        return Reply(200, {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""})

    def failed(self, retcode: int, words: str) -> Reply:
        body = {"status": "failed", "retcode": retcode, "data": None, "message": words, "wording": words}
        return Reply(200, body)

    def unknown(self, action: str) -> Reply:
        return Reply(404, self.failed(404, f"{action} API 不存在").body)

    def unreadable(self) -> Reply:
        return self.failed(400, "请求体解析失败: Invalid JSON")

    def ban(self, params: Params) -> Any:
        super().ban({"duration": 1800, **params})

    def group_item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_id": row["id"], "group_name": row["name"], "group_create_time": 0,
            "group_memo": self.world.settings(row["id"])["description"],
            "member_count": row["size"], "max_member_count": row["capacity"], "remark_name": row["remark"],
            "avatar_url": "", "owner_id": 0, "is_top": False,
            "shut_up_all_timestamp": 4_294_967_295 if row["muted"] else 0, "shut_up_me_timestamp": 0,
        }  # fmt: skip

    def member_list(self, params: Params) -> Any:
        group = number(params, "group_id")
        found = [self._member(row) for row in self.world.members(group)]
        if not found:
            raise Failed("群成员未找到")
        return found

    def member_info(self, params: Params) -> Any:
        row = self.world.member(number(params, "group_id"), number(params, "user_id"))
        if row is None:
            raise Failed("群成员未找到")
        return self._member(row)

    def notice_list(self, params: Params) -> Any:
        return [
            {
                "notice_id": row["id"], "sender_id": row["sender"], "publish_time": row["time"],
                "message": {
                    "text": escaped(row["text"]),
                    "images": [{"id": row["image"][:24], "height": "360", "width": "640"}] if row["image"] else [],
                },
                "settings": {
                    "is_show_edit_card": False, "tip_window": False, "send_new_member": False,
                    "confirm_required": bool(row["confirm"]), "pinned": bool(row["pinned"]),
                },
            }
            for row in self.world.notices(number(params, "group_id"))[:_LISTED]
        ]  # fmt: skip

    def set_admin(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        self.world.set_admin(self.account.qq, group, qq, _boolean(params, "enable", True))

    def set_title(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        self.world.set_title(self.account.qq, group, qq, string(params, "special_title", ""))

    def whole_ban(self, params: Params) -> Any:
        muted = _boolean(params, "enable", True)
        self.world.mute_all(self.account.qq, number(params, "group_id"), muted)

    def send_notice(self, params: Params) -> Any:
        try:
            self.world.publish(
                self.account.qq,
                number(params, "group_id"),
                string(params, "content"),
                pinned=_boolean(params, "pinned", False),
                confirm=_boolean(params, "confirm_required", True),
                image=picture(params),
            )
        except Refusal as error:
            raise Failed(f"设置群公告失败, 错误信息: {error.words}") from None

    def _delete_notice(self, params: Params) -> Any:
        self.world.withdraw(self.account.qq, number(params, "group_id"), string(params, "notice_id"))

    def _member(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = member_item(row)
        return {**item, "card_or_nickname": item["card"] or item["nickname"]}


def _boolean(params: Params, key: str, default: bool) -> bool:
    """True and false, also as texts; a number is refused."""
    value = params.get(key, default)
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Invalid(f"{key} must be a boolean")
