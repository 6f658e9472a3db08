"""NoneBot 2 with its Milky adapter, as a bot of both simulated servers.

It listens to their WebSocket; of what is posted to it there is one test, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contracts.deeds import DEEDS, said_last, told_of
from tests.contracts.homes import (
    ALICE,
    BOB,
    CAROL,
    ELSEWHERE,
    HOMES,
    MILKY,
    STRANGER,
    TOKEN,
    Home,
    Homes,
    free_port,
    served,
    wait_until_somebody_listens,
)
from tests.contracts.process import Client


@dataclass(frozen=True, slots=True)
class Stage:
    homes: Homes
    client: Client


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with served(MILKY) as homes:
        servers = [
            {"host": "127.0.0.1", "port": urlsplit(homes.endpoint(HOMES[kind])).port, "access_token": TOKEN}
            for kind in MILKY
        ]
        with Client("nonebot_milky", servers=servers) as client:
            for kind in MILKY:
                client.connected(HOMES[kind].qq)
            yield Stage(homes, client)
            assert [] == client.troubles()


@pytest.fixture
def homes(stage: Stage) -> Homes:
    return stage.homes


@pytest.fixture
def client(stage: Stage) -> Client:
    return stage.client


@pytest.fixture(params=MILKY)
def home(request: pytest.FixtureRequest, client: Client) -> Home:
    found = HOMES[request.param]
    client.forget(found.qq)
    return found


def test_what_a_bot_reads_is_what_the_world_has(client: Client, home: Home) -> None:
    assert {"uin": home.qq, "nickname": "小助手"} == client.call(home.qq, "get_login_info")
    assert "1.2" == client.call(home.qq, "get_impl_info")["milky_version"]
    (group,) = client.call(home.qq, "get_group_list")
    assert home.group == group["group_id"]
    members = client.call(home.qq, "get_group_member_list", group_id=home.group)
    assert {home.qq: "owner", ALICE: "member"}.items() <= {each["user_id"]: each["role"] for each in members}.items()
    alice = client.call(home.qq, "get_group_member_info", group_id=home.group, user_id=ALICE)
    assert ("Alice", "旧名片") == (alice["nickname"], alice["card"])


def test_what_a_bot_changes_is_changed_in_the_world(homes: Homes, client: Client, home: Home) -> None:
    client.call(home.qq, "set_group_name", group_id=home.group, new_group_name="新群名")
    client.call(home.qq, "set_group_member_card", group_id=home.group, user_id=BOB, card="新名片")
    client.call(home.qq, "set_group_member_special_title", group_id=home.group, user_id=BOB, special_title="头衔")
    client.call(home.qq, "set_group_whole_mute", group_id=home.group, is_mute=True)

    found = homes.live(home)
    assert ("新群名", True) == (found["name"], found["mute_all"])
    assert ("新名片", "头衔") == (found["members"][str(BOB)]["card"], found["members"][str(BOB)]["title"])
    client.call(home.qq, "set_group_whole_mute", group_id=home.group, is_mute=False)


def test_a_failure_is_one_to_the_bot(client: Client, home: Home) -> None:
    missing = client.ask(home.qq, "get_group_member_info", group_id=home.group, user_id=70001)["failed"]
    assert ("ActionFailed", -404) == (missing["kind"], missing["retcode"])

    # One answers nothing but HTTP 500 to what it did not expect (qq_protocol §13).
    refused = client.ask(home.qq, "get_group_info", group_id=70001)["failed"]
    assert {"llbot-milky": "ActionFailed", "lagrange-milky": "NetworkError"}[home.kind] == refused["kind"]


def test_a_message_reaches_the_bot_whole_and_its_answer_the_group(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "say", qq=ALICE, message="ping [CQ:face,id=66] 一 &amp; &#91;二&#93;[CQ:at,qq=200000002]")

    event = client.event(home.qq, "GroupMessageEvent")
    assert ("message:group", False) == (event["name"], event["to_me"])
    found = event["fields"]["data"]
    assert (home.group, ALICE, "Alice", "旧群名") == (
        found["peer_id"],
        found["sender_id"],
        found["group_member"]["nickname"],
        "旧群名",
    )
    assert ["text", "face", "text", "mention"] == [part["type"] for part in found["segments"]]
    answered = client.did(home.qq)["message_seq"]
    assert ("pong  一 & [二]", home.qq) == said_last(homes, home)
    said = client.call(home.qq, "get_message", message_scene="group", peer_id=home.group, message_seq=answered)
    assert home.qq == said["sender_id"]


def test_a_bot_knows_that_it_is_meant(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "say", qq=ALICE, message=f"[CQ:at,qq={home.qq}] ping 在吗")

    assert client.event(home.qq, "GroupMessageEvent")["to_me"]
    client.did(home.qq)
    assert ("pong 在吗", home.qq) == said_last(homes, home)


def test_a_bot_knows_what_of_its_own_is_quoted(homes: Homes, client: Client, home: Home) -> None:
    client.call(home.qq, "send_group_message", group_id=home.group, message="答案是 42")
    sequence = homes.messages(home)[-1]["sequence"]
    homes.hand(home, "say", qq=ALICE, message=f"[CQ:reply,id={sequence}]ping 为什么")

    event = client.event(home.qq, "GroupMessageEvent")
    assert event["to_me"]
    assert home.qq == event["fields"]["reply"]["sender_id"]
    client.did(home.qq)
    assert ("pong 为什么 to 答案是 42", home.qq) == said_last(homes, home)


def test_what_a_bot_recalls_is_gone(homes: Homes, client: Client, home: Home) -> None:
    sent = client.call(home.qq, "send_group_message", group_id=home.group, message="说错了")
    client.call(home.qq, "recall_group_message", group_id=home.group, message_seq=sent["message_seq"])

    assert home.qq == homes.messages(home)[-1]["recalled_by"]


def test_a_newcomer_is_greeted(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "join", qq=STRANGER, operator=home.qq)

    event = client.event(home.qq, "GroupMemberIncreaseEvent")["fields"]["data"]
    assert (STRANGER, home.qq) == (event["user_id"], event["operator_id"])
    client.did(home.qq)
    assert (f"@{STRANGER} welcome", home.qq) == said_last(homes, home)


def test_who_asks_nicely_is_let_in_and_nobody_else(homes: Homes, client: Client, home: Home) -> None:
    asked = homes.hand(home, "ask", qq=300000001, nickname="甲", answer="please")["request"]
    event = client.event(home.qq, "GroupJoinRequestEvent")["fields"]["data"]
    assert (300000001, "please") == (event["initiator_id"], event["comment"])
    client.event(home.qq, "GroupMemberIncreaseEvent")
    assert "accepted" == homes.state(home, asked)
    for _ in range(2):  # it has let somebody in, and greeted them
        client.did(home.qq)

    asked = homes.hand(home, "ask", qq=300000002, nickname="乙", answer="让我进来")["request"]
    client.did(home.qq)
    assert "rejected" == homes.state(home, asked)
    notifications, _ = client.call(home.qq, "get_group_notifications")
    states = {each["initiator_id"]: each["state"] for each in notifications}
    assert {300000001: "accepted", 300000002: "rejected"}.items() <= states.items()


def test_whom_a_member_brings_along_is_asked_for(homes: Homes, client: Client, home: Home) -> None:
    brought = homes.hand(home, "bring", inviter=BOB, qq=300000003, nickname="丙")["request"]

    event = client.event(home.qq, "GroupInvitedJoinRequestEvent")["fields"]["data"]
    assert (BOB, 300000003) == (event["initiator_id"], event["target_user_id"])
    client.call(
        home.qq,
        "accept_group_request",
        notification_seq=brought,
        notification_type="invited_join_request",
        group_id=home.group,
    )
    assert "accepted" == homes.state(home, brought)


def test_the_bot_itself_is_invited_elsewhere(homes: Homes, client: Client, home: Home) -> None:
    invited = homes.hand(home, "invite", ELSEWHERE, inviter=ALICE, qq=home.qq)["request"]

    event = client.event(home.qq, "GroupInvitationEvent")["fields"]["data"]
    assert (ALICE, ELSEWHERE, invited) == (event["initiator_id"], event["group_id"], event["invitation_seq"])
    client.call(home.qq, "reject_group_invitation", group_id=ELSEWHERE, invitation_seq=invited)
    assert "rejected" == homes.state(home, invited, ELSEWHERE)


_BOB = {"user_id": BOB}
# What the adapter makes of what Bob does (deeds.py): classes, and some of their data. The protocol has no event for
# a title or a card.
TOLD: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]] = {
    "is muted, and no longer": (
        ("GroupMuteEvent", {**_BOB, "duration": 600}),
        ("GroupMuteEvent", {**_BOB, "duration": 0}),
    ),
    "is muted with all others, and no longer": (
        ("GroupWholeMuteEvent", {"is_mute": True}),
        ("GroupWholeMuteEvent", {"is_mute": False}),
    ),
    "becomes an admin, and a member again": (
        ("GroupAdminChangeEvent", {**_BOB, "is_set": True}),
        ("GroupAdminChangeEvent", {**_BOB, "is_set": False}),
    ),
    "uploads a file": (("GroupFileUploadEvent", {**_BOB, "file_name": "新.txt", "file_size": 7}),),
    "takes back what he said": (("MessageRecallEvent", {"sender_id": BOB, "operator_id": BOB}),),
    "pokes the bot": (("GroupNudgeEvent", {"sender_id": BOB}),),
    "is given a title": (),
    "is given a card": (),
    "has his words marked as essence, and no longer": (
        ("GroupEssenceMessageChangeEvent", {"operator_id": CAROL, "is_set": True}),
        ("GroupEssenceMessageChangeEvent", {"operator_id": CAROL, "is_set": False}),
    ),
    "sees the group have a new name": (("GroupNameChangeEvent", {"new_group_name": "又一个"}),),
    "puts a face under what he said": (("GroupMessageReactionEvent", {**_BOB, "face_id": "66", "is_add": True}),),
    "is thrown out": (("GroupMemberDecreaseEvent", {**_BOB, "operator_id": CAROL}),),
    "leaves, and comes back with Carol's help": (
        ("GroupMemberDecreaseEvent", {**_BOB, "operator_id": None}),
        ("GroupMemberIncreaseEvent", {**_BOB, "invitor_id": CAROL}),
    ),
}


# Of which Lagrange.Milky tells nothing, as its source has it.
UNKNOWN_TO_LAGRANGE = {
    "is muted with all others, and no longer",
    "becomes an admin, and a member again",
    "uploads a file",
    "has his words marked as essence, and no longer",
    "sees the group have a new name",
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_bot_is_told_when_bob(homes: Homes, client: Client, home: Home, deed: str) -> None:
    events = told_of(deed, homes, client, home)

    expected = () if home.kind == "lagrange-milky" and deed in UNKNOWN_TO_LAGRANGE else TOLD[deed]
    assert [kind for kind, _ in expected] == [each["class"] for each in events]
    for (_, data), event in zip(expected, events, strict=True):
        assert data.items() <= event["fields"]["data"].items()


def test_the_adapters_models_take_messages_and_people(client: Client, home: Home) -> None:
    here = {"message_scene": "group", "peer_id": home.group}
    sent = client.call(home.qq, "send_group_message", group_id=home.group, message="一条")["message_seq"]
    client.call(home.qq, "send_group_message_reaction", group_id=home.group, message_seq=sent, reaction="66")
    client.call(home.qq, "set_group_essence_message", group_id=home.group, message_seq=sent)
    client.call(home.qq, "send_group_nudge", group_id=home.group, user_id=ALICE)

    (said,), following = client.call(home.qq, "get_history_messages", **here, limit=1)
    assert (sent, sent - 1) == (said["message_seq"], following)
    assert "Alice" == client.call(home.qq, "get_user_profile", user_id=ALICE)["nickname"]
    assert [] == client.call(home.qq, "get_friend_list")
    assert 4 <= client.call(home.qq, "get_group_info", group_id=home.group)["member_count"]


def test_the_adapters_models_take_files(client: Client, home: Home) -> None:
    client.call(home.qq, "create_group_folder", group_id=home.group, folder_name="夹")
    uploaded = client.call(home.qq, "upload_group_file", group_id=home.group, base64="eA==", file_name="x.txt")

    listed = client.call(home.qq, "get_group_files", group_id=home.group)
    assert ["夹"] == [each["folder_name"] for each in listed["folders"]]
    file = next(each for each in listed["files"] if each["file_name"] == "x.txt")
    # One gives new files no id (qq_protocol §0.3).
    assert {"llbot-milky": file["file_id"], "lagrange-milky": ""}[home.kind] == uploaded
    named = {"group_id": home.group, "file_id": file["file_id"]}
    assert client.call(home.qq, "get_group_file_download_url", **named).startswith("http")
    client.call(home.qq, "delete_group_file", **named)
    client.call(home.qq, "delete_group_folder", group_id=home.group, folder_id=listed["folders"][0]["folder_id"])
    assert "x.txt" not in str(client.call(home.qq, "get_group_files", group_id=home.group))


def test_the_adapters_models_take_announcements_and_essence_messages(homes: Homes, client: Client) -> None:
    home = HOMES["llbot-milky"]
    client.call(home.qq, "send_group_announcement", group_id=home.group, content="公告")
    (notice,) = client.call(home.qq, "get_group_announcements", group_id=home.group)
    assert ("公告", home.qq) == (notice["content"], notice["user_id"])
    client.call(home.qq, "delete_group_announcement", group_id=home.group, announcement_id=notice["announcement_id"])
    assert [] == client.call(home.qq, "get_group_announcements", group_id=home.group)

    sequence = homes.hand(home, "say", qq=ALICE, message="精华")["sequence"]
    client.call(home.qq, "set_group_essence_message", group_id=home.group, message_seq=sequence)
    page = client.call(home.qq, "get_group_essence_messages", group_id=home.group, page_index=0, page_size=20)
    assert page["is_end"]
    assert (sequence, ALICE) == (page["messages"][0]["message_seq"], page["messages"][0]["sender_id"])


def test_what_is_posted_to_a_bot_is_answered_too() -> None:
    port, home = free_port(), HOMES["llbot-milky"]
    with served([home.kind], post=[{"url": f"http://127.0.0.1:{port}/milky/", "secret": TOKEN}]) as homes:
        server = {"host": "127.0.0.1", "port": urlsplit(homes.endpoint(home)).port, "access_token": TOKEN}
        with Client("nonebot_milky", servers=[], webhook=server, port=port) as client:
            wait_until_somebody_listens(port)
            homes.hand(home, "say", qq=ALICE, message="ping 在吗")

            assert "message:group" == client.event(home.qq)["name"]
            client.did(home.qq)
            assert ("pong 在吗", home.qq) == said_last(homes, home)
            assert [] == client.troubles()
