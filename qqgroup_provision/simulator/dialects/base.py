"""What the implementations have in common: actions by name, parameters as they accept them, an envelope.

`Service` is what the server needs of any of them; `Implementation` is one that speaks OneBot 11.
"""

from __future__ import annotations

import base64
import html
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from qqgroup_provision.plain_text import whole
from qqgroup_provision.simulator.group_files import FilesRefusal
from qqgroup_provision.simulator.happenings import Happening
from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.seed import SeedAccount
from qqgroup_provision.simulator.world import World

if TYPE_CHECKING:  # they take their parameters apart with what is here
    from qqgroup_provision.simulator.dialects.events import Events
    from qqgroup_provision.simulator.dialects.messages import Messages

Params = Mapping[str, Any]
_NONE: Any = object()
_MOST = 1 << 63  # what SQLite takes
_LONGEST = 20  # digits of a number that comes as a text
# Answers with nothing in them, where that is no empty list.
_EMPTY: Mapping[str, Mapping[str, Any]] = {
    "get_group_root_files": {"files": [], "folders": []},
    "get_group_files_by_folder": {"files": [], "folders": []},
    "get_group_file_system_info": {"file_count": 0, "limit_count": 0, "used_space": 0, "total_space": 0},
    "get_group_msg_history": {"messages": []},
}


class Invalid(Exception):
    """A parameter is missing or of a type the implementation does not take."""


