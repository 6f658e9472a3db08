"""Every action there is to ask for, in an order in which each can be answered `ok`."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from qqgroup_provision.simulator.dialects.base import Params, Reply, Service
from qqgroup_provision.simulator.happenings import Happening
from qqgroup_provision.simulator.seed import Seed, SeedAccount, SeedGroup, SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World

SELF, ALICE, BOB, STRANGERS = 100000000, 100000001, 100000002, range(100000010, 100000014)
GROUP, ELSEWHERE = 731000001, (731000002, 731000003)
PICTURE = "base64://" + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00" * 64).decode()

Said = Mapping[str, Any]  # what each action answered last, by its name
Asked = tuple[str, Params | Callable[[Said], Params]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tour, and how it was answered."""

    action: str
    params: Params
    reply: Reply

    @property
    def ok(self) -> bool:
        return self.reply.status == 200 and self.reply.body["status"] == "ok"


def seed() -> Seed:
    """A world with a group of which the account is the owner, with something of everything in it, and two others."""
    members = (
        SeedMember(SELF, "owner", "小助手"),
        SeedMember(ALICE, "member", "A", "牌 <1>", "头衔"),
        SeedMember(BOB, "member", "B"),
    )
    group = SeedGroup(
        GROUP, "旧群名", "备注", 500, mute_all=False, members=members,
        notices=(SeedNotice("一 <二>", SELF, image=True), SeedNotice("旧的", ALICE)),
        files={"folders": ["资料"], "upload": [
            {"path": "资料/旧.pdf", "size": 7, "uploader": ALICE}, {"path": "根.txt", "size": 7, "uploader": ALICE},
        ]},
        essence=(("旧的精华", ALICE),),
    )  # fmt: skip
    elsewhere = (
        SeedGroup(each, "别的群", "", 500, mute_all=False, members=(SeedMember(ALICE, "owner", "A"),), notices=())
        for each in ELSEWHERE
    )
    account = SeedAccount("main", SELF, "小助手", "", "", 0, friends=(ALICE,))
    return Seed({"main": account}, (group, *elsewhere))


@contextmanager
def served(kind: type[Service]) -> Iterator[tuple[Service, list[Any]]]:
    """An implementation in such a world, and the events it tells from now on."""
    found = seed()
    with closing(World(found)) as world:
        server = kind(world, found.accounts["main"])
        events: list[Any] = []

        def listen(what: Happening) -> None:
            if what.reaches(SELF, world.roll.rank(what.group, SELF)):
                events.extend(copy.deepcopy(server.told(what)))

        world.listen(listen)
        yield server, events


def taken(kind: type[Service], tour: tuple[Asked, ...]) -> list[Call]:
    """The calls of a tour an implementation has the action for, each with its answer.

    Before it begins, two people ask to come in, two are brought along, and the account is invited elsewhere twice.
    """
    said: dict[str, Any] = {}
    calls = []
    with served(kind) as (server, events):
        said["events"] = events
        for qq in STRANGERS[:2]:
            server.world.requests.ask(GROUP, qq, "陌生人", "让我进来")
        for qq in STRANGERS[2:]:
            server.world.requests.bring(BOB, GROUP, qq, "朋友")
        for group in ELSEWHERE:
            server.world.requests.invite(ALICE, group, SELF, "小助手")
        for action, params in tour:
            if action not in server.actions:
                continue
            asked = params(said) if callable(params) else params
            reply = server.call(action, asked)
            if isinstance(reply.body, dict):
                said[action] = reply.body.get("data")
            calls.append(Call(action, copy.deepcopy(asked), copy.deepcopy(reply)))
        missing = server.actions.keys() - {call.action for call in calls}
    assert set() == missing, f"{kind.__name__} has actions no tour asks for: {', '.join(sorted(missing))}"
    return calls


def _newest_file(said: Said) -> str:
    return str(said["get_group_root_files"]["files"][0]["file_id"])


