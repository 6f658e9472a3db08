"""How each implementation differs: one table each, and nothing else in the program asks which one it is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.platforms.onebot11.parse import WrongShape, integer
from qqgroup_provision.ports import Capability, NoticeDraft

_ALL = frozenset(Capability)
_LONGEST = 9  # digits of one number of a version


@dataclass(frozen=True, slots=True)
class Dialect:
    """One implementation's own words.

    `oldest` is the oldest version whose answers can be trusted. `lists_members_twice` says that a member list
    starts a refresh and answers from before it, so only a second one counts.
    """

    implementation: str
    app_name: str
    oldest: tuple[int, ...]
    remark_key: str
    muted: Callable[[Any], bool]
    draft: Callable[[NoticeDraft], Mapping[str, Any]]
    withdraw: str
    lists_members_twice: bool
    capabilities: frozenset[Capability] = _ALL


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


def _with_image(fields: dict[str, Any], draft: NoticeDraft) -> Mapping[str, Any]:
    if draft.image is not None:
        fields["image"] = "base64://" + base64.b64encode(draft.image).decode("ascii")
    return fields


NAPCAT = Dialect(
    implementation="NapCat",
    app_name="NapCat.Onebot",
    oldest=(4, 18),
    remark_key="group_remark",
    muted=_napcat_muted,
    draft=_napcat_draft,
    withdraw="_del_group_notice",
    lists_members_twice=True,
)
LLBOT = Dialect(
    implementation="LLBot",
    app_name="LLOneBot",
    oldest=(8, 1, 7),  # older ones gave wrong roles and shortened names
    remark_key="remark_name",
    muted=_llbot_muted,
    draft=_llbot_draft,
    withdraw="_delete_group_notice",
    lists_members_twice=False,
)
DIALECTS = {dialect.app_name: dialect for dialect in (NAPCAT, LLBOT)}


def version_of(written: str) -> tuple[int, ...]:
    """The numbers of a version such as `4.18.13` or `v8.1.7-beta`. Raises `WrongShape`."""
    numbers: list[int] = []
    for part in written.removeprefix("v").split("-")[0].split("."):
        if not part.isascii() or not part.isdigit() or len(part) > _LONGEST:
            raise WrongShape("app_version")
        numbers.append(int(part))
    return tuple(numbers)
