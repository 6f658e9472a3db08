"""Requests to join and people over OneBot 11, as each implementation serves them (qq_protocol §2.3, §7.1, §7.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qqgroup_provision.simulator.dialects.base import Action, Failed, Params, number, string
from qqgroup_provision.simulator.dialects.events import Events
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.requests import HANDLED, NOT_THERE, Kind


class People:
    """What one account's implementation says of people and their requests, and does about them."""

    deaf: ClassVar[bool] = False  # whether it says ok to what QQ refused

    def __init__(self, events: Events) -> None:
        self.events = events
        self.world = events.world
        self.me = events.me
        self.friends = events.messages.account.friends
        self.actions = {
            "get_stranger_info": Action(lambda params: self.stranger(number(params, "user_id"))),
            "get_friend_list": Action(lambda _: [self.friend(qq) for qq in self.friends]),
            "get_group_system_msg": Action(lambda _: self.system_messages()),
            "set_group_add_request": Action(self.answer, writes=True),
            "set_group_leave": Action(self.leave, writes=True),
            "group_poke": Action(self.poke, writes=True),
            "can_send_image": Action(lambda _: {"yes": True}),
            "can_send_record": Action(lambda _: {"yes": True}),
        }

    # People

    def stranger(self, qq: int) -> dict[str, Any]:
        return {"user_id": qq, "nickname": self.world.nickname(qq), "sex": "unknown", "age": 0}

    def friend(self, qq: int) -> dict[str, Any]:
        return {"user_id": qq, "nickname": self.world.nickname(qq), "remark": ""}

    def leave(self, params: Params) -> Any:
        group = number(params, "group_id")
        self._done(lambda: self.world.quit(self.me, group))

    def poke(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        self._done(lambda: self.world.chat.poke(self.me, group, qq))

    # Requests

    def answer(self, params: Params) -> Any:
        """`approve` is yes, unless it says no."""
        request = self.events.requested(self.flag(params))
        approve = params.get("approve", True) not in (False, "false", 0)
        try:
            self.world.requests.answer(self.me, request, approve=approve)
        except Refusal as refusal:
            self.refused(refusal)

    def flag(self, params: Params) -> str:
        return str(params["flag"]) if isinstance(params.get("flag"), int) else string(params, "flag")

    def refused(self, refusal: Refusal) -> None:
        """What is said of an answer that was not taken."""
        raise refusal

    def mine(self, *kinds: Kind) -> list[dict[str, Any]]:
        """The requests of such kinds this account may answer, newest first."""
        return [
            row
            for row in self.world.requests.listed()
            if row["kind"] in kinds
            and (
                row["qq"] == self.me
                if row["kind"] is Kind.INVITATION
                else self.world.roll.rank(row["group_id"], self.me) >= 1
            )
        ]

    def system_messages(self) -> Any:
        return {
            "invited_requests": [self.invitation(row) for row in self.mine(Kind.INVITATION)],
            "join_requests": [self.asked(row) for row in self.mine(Kind.ASKED)],
        }

    def invitation(self, row: Mapping[str, Any]) -> dict[str, Any]:
        nickname = self.world.nickname(row["inviter"])
        return {**self.item(row), "invitor_uin": row["inviter"], "invitor_nick": nickname}

    def asked(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **self.item(row), "requester_uin": row["qq"], "requester_nick": row["nickname"],
            "message": row["comment"],
        }  # fmt: skip

    def item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        group = self.world.group(row["group_id"]) or {"name": ""}
        return {
            "request_id": row["id"], "group_id": row["group_id"], "group_name": group["name"],
            "checked": row["state"] != "pending", "actor": row["handled_by"],
        }  # fmt: skip

    def _done(self, deed: Any) -> None:
        try:
            deed()
        except Refusal:
            if not self.deaf:
                raise


class NapCatPeople(People):
    """Who asks to come in stands where an inviter would."""

    deaf: ClassVar[bool] = True

    def stranger(self, qq: int) -> dict[str, Any]:
        return {
            **super().stranger(qq), "uid": f"u_{qq}", "qid": "", "qqLevel": self.world.level(qq), "long_nick": "",
            "reg_time": 0, "is_vip": False, "is_years_vip": False, "vip_level": 0, "remark": "", "status": 10,
            "login_days": 0,
        }  # fmt: skip

    def system_messages(self) -> Any:
        found = super().system_messages()
        return {**found, "InvitedRequest": found["invited_requests"]}

    def invitation(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().invitation(row), "message": "", "requester_nick": ""}

    def asked(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **self.item(row), "invitor_uin": row["qq"], "invitor_nick": row["nickname"],
            "requester_nick": row["nickname"], "message": row["comment"],
        }  # fmt: skip

    def poke(self, params: Params) -> Any:
        return super().poke({**params, "user_id": params.get("target_id", params.get("user_id"))})

    def refused(self, refusal: Refusal) -> None:
        """One that was answered before is answered with an ok, and nothing happens."""
        if refusal is NOT_THERE:
            raise Failed("No such request")


class LLBotPeople(People):
    def stranger(self, qq: int) -> dict[str, Any]:
        return {**super().stranger(qq), "level": self.world.level(qq)}

    def refused(self, refusal: Refusal) -> None:
        raise Failed("flag 不存在") if refusal is NOT_THERE else refusal


class LagrangePeople(People):
    """Lists requests as it tells of them."""

    deaf: ClassVar[bool] = True

    def __init__(self, events: Events) -> None:
        super().__init__(events)
        del self.actions["get_group_system_msg"]
        self.actions["get_group_requests"] = Action(lambda _: [self.request(row) for row in self.mine(*Kind)])
        self.actions["get_status"] = Action(
            lambda _: {"app_initialized": True, "app_enabled": True, "app_good": True, "online": True, "good": True}
        )

    def request(self, row: Mapping[str, Any]) -> dict[str, Any]:
        invitation = row["kind"] is Kind.INVITATION
        return {
            "time": row["time"], "self_id": self.me, "post_type": "request", "request_type": "group",
            "sub_type": "invite" if invitation else "add", "group_id": row["group_id"],
            "user_id": row["inviter"] if invitation else row["qq"], "comment": row["comment"],
            "flag": self.events.flag(row["id"]), "invitor_id": 0 if invitation else row["inviter"],
        }  # fmt: skip


class GoCQPeople(People):
    """Needs to be told of which sort a request is, and makes null of an empty list."""

    deaf: ClassVar[bool] = True

    def __init__(self, events: Events) -> None:
        super().__init__(events)
        del self.actions["group_poke"]
        self.actions["get_status"] = Action(
            lambda _: {
                "app_enabled": True, "app_good": True, "app_initialized": True, "good": True, "online": True,
                "plugins_good": None, "stat": {},
            }
        )  # fmt: skip

    def stranger(self, qq: int) -> dict[str, Any]:
        return {**super().stranger(qq), "qid": "", "level": self.world.level(qq), "login_days": 0}

    def system_messages(self) -> Any:
        return {key: rows or None for key, rows in super().system_messages().items()}

    def answer(self, params: Params) -> Any:
        kind = params.get("sub_type", params.get("type", ""))
        row = self.world.requests.request(self.events.requested(self.flag(params)))
        if row is None or (kind == "invite") != (row["kind"] is Kind.INVITATION):
            raise Failed("FLAG_NOT_FOUND")
        super().answer(params)

    def refused(self, refusal: Refusal) -> None:
        if refusal is HANDLED:
            raise Failed("FLAG_HAS_BEEN_CHECKED")
