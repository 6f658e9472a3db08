"""LLBot 8.1 and Lagrange.Milky as their sources read, over Milky 1.2 (qq_protocol §0.3, §5, §13, §17.10)."""

from __future__ import annotations

import base64
import json
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from qqgroup_provision.simulator.dialects.base import Action, Params, Reply, Service, escaped
from qqgroup_provision.simulator.dialects.milky_chat import LagrangeMilkyChat, MilkyChat
from qqgroup_provision.simulator.dialects.milky_events import LagrangeMilkyEvents, MilkyEvents
from qqgroup_provision.simulator.dialects.milky_files import EMPTY, LagrangeMilkyFiles, MilkyEssence, MilkyFiles
from qqgroup_provision.simulator.dialects.milky_params import Crashed, Told, boolean, number, string
from qqgroup_provision.simulator.dialects.milky_shapes import group_entity, member_entity
from qqgroup_provision.simulator.happenings import Happening
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

_LISTED = 20


class Milky(Service):
    """What both share: names and parameters of the functions, and the shapes of what they answer."""

    path = "/api/{action}"
    query_token = False
    impl_name: ClassVar[str]
    impl_version: ClassVar[str]
    media_type_refused: ClassVar[Reply]
    nobody: ClassVar[str]  # what it says of somebody who is not in the group
    chat_kind: ClassVar[type[MilkyChat]] = MilkyChat
    events_kind: ClassVar[type[MilkyEvents]] = MilkyEvents

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions = {
            "get_impl_info": Action(self.impl_info),
            "get_login_info": Action(lambda _: {"uin": account.qq, "nickname": account.nickname}),
            "get_group_list": Action(self.group_list),
            "get_group_info": Action(self.group_info),
            "get_group_member_list": Action(self.member_list),
            "get_group_member_info": Action(self.member_info),
            "set_group_name": Action(self.set_name, writes=True),
            "set_group_member_card": Action(self.set_card, writes=True),
            "set_group_member_special_title": Action(self.set_title, writes=True),
            "set_group_member_mute": Action(self.mute_member, writes=True),
            "set_group_whole_mute": Action(self.mute_all, writes=True),
            "kick_group_member": Action(self.kick, writes=True),
        }
        self.chat = self.chat_kind(world, account)
        self.actions |= self.chat.actions
        self.events = self.events_kind(world, account.qq, self.chat.message, own=account.report_self)

    def call(self, action: str, params: Params) -> Reply:
        try:
            return super().call(action, params)
        except Crashed as error:
            return self.crashed(str(error))
        except Told as error:
            return self.failed(error.retcode, error.words)

    def params(self, content_type: str, body: bytes, query: Mapping[str, str]) -> dict[str, Any] | Reply:
        if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/json":
            return self.media_type_refused
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            return self.crashed("Unexpected token in JSON")
        return data if isinstance(data, dict) else self.invalid("expected object")

    def told(self, what: Happening) -> list[dict[str, Any]]:
        return self.events.told(what)

    def nothing(self, action: str) -> Any:
        lists = {"get_group_list": "groups", "get_group_member_list": "members",
                 "get_group_announcements": "announcements"}  # fmt: skip
        found: dict[str, Any] = {lists[action]: []} if action in lists else {}
        return {**found, **EMPTY.get(action, {})}

    @abstractmethod
    def crashed(self, words: str) -> Reply: ...

    # Reading

    def impl_info(self, params: Params) -> Any:
        return {
            "impl_name": self.impl_name,
            "impl_version": self.account.version or self.impl_version,
            "qq_protocol_version": "3.2.19-39038",
            "qq_protocol_type": "linux",
            "milky_version": "1.2",
        }

    def group_list(self, params: Params) -> Any:
        boolean(params, "no_cache", False)
        return {"groups": [group_entity(self.world, row) for row in self.world.groups_of(self.account.qq)]}

    def group_info(self, params: Params) -> Any:
        group = number(params, "group_id")
        boolean(params, "no_cache", False)
        for row in self.world.groups_of(self.account.qq):
            if row["id"] == group:
                return {"group": group_entity(self.world, row)}
        raise Crashed("group not found")

    def member_list(self, params: Params) -> Any:
        group = number(params, "group_id")
        boolean(params, "no_cache", False)
        if self.world.member(group, self.account.qq) is None:
            raise Crashed("group not found")
        return {"members": [member_entity(row) for row in self.world.members(group)]}

    def member_info(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        boolean(params, "no_cache", False)
        row = self.world.member(group, qq)
        if row is None:
            raise Told(-404, self.nobody)
        return {"member": member_entity(row)}

    # Changing

    def set_name(self, params: Params) -> Any:
        self.world.rename(self.account.qq, number(params, "group_id"), string(params, "new_group_name"))
        return {}

    def set_card(self, params: Params) -> Any:
        group, qq, card = number(params, "group_id"), number(params, "user_id"), string(params, "card")
        self.present(group, qq)
        self.world.set_card(self.account.qq, group, qq, card)
        return {}

    def set_title(self, params: Params) -> Any:
        group, qq, title = number(params, "group_id"), number(params, "user_id"), string(params, "special_title")
        self.present(group, qq)
        self.world.set_title(self.account.qq, group, qq, title)
        return {}

    def mute_member(self, params: Params) -> Any:
        """Mute a member for some seconds; 0, which is also what a missing duration means, lifts it."""
        group, qq = number(params, "group_id"), number(params, "user_id")
        seconds = number({"duration": 0, **params}, "duration", lowest=0)
        self.present(group, qq)
        self.world.mute(self.account.qq, group, qq, seconds)
        return {}

    def mute_all(self, params: Params) -> Any:
        group, muted = number(params, "group_id"), boolean(params, "is_mute", True)
        self.world.mute_all(self.account.qq, group, muted)
        return {}

    def kick(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        for_good = boolean(params, "reject_add_request", False)
        self.present(group, qq)
        self.world.kick(self.account.qq, group, qq, for_good=for_good)
        return {}

    def present(self, group: int, qq: int) -> None:
        """A QQ number has to be turned into an id of the group's first, which fails for somebody not in it."""
        if self.world.member(group, qq) is None:
            raise Crashed(f"user {qq} is not in group {group}")


class LLBotMilky(Milky):
    """Passes on what QQ says, except of titles, which it does not look at."""

    impl_name = "LLBot"
    impl_version = "8.1.7"
    nobody = "Member not found"
    media_type_refused = Reply(415, {"status": "failed", "retcode": 415, "message": "Unsupported Media Type"})

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions |= {
            "set_group_avatar": Action(self._set_avatar, writes=True),
            "set_group_member_admin": Action(self._set_admin, writes=True),
            "get_group_announcements": Action(self._announcements),
            "send_group_announcement": Action(self._announce, writes=True),
            "delete_group_announcement": Action(self._withdraw, writes=True),
        }
        self.actions |= MilkyFiles(world, account.qq, _fetched).actions
        self.actions |= MilkyEssence(world, self.chat.message).actions

    def denied(self, given: str) -> Reply:
        return Reply(401, self.failed(401, "Unauthorized").body)

    def ok(self, data: Any) -> Reply:
        return Reply(200, {"status": "ok", "retcode": 0, "data": data})

    def failed(self, retcode: int, words: str) -> Reply:
        return Reply(200, {"status": "failed", "retcode": retcode, "message": words})

    def invalid(self, words: str) -> Reply:
        return self.failed(-400, f"Invalid input: {words}")

    def refused(self, words: str) -> Reply:
        return self.failed(-500, words)

    def crashed(self, words: str) -> Reply:
        return self.failed(500, f"Internal error: {words}")

    def unknown(self, action: str) -> Reply:
        return Reply(404, self.failed(404, "API not found").body)

    def set_title(self, params: Params) -> Any:
        with suppress(Refusal):
            super().set_title(params)
        return {}

    def _set_avatar(self, params: Params) -> Any:
        group, uri = number(params, "group_id"), string(params, "image_uri")
        self.world.set_avatar(self.account.qq, group, _fetched(uri))
        return {}

    def _set_admin(self, params: Params) -> Any:
        group, qq, admin = number(params, "group_id"), number(params, "user_id"), boolean(params, "is_set", True)
        self.present(group, qq)
        self.world.set_admin(self.account.qq, group, qq, admin)
        return {}

    def _announcements(self, params: Params) -> Any:
        group = number(params, "group_id")
        return {
            "announcements": [
                {
                    "group_id": group, "announcement_id": row["id"], "user_id": row["sender"], "time": row["time"],
                    "content": escaped(row["text"]), **_image_url(row),
                }
                for row in self.world.notices(group)[:_LISTED]
            ]
        }  # fmt: skip

    def _announce(self, params: Params) -> Any:
        """Pinned is always no and confirm always yes, whatever else is sent along."""
        group, content = number(params, "group_id"), string(params, "content")
        image = None if params.get("image_uri") is None else _fetched(string(params, "image_uri"))
        self.world.publish(self.account.qq, group, content, pinned=False, confirm=True, image=image)
        return {}

    def _withdraw(self, params: Params) -> Any:
        group, notice = number(params, "group_id"), string(params, "announcement_id")
        self.world.withdraw(self.account.qq, group, notice)
        return {}


class LagrangeMilky(Milky):
    """Has no announcements, admins or avatars, crashes where others refuse, and tells a kick the wrong way round."""

    impl_name = "Lagrange.Core"
    impl_version = "58a4f99ac"
    nobody = "Group member not found"
    chat_kind = LagrangeMilkyChat
    events_kind = LagrangeMilkyEvents
    query_token = True
    media_type_refused = Reply(415, None)

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions |= LagrangeMilkyFiles(world, account.qq, _fetched).actions
        self.actions["set_group_essence_message"] = Action(self._set_essence, writes=True)

    def denied(self, given: str) -> Reply:
        return Reply(401, None)

    def ok(self, data: Any) -> Reply:
        return Reply(200, {"status": "ok", "retcode": 0, "message": None, "data": data})

    def failed(self, retcode: int, words: str) -> Reply:
        return Reply(200, {"status": "failed", "retcode": retcode, "message": words, "data": None})

    def invalid(self, words: str) -> Reply:
        return self.crashed(words)

    def refused(self, words: str) -> Reply:
        return self.crashed(words)

    def crashed(self, words: str) -> Reply:
        return Reply(500, None)

    def unknown(self, action: str) -> Reply:
        return Reply(404, None)

    def _set_essence(self, params: Params) -> Any:
        """It only ever sets, whatever `is_set` says."""
        return self.chat.set_essence({**params, "is_set": True})

    def mute_all(self, params: Params) -> Any:
        try:
            return super().mute_all(params)
        except Refusal:
            raise Told(-500, "unknown error") from None

    def kick(self, params: Params) -> Any:
        with suppress(Refusal):
            super().kick(params)
            raise Told(-500, "unknown error")
        return {}


def _fetched(uri: str) -> bytes:
    """A picture from where it is said to be; only base64 is understood here."""
    if not uri.startswith("base64://"):
        raise Crashed("Unsupported URI")
    try:
        return base64.b64decode(uri.removeprefix("base64://"), validate=True)
    except ValueError:
        raise Crashed("Invalid base64") from None


def _image_url(row: Mapping[str, Any]) -> dict[str, str]:
    return {"image_url": f"https://gdynamic.qpic.cn/gdynamic/{row['image'][:24]}/0"} if row["image"] else {}