def _last_folder(said: Said) -> Params:
    return {**_HERE, "folder_id": said["get_group_root_files"]["folders"][-1]["folder_id"]}


def _sent(said: Said) -> Params:
    return {"message_id": said["send_group_msg"]["message_id"]}


def _forwarded(said: Said) -> Params:
    """The conversation that was forwarded last, as the last message of the history names it."""
    message = said["get_group_msg_history"]["messages"][-1]["message"]
    name = message[0]["data"]["id"] if isinstance(message, list) else message.removesuffix("]").split("id=")[1]
    return {"id": name}


def _requested(said: Said, kind: str) -> list[Params]:
    """What names the requests OneBot has told of, to answer them with."""
    return [
        {"flag": event["flag"], "sub_type": kind}
        for event in said["events"]
        if event["post_type"] == "request" and event["sub_type"] == kind
    ]


def _posted(said: Said) -> Params:
    return {"message_seq": said["send_group_message"]["message_seq"]}


def _listed(said: Said) -> Mapping[str, Any]:
    found: Mapping[str, Any] = said["get_group_files"]["files"][0]
    return found


def _told(said: Said, kind: str) -> list[Params]:
    """What names the requests Milky has told of, to answer them with."""
    found = [event["data"] for event in said["events"] if event["event_type"] == kind]
    if kind == "group_invitation":
        return [{key: data[key] for key in ("group_id", "invitation_seq")} for data in found]
    kind = kind.removeprefix("group_")
    return [
        {"group_id": data["group_id"], "notification_seq": data["notification_seq"], "notification_type": kind}
        for data in found
    ]


_HERE = {"group_id": GROUP}
_ALICE = {"group_id": GROUP, "user_id": ALICE}
_SCENE = {"message_scene": "group", "peer_id": GROUP}

