"""NapCat 4.18, as its source reads and as it answered when run (qq_protocol §1, §2.4, §5, §17)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
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
from qqgroup_provision.simulator.dialects.essence import NapCatEssence
from qqgroup_provision.simulator.dialects.files import NapCatFiles
from qqgroup_provision.simulator.dialects.napcat_events import NapCatEvents, NapCatMessages
from qqgroup_provision.simulator.dialects.napcat_settings import NapCatSettings
from qqgroup_provision.simulator.dialects.people import NapCatPeople
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_LISTED = 20
_NO_DATA = object()  # for answers from which NapCat leaves the key out altogether


class NapCat(Implementation):
    """Says `ok` to much that QQ refused, and lists members from a cache that lags one call behind."""

    app_name = "NapCat.Onebot"
    empty_bearer = True
    app_version = "4.18.19"
    wrong_token = "token verify failed!"  # noqa: S105  (what it says, not a token)

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self._cache: dict[int, tuple[int, list[dict[str, Any]]]] = {}
        self.actions["_del_group_notice"] = Action(self._delete_notice, writes=True)
        self.actions["get_status"] = Action(lambda _: {"online": True, "good": True, "stat": {}})
        files = NapCatFiles(world, account.qq)
        self.messages = NapCatMessages(world, account, files.minted)
        self.events = NapCatEvents(self.messages)
        self.actions |= NapCatPeople(self.events).actions
        self.actions[".handle_quick_operation"] = quick.action(self)
        self.actions |= files.actions | self.messages.actions | NapCatEssence(self.messages).actions
        self.actions |= NapCatSettings(world, account, account.version or self.app_version).actions

    def ok(self, data: Any) -> Reply:
        body = {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": "", "echo": None,
                "stream": "normal-action"}  # fmt: skip
        if data is _NO_DATA:
            del body["data"]
        return Reply(200, body)

    def failed(self, retcode: int, words: str) -> Reply:
        return Reply(200, {"status": "failed", "retcode": retcode, "data": None, "message": words,
                           "wording": words, "echo": None, "stream": "normal-action"})  # fmt: skip

    def unknown(self, action: str) -> Reply:
        return self.failed(200, f"不支持的Api {action}")

    def frame(self, reply: Reply) -> dict[str, Any]:
        body = super().frame(reply)
        if body["message"].startswith("不支持的Api"):
            words = body["message"].replace("Api", "API")
            return {**body, "retcode": 1404, "message": words, "wording": words}
        return body

    def group_item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "group_all_shut": -1 if row["muted"] else 0, "group_remark": row["remark"], "group_id": row["id"],
            "group_name": row["name"], "member_count": row["size"], "max_member_count": row["capacity"],
        }  # fmt: skip

    def member_list(self, params: Params) -> Any:
        """The list as it was at the call before: asking for a fresh one only starts a refresh."""
        group = number(params, "group_id")
        version = self.world.version.get(group, 0)
        cached = self._cache.get(group)
        if cached is None or cached[0] != version:
            fresh = [member_item(row) for row in self.world.members(group)]
            self._cache[group] = (version, fresh)
            if not fresh:
                raise Failed(f"群({group})成员不存在")
        return cached[1] if cached is not None else self._cache[group][1]

    def member_info(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        row = self.world.member(group, qq)
        if row is None or group not in self._cache:
            raise Failed(f"群({group})成员{qq}不存在")
        return member_item(row)

    def notice_list(self, params: Params) -> Any:
        return [
            {
                "notice_id": row["id"], "sender_id": row["sender"], "publish_time": row["time"],
                "message": {"text": escaped(row["text"]), "image": _images(row), "images": _images(row)},
                "settings": {"is_show_edit_card": 0, "remind_ts": 0, "tip_window_type": 1,
                             "confirm_required": int(row["confirm"])},
                "read_num": 0,
            }
            for row in self.world.notices(number(params, "group_id"))[:_LISTED]
        ]  # fmt: skip

    def set_admin(self, params: Params) -> Any:
        """Without `enable` it demotes, and whatever QQ says it answers ok."""
        group, qq = number(params, "group_id"), number(params, "user_id")
        enable = params.get("enable") is True or params.get("enable") == "true"
        with suppress(Refusal):
            self.world.set_admin(self.account.qq, group, qq, enable)

    def set_title(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        with suppress(Refusal):
            self.world.set_title(self.account.qq, group, qq, string(params, "special_title", ""))
        return _NO_DATA

    def whole_ban(self, params: Params) -> Any:
        if "enable" in params and params["enable"] is None:
            raise Invalid("Key: enable, Message: must be boolean")
        muted = params.get("enable", True) not in (False, "false", 0)
        self.world.mute_all(self.account.qq, number(params, "group_id"), muted)

    def kick(self, params: Params) -> Any:
        with suppress(Refusal):
            super().kick(params)

    def set_card(self, params: Params) -> Any:
        try:
            super().set_card(params)
        except Refusal:
            raise Failed("设置群名片未生效") from None

    def set_name(self, params: Params) -> Any:
        try:
            super().set_name(params)
        except Refusal as error:
            raise Failed(f"设置群名称失败 ErrCode: {error.code} ErrMsg: ") from None

    def send_notice(self, params: Params) -> Any:
        try:
            self.world.publish(
                self.account.qq,
                number(params, "group_id"),
                string(params, "content"),
                pinned=bool(number(params, "pinned", 0)),
                confirm=bool(number(params, "confirm_required", 1)),
                image=picture(params),
            )
        except Refusal as error:
            raise Failed(f"设置群公告失败,错误信息:{error.words}") from None
        return _NO_DATA

    def _delete_notice(self, params: Params) -> Any:
        with suppress(Refusal):
            self.world.withdraw(self.account.qq, number(params, "group_id"), string(params, "notice_id"))
        return {"ec": 0, "em": ""}


def _images(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"id": row["image"][:24], "height": "360", "width": "640"}] if row["image"] else []
