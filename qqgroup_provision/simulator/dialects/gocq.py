"""go-cqhttp 1.2, as its source reads (qq_protocol §0.3, §1.1-§1.3, §2.4, §5). It is not maintained any more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from qqgroup_provision.plain_text import whole
from qqgroup_provision.simulator.dialects import quick
from qqgroup_provision.simulator.dialects.base import (
    Action,
    Door,
    Failed,
    Implementation,
    Params,
    Reply,
    escaped,
    member_item,
    number,
    picture,
)
from qqgroup_provision.simulator.dialects.gocq_events import GoCQEvents, GoCQMessages
from qqgroup_provision.simulator.dialects.path_files import GoCQFiles
from qqgroup_provision.simulator.dialects.people import GoCQPeople
from qqgroup_provision.simulator.ledger import RANKS, Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_LISTED = 20
_WORDS = {
    "API_NOT_FOUND": "API不存在",
    "MSG_NOT_FOUND": "消息不存在",
    "GROUP_NOT_FOUND": "群聊不存在",
    "GROUP_MEMBER_NOT_FOUND": "群成员不存在",
    "MEMBER_NOT_FOUND": "群员不存在",
    "PERMISSION_DENIED": "权限不足",
    "IMAGE_NOT_FOUND": "图片未找到",
    "SEND_NOTICE_ERROR": "no permission",
    "DURATION_IS_NOT_IN_RANGE": "非法的禁言时长",
}
_LONGEST_BAN = 2_592_000  # seconds; as long as this and it is refused


class GoCQHTTP(Implementation):
    """Errors are a code and its wording under retcode 100; what QQ refuses silently does nothing."""

    app_name = "go-cqhttp"
    app_version = "v1.2.0"
    door = Door.HANDSHAKE
    user_agent = "CQHttp/4.15.0"
    endings = ("_async",)
    quick_operations = ("reply", "approve", "delete", "kick", "ban")
    frame_codes: ClassVar[Mapping[int, int]] = {404: 1404}

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions["_del_group_notice"] = Action(self._delete_notice, writes=True)
        del self.actions["set_group_remark"]
        self.messages = GoCQMessages(world, account)
        self.events = GoCQEvents(self.messages)
        self.actions |= GoCQPeople(self.events).actions
        self.actions[".handle_quick_operation"] = quick.action(self)
        self.actions |= self.messages.actions | GoCQFiles(world, account.qq).actions

    def denied(self, given: str) -> Reply:
        return Reply(403 if given else 401, None)

    def params(self, content_type: str, body: bytes, query: Mapping[str, str]) -> dict[str, Any] | Reply:
        if body and "application/json" not in content_type:
            return Reply(406, None)
        return super().params("application/json", body, query)

    def unreadable(self) -> Reply:
        return Reply(400, None)

    def unreadable_frame(self) -> dict[str, Any]:
        return self.frame(self.unknown(""))  # to its parser any text is JSON, here one without an action

    def ok(self, data: Any) -> Reply:
        return Reply(200, {"data": data, "message": "", "retcode": 0, "status": "ok"})

    def failed(self, retcode: int, words: str) -> Reply:
        """`words` is its code for the failure; what that is in Chinese comes beside it."""
        wording = _WORDS.get(words, words)
        body = {"data": None, "message": wording, "msg": words, "retcode": retcode, "status": "failed"}
        return Reply(200, {**body, "wording": wording})

    def invalid(self, words: str) -> Reply:
        return self.failed(100, words)

    def refused(self, words: str) -> Reply:
        return self.failed(100, words)

    def unknown(self, action: str) -> Reply:
        return Reply(404, self.failed(404, "API_NOT_FOUND").body)

    def version_info(self, params: Params) -> Any:
        return {
            **super().version_info(params), "app_full_name": "go-cqhttp-v1.2.0_linux_amd64-go1.20.7",
            "coolq_edition": "pro", "go-cqhttp": True, "plugin_version": "4.15.0", "plugin_build_number": 99,
            "plugin_build_configuration": "release", "runtime_os": "linux", "version": "v1.2.0",
        }  # fmt: skip

    def group_item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_id": row["id"], "group_name": row["name"], "group_memo": "", "group_create_time": 0,
            "group_level": 0, "member_count": row["size"], "max_member_count": row["capacity"],
        }  # fmt: skip

    def group_info(self, params: Params) -> Any:
        self._mine(params)
        return super().group_info(params)

    def member_list(self, params: Params) -> Any:
        group = self._mine(params)
        return [self._member(row) for row in self.world.members(group)]

    def member_info(self, params: Params) -> Any:
        row = self.world.member(self._mine(params), _number(params, "user_id"))
        if row is None:
            raise Failed("MEMBER_NOT_FOUND")
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
            for row in self.world.notices(self._mine(params))[:_LISTED]
        ]  # fmt: skip

    def set_admin(self, params: Params) -> Any:
        group, qq = _number(params, "group_id"), _number(params, "user_id")
        mine = self.world.member(group, self.account.qq)
        if mine is None or mine["role"] != "owner":
            raise Failed("PERMISSION_DENIED")
        if self.world.member(group, qq) is None:
            raise Failed("GROUP_MEMBER_NOT_FOUND")
        self.world.set_admin(self.account.qq, group, qq, _boolean(params, "enable"))

    def set_title(self, params: Params) -> Any:
        group, qq = self._whom(params)
        with suppress(Refusal):
            self.world.set_title(self.account.qq, group, qq, _text(params, "special_title"))

    def set_card(self, params: Params) -> Any:
        group, qq = self._whom(params)
        with suppress(Refusal):
            self.world.set_card(self.account.qq, group, qq, _text(params, "card"))

    def set_name(self, params: Params) -> Any:
        group = self._mine(params)
        with suppress(Refusal):
            self.world.rename(self.account.qq, group, _text(params, "group_name"))

    def whole_ban(self, params: Params) -> Any:
        group = self._mine(params)
        with suppress(Refusal):
            self.world.mute_all(self.account.qq, group, _boolean(params, "enable"))

    def ban(self, params: Params) -> Any:
        self._whom(params)
        if _number({"duration": 1800, **params}, "duration") >= _LONGEST_BAN:
            raise Failed("DURATION_IS_NOT_IN_RANGE")
        with suppress(Refusal):
            super().ban({"duration": 1800, **params})

    def kick(self, params: Params) -> Any:
        self._whom(params)
        super().kick(params)

    def send_notice(self, params: Params) -> Any:
        """Unpinned, to be confirmed, without a popup."""
        group = self._mine(params)
        self._require_admin(group)
        try:
            image = picture(params)
        except Failed:
            raise Failed("IMAGE_NOT_FOUND") from None
        content = _text(params, "content")
        try:
            made = self.world.publish(self.account.qq, group, content, pinned=False, confirm=True, image=image)
        except Refusal:
            raise Failed("SEND_NOTICE_ERROR") from None
        return {"notice_id": made}

    def _delete_notice(self, params: Params) -> Any:
        group = self._mine(params)
        self._require_admin(group)
        with suppress(Refusal):
            self.world.withdraw(self.account.qq, group, _text(params, "notice_id"))

    def _mine(self, params: Params) -> int:
        group = _number(params, "group_id")
        if self.world.member(group, self.account.qq) is None:
            raise Failed("GROUP_NOT_FOUND")
        return group

    def _whom(self, params: Params) -> tuple[int, int]:
        group, qq = self._mine(params), _number(params, "user_id")
        if self.world.member(group, qq) is None:
            raise Failed("GROUP_NOT_FOUND")
        return group, qq

    def _require_admin(self, group: int) -> None:
        mine = self.world.member(group, self.account.qq)
        if mine is None or RANKS[mine["role"]] < RANKS["admin"]:
            raise Failed("PERMISSION_DENIED")

    def _member(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = {key: value for key, value in member_item(row).items() if key not in ("is_robot", "qq_level")}
        return {**item, "card_changeable": False}


# Go reads what it can and takes the rest for nothing.


def _number(params: Params, key: str) -> int:
    value = params.get(key)
    return number(params, key) if isinstance(value, (int, str)) and not isinstance(value, bool) and value else 0


def _text(params: Params, key: str) -> str:
    value = params.get(key)
    return whole(value) if isinstance(value, str) else ""


def _boolean(params: Params, key: str) -> bool:
    value = params.get(key, True)
    return value.lower() in ("1", "t", "true") if isinstance(value, str) else bool(value)