ONEBOT: tuple[Asked, ...] = (
    ("get_version_info", {}),
    ("get_login_info", {}),
    ("get_status", {}),
    ("get_group_list", {}),
    ("get_group_info", _HERE),
    ("get_group_detail_info", _HERE),
    ("get_group_info_ex", _HERE),
    ("get_group_member_list", _HERE),
    ("get_group_member_info", _ALICE),
    ("set_group_name", {**_HERE, "group_name": "新"}),
    ("set_group_remark", {**_HERE, "remark": "新"}),
    ("set_group_portrait", {**_HERE, "file": PICTURE}),
    ("set_group_whole_ban", {**_HERE, "enable": False}),
    ("set_group_admin", {**_ALICE, "enable": True}),
    ("set_group_special_title", {**_ALICE, "special_title": "头衔"}),
    ("set_group_card", {**_ALICE, "card": "名片"}),
    ("set_group_ban", {**_ALICE, "duration": 60}),
    ("set_group_add_option", {**_HERE, "add_type": 4, "group_question": "问", "group_answer": "答"}),
    ("set_group_robot_add_option", {**_HERE, "robot_member_switch": 1, "robot_member_examine": 2}),
    ("set_group_member_invite_policy", {**_HERE, "policy": "disabled"}),
    ("set_group_member_permissions", {**_HERE, "allow_member_upload_album": False}),
    ("set_group_new_member_history_visibility", {**_HERE, "visible": True}),
    ("_get_group_notice", _HERE),
    ("_send_group_notice", {**_HERE, "content": "新 <1>"}),
    ("_get_group_notice", _HERE),
    ("_del_group_notice", lambda said: {**_HERE, "notice_id": said["_get_group_notice"][0]["notice_id"]}),
    ("_delete_group_notice", lambda said: {**_HERE, "notice_id": said["_get_group_notice"][0]["notice_id"]}),
    ("send_group_msg", {**_HERE, "message": [{"type": "text", "data": {"text": "说"}}]}),
    ("send_msg", {**_HERE, "message_type": "group", "message": "也说 [CQ:at,qq=100000001]"}),
    ("send_private_msg", {"user_id": ALICE, "message": "悄悄说"}),
    ("get_msg", _sent),
    ("set_msg_emoji_like", lambda said: {**_sent(said), "emoji_id": "66", "set": True}),
    ("unset_msg_emoji_like", lambda said: {**_sent(said), "emoji_id": "66"}),
    ("set_group_reaction", lambda said: {**_HERE, **_sent(said), "code": "66", "is_add": True}),
    ("send_group_forward_msg", {**_HERE, "messages": [
        {"type": "node", "data": {"user_id": ALICE, "nickname": "A", "content": "转"}},
    ]}),
    ("get_group_msg_history", {**_HERE, "count": 5}),
    ("get_forward_msg", _forwarded),
    (".handle_quick_operation", lambda said: {
        "context": said["get_group_msg_history"]["messages"][-1], "operation": {"reply": "好"},
    }),
    ("set_essence_msg", _sent),
    ("get_essence_msg_list", _HERE),
    ("delete_essence_msg", _sent),
    ("delete_msg", _sent),
    ("group_poke", _ALICE),
    ("can_send_image", {}),
    ("can_send_record", {}),
    ("get_friend_list", {}),
    ("get_stranger_info", {"user_id": ALICE}),
    ("get_group_system_msg", {"count": 50}),
    ("get_group_requests", {}),
    ("set_group_add_request", lambda said: {**_requested(said, "add")[0], "approve": True}),
    ("set_group_add_request", lambda said: {**_requested(said, "add")[1], "approve": False, "reason": "不"}),
    ("set_group_add_request", lambda said: {**_requested(said, "invite")[0], "approve": True}),
    ("set_group_add_request", lambda said: {**_requested(said, "invite")[1], "approve": False}),
    ("set_group_leave", {"group_id": ELSEWHERE[0]}),
    ("get_group_file_system_info", _HERE),
    ("create_group_file_folder", {**_HERE, "name": "夹", "folder_name": "夹", "parent_id": "/"}),
    ("upload_file_stream", {
        "stream_id": "a", "chunk_index": 0, "total_chunks": 1, "chunk_data": "eA==", "file_retention": 1,
    }),
    ("upload_file_stream", {"stream_id": "a", "is_complete": True, "file_retention": 1}),
    ("upload_group_file", {**_HERE, "file": "base64://eA==", "name": "x.txt", "upload_file": True}),
    ("upload_group_file", {**_HERE, "file": __file__, "name": "x.txt", "upload_file": True}),
    ("get_group_root_files", {**_HERE, "file_count": 50}),
    ("get_group_files_by_folder", lambda said: {**_last_folder(said), "file_count": 50}),
    ("get_group_file_url", lambda said: {**_HERE, "file_id": _newest_file(said)}),
    ("get_group_file_url", lambda said: {**_HERE, "file_id": _newest_file(said)}),
    ("rename_group_file", lambda said: {
        **_HERE, "file_id": _newest_file(said), "current_parent_directory": "/", "new_name": "y.txt",
    }),
    ("set_group_file_forever", lambda said: {**_HERE, "file_id": _newest_file(said)}),
    ("trans_group_file", lambda said: {**_HERE, "file_id": _newest_file(said)}),
    ("delete_group_file", lambda said: {**_HERE, "file_id": _newest_file(said), "busid": 102}),
    ("delete_group_folder", _last_folder),
    ("delete_group_file_folder", _last_folder),
    ("set_group_kick", {**_HERE, "user_id": BOB, "reject_add_request": False}),
)  # fmt: skip

