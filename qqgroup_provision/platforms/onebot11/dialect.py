"""How each implementation differs: one table each, and nothing else in the program asks which one it is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from qqgroup_provision.platforms.shape import integer
from qqgroup_provision.ports import Capability, NoticeDraft

PART = 1 << 20  # bytes of a file in one request, where it goes in parts


class Upload(Enum):
    """How a file is handed over."""

    PARTS = "parts"  # one after the other, before the request that makes it appear
    WHOLE = "whole"  # within that request
    PATH = "path"  # not at all: the server reads it, from the disk of the machine it runs on (qq_protocol §8.5)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One implementation's own words.

    `oldest` is the oldest version whose answers can be trusted; empty where any will do and versions need not be
    numbers. `actions` says by which action each thing is done: what is not in it cannot be done. `beside` is what
    else it can do: what it reads, and fields of an action that others do not have. `remark_key` and `muted` are
    `None` where a listing does not say. `lists_members_twice` says that a member list starts a refresh and answers
    from before it, so only a second one counts. `description_key` is where a listing has a group's description.
    `reads_details` says that a group's settings can be read. `since` names what only later versions than `oldest`
    can do.
    """

    implementation: str
    app_name: str
    oldest: tuple[int, ...]
    actions: Mapping[Capability, str]
    beside: frozenset[Capability]
    remark_key: str | None
    muted: Callable[[Any], bool] | None
    draft: Callable[[NoticeDraft], Mapping[str, Any]]
    lists_members_twice: bool = False
    tells_titles: bool = True  # whether a member's title is what it is, and not always empty
    description_key: str | None = None
    reads_details: bool = False
    since: Mapping[Capability, tuple[int, ...]] = field(default_factory=dict)
    # Files: how they are handed over and how large one may be, whether the server tells how many there are, whether
    # it makes null of an empty list, and whether it wants to hear of a folder's parent and a file's `busid`.
    upload: Upload = Upload.WHOLE
    upload_limit: int | None = None
    tells_space: bool = True
    null_is_none: bool = False
    names_parent: bool = False
    busid: bool = False
    # Messages: where one has its number within the group, whether essence messages are listed with what they say,
    # and how many of the newest are asked for.
    sequence_key: str = "message_seq"
    essence_content: bool = False
    recent: int = 100

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What its newest version can do."""
        return frozenset(self.actions) | self.beside

    def later(self, version: tuple[int, ...]) -> Mapping[Capability, str]:
        """What a version cannot do yet, and which version can."""
        return {key: ".".join(map(str, first)) for key, first in self.since.items() if version < first}

    @property
    def supported(self) -> str:
        """The implementation and what versions of it are supported, for people."""
        return f"{self.implementation} ≥ {'.'.join(map(str, self.oldest))}" if self.oldest else self.implementation


def _napcat_muted(item: Any) -> bool:
    """`group_all_shut` is -1 while the group is muted (qq_protocol §2.4)."""
    return integer(item, "group_all_shut") != 0


def _llbot_muted(item: Any) -> bool:
    """A time while the group is muted, 0 otherwise (qq_protocol §2.4)."""
    return integer(item, "shut_up_all_timestamp") > 0


def _napcat_draft(draft: NoticeDraft) -> Mapping[str, Any]:
    # tip_window_type is the wrong way round: 1 is without a popup (qq_protocol §5.1).
    return _with_image(
        {
            "content": draft.text,
            "pinned": int(draft.pinned),
            "type": 1,
            "confirm_required": int(draft.confirm),
            "is_show_edit_card": 0,
            "tip_window_type": 1,
        },
        draft,
    )


def _llbot_draft(draft: NoticeDraft) -> Mapping[str, Any]:
    return _with_image(
        {
            "content": draft.text,
            "pinned": draft.pinned,
            "confirm_required": draft.confirm,
            "is_show_edit_card": False,
            "tip_window": False,
            "send_new_member": False,
        },
        draft,
    )


def _fixed_draft(draft: NoticeDraft) -> Mapping[str, Any]:
    """Lagrange.OneBot and go-cqhttp take no flags: not pinned, to be confirmed, no popup (qq_protocol §5.1)."""
    return _with_image({"content": draft.text}, draft)


def _with_image(fields: dict[str, Any], draft: NoticeDraft) -> Mapping[str, Any]:
    if draft.image is not None:
        fields["image"] = in_base64(draft.image)
    return fields


def in_base64(content: bytes) -> str:
    """A file as every implementation takes it: they may run on another machine, so a path would be of no use."""
    return "base64://" + base64.b64encode(content).decode("ascii")


# What OneBot 11 and go-cqhttp's additions to it call things; most implementations follow (qq_protocol §15).
_USUAL: Mapping[Capability, str] = {
    Capability.RENAME: "set_group_name",
    Capability.SET_REMARK: "set_group_remark",
    Capability.MUTE_ALL: "set_group_whole_ban",
    Capability.SET_ADMIN: "set_group_admin",
    Capability.SET_TITLE: "set_group_special_title",
    Capability.SET_CARD: "set_group_card",
    Capability.READ_NOTICES: "_get_group_notice",
    Capability.PUBLISH_NOTICE: "_send_group_notice",
    Capability.WITHDRAW_NOTICE: "_del_group_notice",
    Capability.SET_AVATAR: "set_group_portrait",
}
_WITHOUT_REMARK: Mapping[Capability, str] = {
    key: action for key, action in _USUAL.items() if key is not Capability.SET_REMARK
}

# NapCat's own (qq_protocol §3.4 to §3.6). The version is the one that brought the latter three.
_SETTINGS = {
    Capability.SET_JOIN: "set_group_add_option",
    Capability.SET_ROBOTS: "set_group_robot_add_option",
    Capability.SET_MEMBER_INVITES: "set_group_member_invite_policy",
    Capability.SET_PERMISSIONS: "set_group_member_permissions",
    Capability.SET_HISTORY_VISIBLE: "set_group_new_member_history_visibility",
}
_SETTINGS_SINCE = dict.fromkeys(
    (Capability.SET_MEMBER_INVITES, Capability.SET_PERMISSIONS, Capability.SET_HISTORY_VISIBLE), (4, 18, 18)
)

# Files and essence messages (qq_protocol §6, §8).
_FILES = {
    Capability.READ_FILES: "get_group_root_files",
    Capability.CREATE_FOLDER: "create_group_file_folder",
    Capability.DELETE_FOLDER: "delete_group_folder",
    Capability.UPLOAD_FILE: "upload_group_file",
    Capability.DELETE_FILE: "delete_group_file",
    Capability.DOWNLOAD_FILE: "get_group_file_url",
}
_RENAMING = {Capability.RENAME_FILE: "rename_group_file"}
_ESSENCE = {
    Capability.READ_ESSENCE: "get_essence_msg_list",
    Capability.SEND_MESSAGE: "send_group_msg",
    Capability.MARK_ESSENCE: "set_essence_msg",
    Capability.UNMARK_ESSENCE: "delete_essence_msg",
}
_WHOLE_FILE = 20 << 20  # bytes of a file in one request: more makes servers fall over (qq_protocol §1.1)

NAPCAT = Dialect(
    implementation="NapCat",
    app_name="NapCat.Onebot",
    oldest=(4, 18),
    actions={**_USUAL, **_SETTINGS, **_FILES, **_RENAMING, **_ESSENCE, Capability.KEEP_FILE: "trans_group_file"},
    beside=frozenset(
        {
            Capability.NOTICE_IMAGE,
            Capability.NOTICE_FLAGS,
            Capability.READ_DESCRIPTION,
            Capability.READ_SETTINGS,
        }
    ),
    remark_key="group_remark",
    muted=_napcat_muted,
    draft=_napcat_draft,
    lists_members_twice=True,
    reads_details=True,
    since=_SETTINGS_SINCE,
    upload=Upload.PARTS,
    sequence_key="real_seq",
    essence_content=True,
)
LLBOT = Dialect(
    implementation="LLBot",
    app_name="LLOneBot",
    oldest=(8, 1, 7),  # older ones gave wrong roles and shortened names
    actions={
        **_USUAL,
        **_FILES,
        **_RENAMING,
        **_ESSENCE,
        Capability.WITHDRAW_NOTICE: "_delete_group_notice",
        Capability.KEEP_FILE: "set_group_file_forever",
    },
    beside=frozenset({Capability.NOTICE_IMAGE, Capability.NOTICE_FLAGS, Capability.READ_DESCRIPTION}),
    description_key="group_memo",
    remark_key="remark_name",
    muted=_llbot_muted,
    draft=_llbot_draft,
    upload_limit=_WHOLE_FILE,
)
LAGRANGE = Dialect(
    implementation="Lagrange.OneBot",
    app_name="Lagrange.OneBot",
    oldest=(),
    actions={**_WITHOUT_REMARK, **_FILES, **_ESSENCE, Capability.DELETE_FOLDER: "delete_group_file_folder"},
    beside=frozenset(),
    remark_key=None,
    muted=None,
    draft=_fixed_draft,
    tells_titles=False,
    upload=Upload.PATH,
    tells_space=False,
    names_parent=True,
    # A message has no other number, and this one lasts, as it is computed from what QQ calls it (qq_protocol §0.2).
    sequence_key="message_id",
    essence_content=True,
    recent=20,
)
GO_CQHTTP = Dialect(
    implementation="go-cqhttp",
    app_name="go-cqhttp",
    oldest=(),
    # It lists essence messages by name alone, and what one says only if it was there when it was said.
    actions={**_WITHOUT_REMARK, **_FILES},
    beside=frozenset({Capability.NOTICE_IMAGE}),
    remark_key=None,
    muted=None,
    draft=_fixed_draft,
    upload=Upload.PATH,
    null_is_none=True,
    names_parent=True,
    busid=True,
)
DIALECTS = {dialect.app_name: dialect for dialect in (NAPCAT, LLBOT, LAGRANGE, GO_CQHTTP)}
