"""NapCat's actions about a group's settings, with QQ's numbers and bits (qq_protocol §2.4, §3.4 to §3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qqgroup_provision.simulator.dialects.base import Action, Failed, Invalid, Params, number, string
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_FIRST = (4, 18, 18)  # the version that brought the last three actions
_OPTIONS = {1: "open", 2: "review", 3: "closed", 4: "correct_answer", 5: "question_and_review"}
_INVITES = {
    "disabled": 0x04000000,
    "require_approval": 0,
    "no_approval": 0x00100000,
    "no_approval_under_100": 0x02000000,
}
_ROBOTS = {"free": (0, 0), "review": (0, 2), "forbidden": (1, 2)}
_FORBIDDEN = {"upload_album": 0x1, "create_group": 0x8000, "temporary_session": 0x10000}
_ELSE = 0x40  # a bit that means something else and is always set


class NapCatSettings:
    """What one account's NapCat says of settings and does about them."""

    def __init__(self, world: World, account: SeedAccount, version: str) -> None:
        self._world = world
        self._me = account.qq
        self.actions = {
            "get_group_detail_info": Action(self._detail),
            "get_group_info_ex": Action(self._more),
            "set_group_add_option": Action(self._add_option, writes=True),
            "set_group_robot_add_option": Action(self._robots, writes=True),
        }
        if tuple(int(part) for part in version.split(".")) >= _FIRST:
            self.actions |= {
                "set_group_member_invite_policy": Action(self._invites, writes=True),
                "set_group_member_permissions": Action(self._permissions, writes=True),
                "set_group_new_member_history_visibility": Action(self._history, writes=True),
            }

    def _row(self, params: Params) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        group = number(params, "group_id")
        for row in self._world.groups_of(self._me):
            if row["id"] == group:
                return row, self._world.settings(group)
        raise Failed("Timeout: NTEvent serviceAndMethod:NodeIKernelGroupService/getGroupDetailInfo")

    def _detail(self, params: Params) -> Any:
        row, settings = self._row(params)
        option = next((n for n, word in _OPTIONS.items() if word == settings["method"]), 0)
        privileges = _ELSE | _INVITES[settings["member_invites"]]
        for key, bit in _FORBIDDEN.items():
            privileges |= 0 if settings[key] else bit
        return {
            "groupCode": str(row["id"]), "groupUin": str(row["id"]), "ownerUin": str(row["owner"]),
            "groupName": row["name"], "memberNum": row["size"], "maxMemberNum": row["capacity"],
            "groupOption": option, "groupQuestion": settings["question"],
            "fingerMemo": settings["description"], "richFingerMemo": settings["description"],
            "privilegeFlag": privileges, "groupFlagExt4": 0x10 | (0x4 if settings["history_visible"] else 0),
            "shutUpAllTimestamp": 4_294_967_295 if row["muted"] else 0, "remarkName": row["remark"],
            "group_id": row["id"], "group_name": row["name"], "member_count": row["size"],
            "max_member_count": row["capacity"], "group_all_shut": -1 if row["muted"] else 0, "group_remark": "",
        }  # fmt: skip

    def _more(self, params: Params) -> Any:
        row, settings = self._row(params)
        switch, examine = _ROBOTS[settings["robots"]]
        return {
            "groupCode": str(row["id"]), "resultCode": 0,
            "extInfo": {
                "inviteRobotSwitch": 1, "inviteRobotMemberSwitch": switch, "inviteRobotMemberExamine": examine,
                "groupOwnerId": {"memberUin": str(row["owner"])},
                "hasGroupCustomPortrait": int(bool(settings["avatar"])),
            },
        }  # fmt: skip

    def _add_option(self, params: Params) -> None:
        """What is left out is emptied, and QQ keeps a question and an answer only with a method that asks."""
        option = number(params, "add_type")
        method = _OPTIONS.get(option)
        if method is None:
            raise Failed(f"设置群添加选项失败, 1:add_type {option}")
        question = string(params, "group_question", "") if option in (4, 5) else ""
        answer = string(params, "group_answer", "") if option == 4 else ""
        try:
            self._change(params, method=method, question=question, answer=answer)
        except Refusal as error:
            raise Failed(f"设置群添加选项失败, {error.code}:{error.words}") from None

    def _robots(self, params: Params) -> None:
        numbers = number(params, "robot_member_switch", 0), number(params, "robot_member_examine", 0)
        self._change(params, robots=next((word for word, pair in _ROBOTS.items() if pair == numbers), "review"))

    def _invites(self, params: Params) -> None:
        policy = string(params, "policy")
        if policy not in _INVITES:
            raise Invalid("Key: policy, Message: Expected union value")
        self._set("member_invite", params, member_invites=policy)

    def _permissions(self, params: Params) -> None:
        names = {f"allow_member_{key}": key for key in _FORBIDDEN}
        given = {key: _boolean(params, name) for name, key in names.items() if name in params}
        if not given:
            raise Failed("至少需要提供一个群成员功能权限")
        self._set("member_permissions", params, **given)

    def _history(self, params: Params) -> None:
        self._set("new_member_history", params, history_visible=_boolean(params, "visible"))

    def _set(self, setting: str, params: Params, **values: Any) -> None:
        try:
            self._change(params, **values)
        except Refusal as error:
            raise Failed(f"设置失败 Setting: {setting} ErrCode: {error.code} ErrMsg: {error.words}") from None

    def _change(self, params: Params, **values: Any) -> None:
        self._world.change_settings(self._me, number(params, "group_id"), **values)


def _boolean(params: Params, key: str) -> bool:
    value = params.get(key)
    if not isinstance(value, bool):
        raise Invalid(f"Key: {key}, Message: Expected boolean")
    return value