MILKY: tuple[Asked, ...] = (
    ("get_impl_info", {}),
    ("get_login_info", {}),
    ("get_group_list", {"no_cache": True}),
    ("get_group_info", {**_HERE, "no_cache": True}),
    ("get_group_member_list", {**_HERE, "no_cache": True}),
    ("get_group_member_info", {**_ALICE, "no_cache": True}),
    ("set_group_name", {**_HERE, "new_group_name": "新"}),
    ("set_group_avatar", {**_HERE, "image_uri": PICTURE}),
    ("set_group_whole_mute", {**_HERE, "is_mute": False}),
    ("set_group_member_admin", {**_ALICE, "is_set": True}),
    ("set_group_member_special_title", {**_ALICE, "special_title": "头衔"}),
    ("set_group_member_card", {**_ALICE, "card": "名片"}),
    ("set_group_member_mute", {**_ALICE, "duration": 60}),
    ("get_group_member_list", {**_HERE, "no_cache": True}),
    ("send_group_announcement", {**_HERE, "content": "新 <1>", "image_uri": PICTURE}),
    ("get_group_announcements", _HERE),
    ("delete_group_announcement", lambda said: {
        **_HERE, "announcement_id": said["get_group_announcements"]["announcements"][0]["announcement_id"],
    }),
    ("send_group_message", {**_HERE, "message": [{"type": "text", "data": {"text": "说"}}]}),
    ("send_private_message", {"user_id": ALICE, "message": [{"type": "text", "data": {"text": "悄悄说"}}]}),
    ("send_group_message_reaction", lambda said: {**_HERE, **_posted(said), "reaction": "66", "is_add": True}),
    ("set_group_essence_message", lambda said: {**_HERE, **_posted(said), "is_set": True}),
    ("get_message", lambda said: {**_SCENE, **_posted(said)}),
    ("send_group_message", {**_HERE, "message": [{"type": "forward", "data": {"messages": [
        {"user_id": ALICE, "sender_name": "A", "segments": [{"type": "text", "data": {"text": "转"}}]},
    ]}}]}),
    ("get_history_messages", {**_SCENE, "limit": 1}),
    ("get_forwarded_messages", lambda said: {
        "forward_id": said["get_history_messages"]["messages"][-1]["segments"][0]["data"]["forward_id"],
    }),
    ("get_group_essence_messages", {**_HERE, "page_index": 0, "page_size": 20}),
    ("create_group_folder", {**_HERE, "folder_name": "夹"}),
    ("upload_group_file", {**_HERE, "parent_folder_id": "/", "file_uri": "base64://eA==", "file_name": "x.txt"}),
    ("get_group_files", {**_HERE, "parent_folder_id": "/"}),
    ("get_group_file_download_url", lambda said: {**_HERE, "file_id": _listed(said)["file_id"]}),
    ("rename_group_file", lambda said: {
        **_HERE, "file_id": _listed(said)["file_id"], "parent_folder_id": "/", "new_file_name": "y.txt",
    }),
    ("delete_group_file", lambda said: {**_HERE, "file_id": _listed(said)["file_id"]}),
    ("delete_group_folder", lambda said: {
        **_HERE, "folder_id": said["get_group_files"]["folders"][0]["folder_id"],
    }),
    ("recall_group_message", lambda said: {**_HERE, **_posted(said)}),
    ("send_group_nudge", _ALICE),
    ("get_user_profile", {"user_id": ALICE}),
    ("get_friend_list", {"no_cache": True}),
    ("get_group_notifications", {"limit": 3}),
    ("accept_group_request", lambda said: _told(said, "group_join_request")[0]),
    ("reject_group_request", lambda said: {**_told(said, "group_join_request")[1], "reason": "不"}),
    ("accept_group_request", lambda said: _told(said, "group_invited_join_request")[0]),
    ("reject_group_request", lambda said: _told(said, "group_invited_join_request")[1]),
    ("get_group_notifications", {}),
    ("accept_group_invitation", lambda said: _told(said, "group_invitation")[0]),
    ("reject_group_invitation", lambda said: _told(said, "group_invitation")[1]),
    ("quit_group", {"group_id": ELSEWHERE[0]}),
    ("kick_group_member", {**_HERE, "user_id": BOB, "reject_add_request": False}),
)  # fmt: skip