class Failed(Exception):
    """An action failed, in the implementation's own words."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what carries it out, and whether it changes the world."""

    run: Callable[[Params], Any]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status and what is sent: JSON, a text as it is, or nothing for `None`."""

    status: int
    body: Any


class Door(Enum):
    """How somebody with the wrong token is kept out of a WebSocket."""

    FRAME = "frame"  # let in, told so in a frame, and shown out
    HANDSHAKE = "handshake"  # not let in: HTTP 401 or 403
    CLOSE = "close"  # let in, and shown out without a word


class Service(ABC):
    """One implementation logged in to one account: where it answers, whom it lets in, and what it says."""

    path: ClassVar[str]  # with `{action}` in it
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    query_token: ClassVar[bool]  # whether a token may stand in the query

    def __init__(self, world: World, account: SeedAccount) -> None:
        self.world = world
        self.account = account
        self.actions: dict[str, Action] = {}

    def call(self, action: str, params: Params) -> Reply:
        """Serve one action as the implementation does, its failures included."""
        found = self.actions.get(action)
        if found is None:
            return self.unknown(action)
        try:
            return self.ok(found.run(params))
        except Invalid as error:
            return self.invalid(str(error))
        except (Refusal, FilesRefusal) as error:
            return self.refused(error.words)
        except Failed as error:
            return self.refused(str(error))

    def writes(self, action: str) -> bool:
        """Whether an action changes the world."""
        return action in self.actions and self.actions[action].writes

    @abstractmethod
    def told(self, what: Happening) -> list[dict[str, Any]]:
        """The events by which it tells of a happening, in its own words."""

    @abstractmethod
    def params(self, content_type: str, body: bytes, query: Mapping[str, str]) -> dict[str, Any] | Reply:
        """The parameters of a request, or what a request that has none is answered."""

    @abstractmethod
    def denied(self, given: str) -> Reply:
        """The answer to a token that is missing (`given` is empty) or wrong."""

    @abstractmethod
    def ok(self, data: Any) -> Reply: ...

    @abstractmethod
    def failed(self, retcode: int, words: str) -> Reply: ...

    @abstractmethod
    def invalid(self, words: str) -> Reply:
        """The answer to parameters it does not take."""

    @abstractmethod
    def refused(self, words: str) -> Reply:
        """The answer to what QQ refused."""

    @abstractmethod
    def unknown(self, action: str) -> Reply: ...

    @abstractmethod
    def nothing(self, action: str) -> Any:
        """The data of an answer with nothing in it: for a list the empty one."""


class Implementation(Service):
    """One that speaks OneBot 11."""

    path = "/{action}"
    methods = ("GET", "POST")
    query_token = True
    app_name: ClassVar[str]
    app_version: ClassVar[str]
    wrong_token: ClassVar[str] = ""  # the message of an HTTP 403
    door: ClassVar[Door] = Door.FRAME
    beats_at_once: ClassVar[bool] = False  # whether a WebSocket's first heartbeat follows the greeting
    user_agent: ClassVar[str] = "OneBot/11"  # of a reverse WebSocket
    empty_bearer: ClassVar[bool] = False  # whether that has an Authorization header without a token too
    capital_signature: ClassVar[bool] = False  # whether a post's signature is in capitals, which bots do not take
    quick_operations: ClassVar[tuple[str, ...]] = ("reply", "approve")  # those it carries out
    endings: ClassVar[tuple[str, ...]] = ("_async", "_rate_limited")  # of an action's name that change nothing
    messages: Messages
    events: Events
    # What a retcode over HTTP is over WebSocket (qq_protocol §1.3).
    frame_codes: ClassVar[Mapping[int, int]] = {200: 1200, 400: 1400, 404: 1404}

    def __init__(self, world: World, account: SeedAccount) -> None:
        super().__init__(world, account)
        self.actions = {
            "get_version_info": Action(self.version_info),
            "get_login_info": Action(lambda _: {"user_id": account.qq, "nickname": account.nickname}),
            "get_group_list": Action(lambda _: [self.group_item(row) for row in world.groups_of(account.qq)]),
            "get_group_info": Action(self.group_info),
            "get_group_member_list": Action(self.member_list),
            "get_group_member_info": Action(self.member_info),
            "_get_group_notice": Action(self.notice_list),
            "set_group_name": Action(self.set_name, writes=True),
            "set_group_remark": Action(self.set_remark, writes=True),
            "set_group_whole_ban": Action(self.whole_ban, writes=True),
            "set_group_admin": Action(self.set_admin, writes=True),
            "set_group_special_title": Action(self.set_title, writes=True),
            "set_group_card": Action(self.set_card, writes=True),
            "set_group_ban": Action(self.ban, writes=True),
            "set_group_kick": Action(self.kick, writes=True),
            "_send_group_notice": Action(self.send_notice, writes=True),
            "set_group_portrait": Action(self.set_avatar, writes=True),
        }  # fmt: skip

    def told(self, what: Happening) -> list[dict[str, Any]]:
        return self.events.told(what)

    def call(self, action: str, params: Params) -> Reply:
        return super().call(self._plain(action), params)

    def writes(self, action: str) -> bool:
        return super().writes(self._plain(action))

    def _plain(self, action: str) -> str:
        """An action's name without such an ending, unless it is the name of none."""
        ending = next((each for each in self.endings if action.endswith(each)), "")
        plain = action.removesuffix(ending)
        return plain if plain in self.actions else action

    def params(self, content_type: str, body: bytes, query: Mapping[str, str]) -> dict[str, Any] | Reply:
        found: dict[str, Any] = {}
        if body and content_type.startswith("application/json"):
            try:
                data = json.loads(body)
            except (ValueError, RecursionError):
                return self.unreadable()
            if isinstance(data, dict):
                found.update(data)
        found.update(query)  # what the query says wins, as in NapCat
        found.pop("access_token", None)
        return found

    def denied(self, given: str) -> Reply:
        return Reply(403, {"message": self.wrong_token})

    def invalid(self, words: str) -> Reply:
        return self.failed(400, words)

    def refused(self, words: str) -> Reply:
        return self.failed(200, words)

    def nothing(self, action: str) -> Any:
        if action in _EMPTY:
            return _EMPTY[action]
        return [] if action.endswith(("_list", "_notice")) and not self.writes(action) else None

    def unreadable(self) -> Reply:
        """The answer to a body that is no JSON."""
        return Reply(400, "Invalid JSON")

    def unreadable_frame(self) -> dict[str, Any] | None:
        """What is sent back for a frame that is no JSON; `None` for nothing."""
        return self.frame(self.failed(400, "json解析失败,请检查数据格式"))

    def frame(self, reply: Reply) -> dict[str, Any]:
        """A reply as it goes over WebSocket, where there is no HTTP status."""
        if not isinstance(reply.body, dict):
            return dict(self.failed(1000 + reply.status, f"HTTP {reply.status}").body)
        code: int = reply.body["retcode"]
        return {**reply.body, "retcode": self.frame_codes.get(code, code)}

    # Each implementation's own

    @abstractmethod
    def group_item(self, row: Mapping[str, Any]) -> dict[str, Any]: ...

    @abstractmethod
    def member_list(self, params: Params) -> Any: ...

    @abstractmethod
    def member_info(self, params: Params) -> Any: ...

    @abstractmethod
    def notice_list(self, params: Params) -> Any: ...

    @abstractmethod
    def set_admin(self, params: Params) -> Any: ...

    @abstractmethod
    def set_title(self, params: Params) -> Any: ...

    @abstractmethod
    def whole_ban(self, params: Params) -> Any: ...

    @abstractmethod
    def send_notice(self, params: Params) -> Any: ...

    # The same everywhere

    def version_info(self, params: Params) -> Any:
        version = self.account.version or self.app_version
        return {"app_name": self.app_name, "protocol_version": "v11", "app_version": version}

    def group_info(self, params: Params) -> Any:
        group = number(params, "group_id")
        for row in self.world.groups_of(self.account.qq):
            if row["id"] == group:
                return self.group_item(row)
        raise Failed("群不存在")

    def set_name(self, params: Params) -> Any:
        self.world.rename(self.account.qq, number(params, "group_id"), string(params, "group_name"))

    def set_remark(self, params: Params) -> Any:
        self.world.set_remark(self.account.qq, number(params, "group_id"), string(params, "remark"))

    def set_avatar(self, params: Params) -> Any:
        """Only base64 is understood here: of a path or an address a test has no use."""
        written = string(params, "file")
        try:
            content = base64.b64decode(written.removeprefix("base64://"), validate=True)
        except ValueError:
            raise Failed("头像file字段可能格式不正确") from None
        try:
            self.world.set_avatar(self.account.qq, number(params, "group_id"), content)
        except Refusal:
            raise Failed("头像设置失败，文件可能不是图片格式或权限不足") from None
        return {"result": 0, "errMsg": ""}

    def set_card(self, params: Params) -> Any:
        group, qq = number(params, "group_id"), number(params, "user_id")
        self.world.set_card(self.account.qq, group, qq, string(params, "card", ""))

    def kick(self, params: Params) -> Any:
        for_good = params.get("reject_add_request") in (True, "true", 1)
        self.world.kick(self.account.qq, number(params, "group_id"), number(params, "user_id"), for_good=for_good)

    def ban(self, params: Params) -> Any:
        """Mute a member for some seconds; 0 lifts it. What is read back is when it ends."""
        group, qq, seconds = number(params, "group_id"), number(params, "user_id"), number(params, "duration", 0)
        self.world.mute(self.account.qq, group, qq, seconds)


