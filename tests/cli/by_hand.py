"""A world with something of everything, and what people may do in it by hand: one row for each way to differ.

Which implementation sees a row, and can put it right, is not written here: it follows from what it says that it can
do and from what its reader gives. A new kind is a new row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from qqgroup_provision.platforms.connection import EndpointSettings, connect
from qqgroup_provision.ports import Capability, Known
from qqgroup_provision.secrets import Secret
from qqgroup_provision.workspace.model import Workspace
from tests.stage import GROUP, SELF, Stage

ALICE, BOB, CAROL, DAVE, ERIN = range(100000001, 100000006)
CONTENT = "the handbook"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
LINKS, TIPS, FAQ = "精华：资料", "精华：提示", "精华：问答"
_SEEDED = {"confirm": True, "sender": SELF}
SETTINGS = {
    "description": "群简介",
    "method": "question_and_review",
    "question": "从哪里来？",
    "member_invites": "disabled",
    "history_visible": True,
    "robots": "review",
    "upload_album": False,
    "temporary_session": False,
    "create_group": False,
}


def _file(path: str, content: str = CONTENT) -> dict[str, Any]:
    return {"path": path, "content": content}


def _group(number: int, strangers: int) -> dict[str, Any]:
    cards = [{"qq": 300000000 + n, "card": f"【成员】{n}"} for n in range(10)]
    return {
        "id": GROUP + number,
        "name": f"hub {number}",
        "remark": f"备注 {number}",
        "owner": SELF,
        "admins": [{"qq": ALICE, "card": "【维护】", "title": "维护者"}],
        "members": [{"qq": BOB, "card": "波"}, {"qq": CAROL, "title": "讲师"}, DAVE, ERIN, *cards],
        "strangers": strangers,
        "mute_all": False,
        "settings": SETTINGS,
        "announcements": [
            *({"text": text, **_SEEDED} for text in ("群规", "改字", "确认", "撤回")),
            {"text": "置顶", **_SEEDED, "pinned": True},
        ],
        "files": {
            "folders": ["资料", "空"],
            "upload": [_file("资料/手册.txt"), _file("说明.txt"), _file("会变.txt")],
        },
        "essence": [LINKS, TIPS],
    }


def world(members: int = 500) -> dict[str, Any]:
    """Three groups that the account owns, of so many members each."""
    named = 16
    return {
        "kind": "World",
        "accounts": {"main": {"qq": SELF, "nickname": "小助手", "token": "s3cret-token"}},
        "people": {ALICE: "Alice", BOB: "Bob", CAROL: "Carol", DAVE: "Dave", ERIN: "Erin"},
        "groups": [_group(number, members - named) for number in range(3)],
    }


# What YAML says beside what an import can find out: what nobody reads back.
BESIDE: Mapping[Capability, Mapping[str, Any]] = {Capability.SET_AVATAR: {"profile": {"avatar": "logo.png"}}}
LISTS = ("admins", "titles", "cards", "announcements", "files", "essence")


@dataclass(frozen=True, slots=True)
class Row:
    """Something done by hand. `reads` is what an implementation has to give for it to be seen, `does` what it has to
    be able to do to put it right: capabilities, and fields of `LiveProfile`, `LiveMember` and `LiveNotice`.

    `shows` is kind, key and fields of the drift; a key in angle brackets is that of the item with this text, or of
    the person with this number. `person` is what somebody does in the end, where no program can.
    """

    name: str
    reads: frozenset[str]
    does: frozenset[str]
    hand: Mapping[str, Any]
    shows: tuple[str, str, tuple[str, ...]]
    person: Mapping[str, Any] | None = None


def _row(name: str, reads: str, does: str, hand: Mapping[str, Any], shows: tuple[str, str, str],
         person: Mapping[str, Any] | None = None) -> Row:  # fmt: skip
    kind, key, names = shows
    where = (kind, key, tuple(names.split()))
    return Row(name, frozenset(reads.split()), frozenset(does.split()), hand, where, person)


def _member(name: str, qq: int, reads: str, does: str, kind: str, **fields: str) -> Row:
    return _row(name, reads, does, {"members": {str(qq): fields}}, (kind, f"<{qq}>", kind))


_NOTICES = "publish_notice withdraw_notice"
ROWS = (
    _row("another name", "", "rename", {"name": "手改的"}, ("profile", "", "name")),
    _row("another remark", "profile.remark", "set_remark", {"remark": "手改的"}, ("profile", "", "remark")),
    # One picture is as good as any other to those who cannot read it, and nobody can.
    _row("another picture", "read_avatar", "set_avatar", {"settings": {"avatar": "0" * 64}},
         ("profile", "", "avatar")),
    _row(
        "another description", "read_description", "", {"settings": {"description": "手改的"}},
        ("profile", "description", "description"), {"settings": {"description": SETTINGS["description"]}},
    ),
    _row("a mute", "profile.mute_all", "mute_all", {"mute_all": True}, ("mute_all", "", "mute_all")),
    _row("another way in", "read_settings", "set_join", {"settings": {"method": "open", "question": ""}},
         ("join", "", "method question")),
    _row("other invitations", "read_settings", "set_member_invites", {"settings": {"member_invites": "no_approval"}},
         ("join", "", "member_invites")),
    _row("hidden history", "read_settings", "set_history_visible", {"settings": {"history_visible": False}},
         ("join", "", "history_visible_to_new_members")),
    _row("free robots", "read_settings", "set_robots", {"settings": {"robots": "free"}}, ("join", "", "robots")),
    _row("other permissions", "read_settings", "set_permissions",
         {"settings": {"upload_album": True, "temporary_session": True, "create_group": True}},
         ("permissions", "", "upload_album temporary_session create_group")),
    _member("an admin less", ALICE, "member.rank", "set_admin", "admin", role="member"),
    _member("an admin more", DAVE, "member.rank", "set_admin", "admin", role="admin"),
    _member("another title", ALICE, "member.title", "set_title", "title", title="手改的"),
    _member("a title less", CAROL, "member.title", "set_title", "title", title=""),
    _member("a title more", ERIN, "member.title", "set_title", "title", title="自封的"),
    _member("another card", ALICE, "member.card", "set_card", "card", card="手改的"),
    _member("a card less", BOB, "member.card", "set_card", "card", card=""),
    _member("a card more", DAVE, "member.card", "set_card", "card", card="新的"),
    _row("another text", "read_notices", _NOTICES, {"edit": {"改字": {"text": "手改的"}}},
         ("announcement", "<改字>", "text")),
    _row("pinned", "read_notices notice.pinned", _NOTICES, {"edit": {"置顶": {"pinned": False}}},
         ("announcement", "<置顶>", "pinned")),
    _row("not to be confirmed", "read_notices notice.confirm", _NOTICES, {"edit": {"确认": {"confirm": False}}},
         ("announcement", "<确认>", "confirm")),
    _row("an announcement less", "read_notices", _NOTICES, {"withdraw": ["<撤回>"]}, ("announcement", "<撤回>", "*")),
    _row("an announcement more", "read_notices", _NOTICES, {"announce": ["多出来的"]},
         ("announcement", "notice-*", "*")),
    _row("a folder less", "read_files", "create_folder", {"files": {"remove_folders": ["空"]}},
         ("folder", "空", "name")),
    _row("a folder more", "read_files", "delete_folder", {"files": {"folders": ["多的"]}},
         ("folder", "多的", "name")),
    _row("a file less", "read_files", "upload_file", {"files": {"delete": ["资料/手册.txt"]}},
         ("file", "资料/手册.txt", "sha256 size")),
    _row("a file more", "read_files", "delete_file", {"files": {"upload": [_file("多的.txt")]}},
         ("file", "多的.txt", "*")),
    _row("another file", "read_files", "upload_file delete_file",
         {"files": {"delete": ["会变.txt"], "upload": [_file("会变.txt", "other")]}},
         ("file", "会变.txt", "sha256 size")),
    _row("an essence message less", "read_essence", "mark_essence", {"unmark": [LINKS]},
         ("essence", f"<{LINKS}>", "text")),
    _row("an essence message more", "read_essence", "unmark_essence", {"essence": [FAQ]},
         ("essence", "message-*", "text")),
)  # fmt: skip


def abilities(stage: Stage) -> frozenset[str]:
    """What the implementation on a stage says that it can do, and the fields that its reader gives."""
    account = stage.simulator.seed.accounts["main"]
    protocol = "milky" if account.implementation.endswith("-milky") else "onebot11"
    endpoint = EndpointSettings("main", stage.simulator.endpoint(), Secret(account.token), protocol, settle=0.0)

    async def ask() -> frozenset[str]:
        connection = await connect(endpoint)
        try:
            profiles = await connection.reader.profiles()
            members = await connection.reader.members(GROUP)
            notices = await connection.reader.notices(GROUP)
        finally:
            await connection.close()
        assert isinstance(profiles, Known)
        assert isinstance(members, Known)
        items = notices.value if isinstance(notices, Known) else ()
        read: list[tuple[str, Any]] = [("profile", profiles.value[GROUP]), *(("notice", item) for item in items[:1])]
        read += [("member", item) for qq, item in members.value.items() if qq == CAROL]
        given = {
            f"{name}.{field.name}" for name, value in read for field in fields(value)
            if getattr(value, field.name) is not None
        }  # fmt: skip
        return frozenset({str(word) for word in connection.facts.capabilities} | given)

    return asyncio.run(ask())


def done_by_hand(stage: Stage, row: Row) -> None:
    """Do it in the first group. What goes by an id is named by its text in a row."""
    ids = {f"<{notice['text']}>": notice["id"] for notice in stage.live()["announcements"]}
    hand = dict(row.hand)
    if "withdraw" in hand:
        hand["withdraw"] = [ids[text] for text in hand["withdraw"]]
    stage.simulator.patch(GROUP, hand)


def address(row: Row, group: str, workspace: Workspace) -> str:
    """Where a row shows, by the keys that the workspace has."""
    kind, key, _ = row.shows
    if key.startswith("<"):
        key = _keys(group, workspace)[key[1:-1]]
    return f"{group}/{kind}/{key}" if key else f"{group}/{kind}"


def _keys(group: str, workspace: Workspace) -> dict[str, str]:
    found = workspace.groups[group]
    people = {str(qq): f"qq-{qq}" for qq in (ALICE, BOB, CAROL, DAVE, ERIN)}
    people |= {str(person.qq): key for key, person in workspace.people.items()}
    return people | {item.text: item.key for part in (found.announcements, found.essence) for item in part or ()}
