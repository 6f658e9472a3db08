"""The YAML file a simulated world begins as.

kind: World
accounts:
  main:
    qq: 10001000
    nickname: 小助手
    implementation: napcat
    token: demo-token
    port: 0
    message_format: array         # or string; absent: as the implementation comes
    report_self: false            # whether its own messages are told too
    friends: [100000001]          # whom it may write to alone
    reverse: [{url: "ws://127.0.0.1:8080/onebot/v11/ws", role: universal, reconnect: 5, token: other}]
    post: [{url: "http://127.0.0.1:5701/", secret: signed}]
people: {100000001: Alice}        # nicknames
groups:
  - id: 731000001
    name: 旧群名
    remark: ""                    # what the accounts call it
    capacity: 500
    mute_all: false
    owner: 10001000
    admins: [100000002]
    members: [100000001, {qq: 100000003, card: 旧名片, title: 旧头衔}]
    strangers: 40                 # this many more members nobody names
    settings: {description: 旧简介, method: review, member_invites: disabled}   # see settings.py
    files: {space: 10737418240, folders: [资料], upload: [{path: 资料/旧.pdf, size: 100, uploader: 100000001}]}
    # ... or with what is in it: {path: 说明.txt, content: 你好}
    essence: [旧的精华, {text: 别人的精华, sender: 100000001}]
    announcements: [{text: 旧公告, sender: 10001000, pinned: false, confirm: true, image: false}]
faults: []                        # see faults.py
clock: real                       # or a moment with its zone, at which time stands until it is moved (clock.py)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.messages import say
from qqgroup_provision.simulator.clock import moment
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.settings import is_setting

IMPLEMENTATIONS = ("napcat", "llbot", "lagrange", "gocq", "llbot-milky", "lagrange-milky")
# How an implementation connects to a bot (qq_protocol §1.5). Those that speak Milky do not.
ROLES: Mapping[str, tuple[str, ...]] = {
    "napcat": ("universal",),
    "llbot": ("universal",),
    "lagrange": ("universal", "api", "event"),
    "gocq": ("universal", "api", "event"),
}
RECONNECT = 5.0  # seconds
_STRANGERS_FROM = 200_000_000


@dataclass(frozen=True, slots=True)
class SeedReverse:
    """A bot that the account's server connects to. `role` is universal, api or event."""

    url: str
    role: str
    token: str
    reconnect: float  # seconds until the next try


@dataclass(frozen=True, slots=True)
class SeedPost:
    """An address that events are posted to. With `secret`, OneBot signs them and Milky sends it along."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class SeedAccount:
    """An account that a server answers for. Port 0 lets the system choose."""

    key: str
    qq: int
    nickname: str
    implementation: str
    token: str
    port: int
    version: str = ""  # the newest that is known of the implementation, if empty
    message_format: str = ""  # array or string; if empty, as the implementation comes
    report_self: bool = False  # whether its own messages are told too
    friends: tuple[int, ...] = ()
    reverse: tuple[SeedReverse, ...] = ()
    post: tuple[SeedPost, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedMember:
    """Somebody in a group. `role` is owner, admin or member."""

    qq: int
    role: str
    nickname: str
    card: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class SeedNotice:
    """An announcement that is up when the world begins."""

    text: str
    sender: int
    pinned: bool = False
    confirm: bool = False
    image: bool = False


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """A group when the world begins."""

    id: int
    name: str
    remark: str
    capacity: int
    mute_all: bool
    members: tuple[SeedMember, ...]
    notices: tuple[SeedNotice, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)  # those of world.py that differ from its defaults
    files: Mapping[str, Any] = field(default_factory=dict)  # as in group_files.py
    essence: tuple[tuple[str, int], ...] = ()  # text and sender, 0 for the owner


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole world when it begins."""

    accounts: Mapping[str, SeedAccount]
    groups: tuple[SeedGroup, ...]
    faults: tuple[Mapping[str, Any], ...] = ()
    clock: int | None = None  # the moment at which the clock stands; without one it runs with the machine's
    people: Mapping[int, str] = field(default_factory=dict)  # nicknames
    levels: Mapping[int, int] = field(default_factory=dict)  # what servers tell of somebody's level in QQ


def read_seed(path: Path) -> Seed:
    """Read a world file. Raises `InvalidInput` (QG151) that says what is wrong with it."""
    try:
        return parse_seed(path.read_text(encoding="utf-8"))
    except (
        OSError,
        yaml.YAMLError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        problem = f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)
        raise InvalidInput(
            Diagnostic(
                "QG151",
                say("The world cannot be read: {problem}", problem=problem),
                subject=path.as_posix(),
                hint=say("Compare it with the world of the example."),
            )
        ) from None


def parse_seed(text: str) -> Seed:
    """A world from YAML. Raises ValueError, KeyError or TypeError for anything that is none."""
    data = yaml.safe_load(text)
    if not isinstance(data, dict) or data.get("kind") != "World":
        raise ValueError("it does not begin with `kind: World`")
    accounts = {key: _account(key, item) for key, item in data["accounts"].items()}
    people = {
        int(qq): item if isinstance(item, dict) else {"nickname": item}
        for qq, item in (data.get("people") or {}).items()
    }
    names = {qq: str(item["nickname"]) for qq, item in people.items()}
    levels = {qq: _number(item.get("level", 0), 1000) for qq, item in people.items()}
    names |= {account.qq: account.nickname for account in accounts.values()}
    groups = tuple(_group(item, names) for item in data.get("groups") or ())
    if len({group.id for group in groups}) < len(groups):
        raise ValueError("two groups have the same id")
    faults = tuple(data.get("faults") or ())
    Faults(faults)
    return Seed(accounts, groups, faults, moment(data.get("clock", "real")), names, levels)


