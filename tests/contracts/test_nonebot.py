"""NoneBot 2 with its OneBot 11 adapter, as a bot of every simulated implementation.

Once it connects to them, and once they connect to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.contracts.deeds import DEEDS, said_last, told_of
from tests.contracts.homes import (
    ALICE,
    BOB,
    ELSEWHERE,
    HOMES,
    ONEBOT,
    STRANGER,
    TOKEN,
    Home,
    Homes,
    free_port,
    served,
)
from tests.contracts.notices import NOTICES
from tests.contracts.process import Client


@dataclass(frozen=True, slots=True)
class Stage:
    homes: Homes
    client: Client


@pytest.fixture(scope="module", params=["forward", "reverse"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    port = free_port()
    bots = [{"url": f"ws://127.0.0.1:{port}/onebot/v11/ws", "reconnect": 0.1}] if request.param == "reverse" else []
    with served(ONEBOT, reverse=bots) as homes:
        forward = request.param == "forward"
        urls = [homes.endpoint(HOMES[kind]).replace("http:", "ws:") + "/" for kind in ONEBOT] if forward else []
        with Client("nonebot_onebot", urls=urls, token=TOKEN, port=port) as client:
            for kind in ONEBOT:
                client.connected(HOMES[kind].qq)
            yield Stage(homes, client)
            assert [] == client.troubles()


@pytest.fixture
def homes(stage: Stage) -> Homes:
    return stage.homes


@pytest.fixture
def client(stage: Stage) -> Client:
    return stage.client


@pytest.fixture(params=ONEBOT)
def home(request: pytest.FixtureRequest, client: Client) -> Home:
    found = HOMES[request.param]
    client.forget(found.qq)
    return found


def test_what_a_bot_reads_is_what_the_world_has(client: Client, home: Home) -> None:
    assert {"user_id": home.qq, "nickname": "小助手"} == client.call(home.qq, "get_login_info")
    (group,) = client.call(home.qq, "get_group_list")
    assert home.group == group["group_id"]
    members = client.call(home.qq, "get_group_member_list", group_id=home.group)
    assert {home.qq: "owner", ALICE: "member"}.items() <= {each["user_id"]: each["role"] for each in members}.items()
    alice = client.call(home.qq, "get_group_member_info", group_id=home.group, user_id=ALICE)
    assert "Alice" == alice["nickname"]


def test_what_a_bot_changes_is_changed_in_the_world(homes: Homes, client: Client, home: Home) -> None:
    client.call(home.qq, "set_group_name", group_id=home.group, group_name="新群名")
    client.call(home.qq, "set_group_card", group_id=home.group, user_id=BOB, card="新名片")
    client.call(home.qq, "set_group_special_title", group_id=home.group, user_id=BOB, special_title="头衔")
    client.call(home.qq, "set_group_admin", group_id=home.group, user_id=BOB, enable=True)
    client.call(home.qq, "set_group_whole_ban", group_id=home.group, enable=True)

    found = homes.live(home)
    assert ("新群名", True) == (found["name"], found["mute_all"])
    assert {"role": "admin", "card": "新名片", "title": "头衔", "nickname": "Bob"} == found["members"][str(BOB)]
    client.call(home.qq, "set_group_admin", group_id=home.group, user_id=BOB, enable=False)
    client.call(home.qq, "set_group_whole_ban", group_id=home.group, enable=False)


def test_a_failure_is_one_to_the_bot_with_what_the_implementation_says(client: Client, home: Home) -> None:
    failed = client.ask(home.qq, "get_group_member_info", group_id=home.group, user_id=7)["failed"]

    code, words = {
        "napcat": (1200, f"群({home.group})成员7不存在"),
        "llbot": (1200, "群成员未找到"),
        "lagrange": (-1, None),
        "gocq": (100, "群员不存在"),
    }[home.kind]
    assert ("ActionFailed", code, words) == (failed["kind"], failed["retcode"], failed.get("wording"))


def test_a_message_reaches_the_bot_whole_and_its_answer_the_group(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "say", qq=ALICE, message="ping [CQ:face,id=66] 一 &amp; &#91;二&#93;[CQ:at,qq=200000002]")

    event = client.event(home.qq, "GroupMessageEvent")
    assert ("message.group.normal", False) == (event["name"], event["to_me"])
    found = event["fields"]
    assert (home.group, ALICE, "Alice", "member") == (
        found["group_id"],
        found["user_id"],
        found["sender"]["nickname"],
        found["sender"]["role"],
    )
    assert [
        ("text", {"text": "ping "}),
        ("face", {"id": "66"}),
        ("text", {"text": " 一 & [二]"}),
        ("at", {"qq": str(BOB)}),
    ] == [(part["type"], part["data"]) for part in found["message"]]
    answered = client.did(home.qq)["message_id"]
    assert ("pong  一 & [二]", home.qq) == said_last(homes, home)
    assert answered == client.call(home.qq, "get_msg", message_id=answered)["message_id"]


def test_a_bot_knows_that_it_is_meant(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "say", qq=ALICE, message=f"[CQ:at,qq={home.qq}] ping 在吗")

    assert client.event(home.qq, "GroupMessageEvent")["to_me"]
    client.did(home.qq)
    assert ("pong 在吗", home.qq) == said_last(homes, home)


def test_a_bot_knows_what_of_its_own_is_quoted(homes: Homes, client: Client, home: Home) -> None:
    client.call(home.qq, "send_group_msg", group_id=home.group, message="答案是 42")
    sequence = homes.messages(home)[-1]["sequence"]
    homes.hand(home, "say", qq=ALICE, message=f"[CQ:reply,id={sequence}]ping 为什么")

    event = client.event(home.qq, "GroupMessageEvent")
    assert event["to_me"]
    assert home.qq == event["fields"]["reply"]["sender"]["user_id"]
    client.did(home.qq)
    assert ("pong 为什么 to 答案是 42", home.qq) == said_last(homes, home)


def test_what_a_bot_recalls_is_gone(homes: Homes, client: Client, home: Home) -> None:
    sent = client.call(home.qq, "send_group_msg", group_id=home.group, message="说错了")
    client.call(home.qq, "delete_msg", message_id=sent["message_id"])

    assert home.qq == homes.messages(home)[-1]["recalled_by"]


def test_a_newcomer_is_greeted(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "join", qq=STRANGER, nickname="陌生人", operator=home.qq)

    event = client.event(home.qq, "GroupIncreaseNoticeEvent")
    assert (STRANGER, "approve") == (event["fields"]["user_id"], event["fields"]["sub_type"])
    client.did(home.qq)
    assert (f"@{STRANGER} welcome", home.qq) == said_last(homes, home)


def test_who_asks_nicely_is_let_in_and_nobody_else(homes: Homes, client: Client, home: Home) -> None:
    asked = homes.hand(home, "ask", qq=300000001, nickname="甲", answer="please")["request"]
    event = client.event(home.qq, "GroupRequestEvent")["fields"]
    assert (300000001, "add", "please") == (event["user_id"], event["sub_type"], event["comment"])
    client.did(home.qq)
    assert "accepted" == homes.state(home, asked)
    assert "甲" == homes.live(home)["members"]["300000001"]["nickname"]
    client.event(home.qq, "GroupIncreaseNoticeEvent")
    client.did(home.qq)  # greets

    asked = homes.hand(home, "ask", qq=300000002, nickname="乙", answer="让我进来")["request"]
    client.event(home.qq, "GroupRequestEvent")
    client.did(home.qq)
    assert "rejected" == homes.state(home, asked)


def test_whom_a_member_brings_along_is_asked_for(homes: Homes, client: Client, home: Home) -> None:
    brought = homes.hand(home, "bring", inviter=BOB, qq=300000003, nickname="丙")["request"]

    event = client.event(home.qq, "GroupRequestEvent")["fields"]
    assert (300000003, "add", home.group) == (event["user_id"], event["sub_type"], event["group_id"])
    client.did(home.qq)
    assert "rejected" == homes.state(home, brought)


def test_the_bot_itself_is_invited_elsewhere(homes: Homes, client: Client, home: Home) -> None:
    invited = homes.hand(home, "invite", ELSEWHERE, inviter=ALICE, qq=home.qq)["request"]

    event = client.event(home.qq, "GroupRequestEvent")["fields"]
    assert ("invite", ALICE, ELSEWHERE) == (event["sub_type"], event["user_id"], event["group_id"])
    client.did(home.qq)
    assert "rejected" == homes.state(home, invited, ELSEWHERE)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_bot_is_told_when_bob(homes: Homes, client: Client, home: Home, deed: str) -> None:
    notices = told_of(deed, homes, client, home)

    wanted = NOTICES[deed][home.kind]
    assert [each[:2] for each in wanted] == [(each["class"], each["name"]) for each in notices]
    for (_, _, fields), notice in zip(wanted, notices, strict=True):
        assert fields.items() <= notice["fields"].items()