def member_item(row: Mapping[str, Any]) -> dict[str, Any]:
    """A member as NapCat and LLBot both give one, constants included (qq_protocol §2.4)."""
    return {
        "group_id": row["group_id"], "user_id": row["qq"], "nickname": row["nickname"], "card": row["card"],
        "sex": "unknown", "age": 0, "area": "", "level": "1", "qq_level": 0, "join_time": row["joined"],
        "last_sent_time": row["spoke"], "title_expire_time": 0, "unfriendly": False, "card_changeable": True,
        "is_robot": False, "shut_up_timestamp": row["muted_until"], "role": row["role"], "title": row["title"],
    }  # fmt: skip


def escaped(text: str) -> str:
    """A text as QQ's announcement server gives it back (qq_protocol §5.2)."""
    return html.escape(text).replace("&#x27;", "&#39;").replace("\n", "&#10;").replace(" ", "&nbsp;")


def number(params: Params, key: str, default: Any = _NONE) -> int:
    """A whole number, or a text of digits."""
    value = params.get(key, default)
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.removeprefix("-").isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _MOST:
        raise Invalid(f"Key: {key}, Message: must be string")
    return value


def string(params: Params, key: str, default: Any = _NONE) -> str:
    value = params.get(key, default)
    if not isinstance(value, str):
        raise Invalid(f"Key: {key}, Message: must be string")
    return whole(value)


def picture(params: Params) -> bytes | None:
    """The image of an announcement; only base64 is understood here."""
    value = params.get("image")
    if not value:
        return None
    if not isinstance(value, str) or not value.startswith("base64://"):
        raise Failed("群公告设置失败,图片上传失败")
    try:
        return base64.b64decode(value.removeprefix("base64://"), validate=True)
    except ValueError:
        raise Failed("群公告设置失败,图片上传失败") from None