def _number(value: Any, most: int = 4_294_967_295) -> int:
    """A QQ number, or a port. Raises ValueError or TypeError."""
    number = int(value)
    if not 0 <= number <= most:
        raise ValueError(f"{value!r:.40} is out of bounds")
    return number


def _account(key: str, item: Mapping[str, Any]) -> SeedAccount:
    implementation = item.get("implementation", "napcat")
    if implementation not in IMPLEMENTATIONS:
        raise ValueError(f"{implementation} is none of {', '.join(IMPLEMENTATIONS)}")
    token = str(item.get("token", ""))
    return SeedAccount(
        key=key,
        qq=_number(item["qq"]),
        nickname=str(item.get("nickname", key)),
        implementation=implementation,
        token=token,
        port=_number(item.get("port", 0), 65535),
        version=_version(item.get("version", "")),
        message_format=_one_of(item.get("message_format", ""), ("", "array", "string")),
        report_self=bool(item.get("report_self", False)),
        friends=tuple(_number(qq) for qq in item.get("friends") or ()),
        reverse=tuple(reverse(each, implementation, token) for each in item.get("reverse") or ()),
        post=tuple(_post(each) for each in item.get("post") or ()),
    )


def reverse(item: Any, implementation: str, token: str) -> SeedReverse:
    """A bot to connect to, as an address or a mapping. Raises ValueError, KeyError or TypeError."""
    fields = item if isinstance(item, dict) else {"url": item}
    roles = ROLES.get(implementation, ())
    seconds = float(fields.get("reconnect", RECONNECT))
    if not 0.01 <= seconds <= 86_400:
        raise ValueError("`reconnect` is a number of seconds")
    return SeedReverse(
        url=_address(fields["url"], ("ws://", "wss://")),
        role=_one_of(fields.get("role", "universal"), roles),
        token=str(fields.get("token", token)),
        reconnect=seconds,
    )


def _post(item: Any) -> SeedPost:
    fields = item if isinstance(item, dict) else {"url": item}
    return SeedPost(_address(fields["url"], ("http://", "https://")), str(fields.get("secret", "")))


def _address(value: Any, schemes: tuple[str, ...]) -> str:
    if not isinstance(value, str) or not value.startswith(schemes):
        raise ValueError(f"{value!s:.80} does not begin with {' or '.join(schemes)}")
    return value


def _one_of(value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"{value!s:.40} is none of {', '.join(words) or 'what this implementation has'}")
    return value


def _version(value: Any) -> str:
    """A version as numbers and dots. Raises ValueError."""
    written = str(value)
    if written and not all(part.isascii() and part.isdigit() for part in written.split(".")):
        raise ValueError(f"{written:.40} is no version")
    return written


def _settings(written: Any) -> Mapping[str, Any]:
    """A group's settings. Raises ValueError or TypeError for those QQ does not have."""
    found = dict(written or {})
    for name, value in found.items():
        if not is_setting(name, value):
            raise ValueError(f"`{name!s:.40}: {value!r:.40}` is no setting of a group")
    return found


def _files(written: Any) -> Mapping[str, Any]:
    """A group's files. Raises ValueError, KeyError or TypeError for anything that is none."""
    found = dict(written or {})
    if not found.keys() <= {"space", "claimed", "folders", "upload"}:
        raise ValueError(f"files take space, claimed, folders and upload, not {', '.join(map(str, found))}")
    for item in found.get("upload", ()):
        _number(item.get("size", 1), 1 << 62)
        _number(item.get("uploader", 0))
        str(item["path"])
    for key in ("space", "claimed"):
        _number(found.get(key, 0), 1 << 62)
    return found


def _group(item: Mapping[str, Any], names: Mapping[int, str]) -> SeedGroup:
    owner = _number(item["owner"])
    members: dict[int, SeedMember] = {owner: SeedMember(owner, "owner", names.get(owner, str(owner)))}
    for role, key in (("admin", "admins"), ("member", "members")):
        for entry in item.get(key) or ():
            fields = entry if isinstance(entry, dict) else {"qq": entry}
            qq = _number(fields["qq"])
            nickname = str(fields.get("nickname", names.get(qq, qq)))
            members[qq] = SeedMember(qq, role, nickname, str(fields.get("card", "")), str(fields.get("title", "")))
    for number in range(int(item.get("strangers", 0))):
        qq = _STRANGERS_FROM + number
        members.setdefault(qq, SeedMember(qq, "member", f"群友{number + 1}"))
    return SeedGroup(
        id=_number(item["id"]),
        name=str(item["name"]),
        remark=str(item.get("remark", "")),
        capacity=_number(item.get("capacity", 500)),
        mute_all=bool(item.get("mute_all", False)),
        members=tuple(members.values()),
        notices=tuple(
            SeedNotice(
                text=str(notice["text"]),
                sender=_number(notice.get("sender", owner)),
                pinned=bool(notice.get("pinned", False)),
                confirm=bool(notice.get("confirm", False)),
                image=bool(notice.get("image", False)),
            )
            for notice in item.get("announcements") or ()
        ),
        settings=_settings(item.get("settings")),
        files=_files(item.get("files")),
        essence=tuple(
            (str(each["text"]), _number(each.get("sender", 0))) if isinstance(each, dict) else (str(each), 0)
            for each in item.get("essence") or ()
        ),
    )
