"""aiocqhttp, as a bot of every simulated implementation.

Once with connections they open to it, and once over HTTP alone: events are posted to it, signed, and it asks. What
Lagrange signs no bot takes, since it writes the signature in capitals; so its posts come unsigned here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.contracts.deeds import DEEDS, said_last, told_of
from tests.contracts.homes import ALICE, BOB, CAROL, HOMES, ONEBOT, STRANGER, TOKEN, Home, Homes, free_port, served
from tests.contracts.notices import NOTICES
from tests.contracts.process import Client

SECRET = "signed"


@dataclass(frozen=True, slots=True)
class Stage:
    homes: Homes
    client: Client
    transport: str
    port: int


@pytest.fixture(scope="module", params=["reverse", "post"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    port, reverse = free_port(), request.param == "reverse"
    bots = [{"url": f"ws://127.0.0.1:{port}/ws", "reconnect": 0.1}] if reverse else []

    def posts(home: Home) -> list[dict[str, str]]:
        secret = "" if home.kind == "lagrange" else SECRET
        return [] if reverse else [{"url": f"http://127.0.0.1:{port}/post/{home.qq}", "secret": secret}]

    with served(ONEBOT, reverse=bots, post=posts) as homes:
        roots = {str(HOMES[kind].qq): homes.endpoint(HOMES[kind]) for kind in ONEBOT if not reverse}
        unsigned = [str(HOMES["lagrange"].qq)]
        with Client("aiocqhttp_bot", port=port, token=TOKEN, secret=SECRET, roots=roots, unsigned=unsigned) as client:
            client.hear(lambda line: "listening" in line)
            for kind in ONEBOT if reverse else ():
                client.connected(HOMES[kind].qq)
            yield Stage(homes, client, request.param, port)
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


def test_a_bot_reads_and_changes(homes: Homes, client: Client, home: Home) -> None:
    assert {"user_id": home.qq, "nickname": "小助手"} == client.call(home.qq, "get_login_info")
    (group,) = client.call(home.qq, "get_group_list")
    assert home.group == group["group_id"]
    members = client.call(home.qq, "get_group_member_list", group_id=home.group)
    assert {home.qq, ALICE, BOB, CAROL} <= {each["user_id"] for each in members}

    client.call(home.qq, "set_group_name", group_id=home.group, group_name="新群名")
    assert "新群名" == homes.live(home)["name"]
    assert isinstance(
        client.call(home.qq, "send_group_msg", group_id=home.group, message="大家好")["message_id"], int
    )
    assert ("大家好", home.qq) == said_last(homes, home)


def test_a_failure_is_one_to_the_bot(stage: Stage, client: Client, home: Home) -> None:
    failed = client.ask(home.qq, "get_group_member_info", group_id=home.group, user_id=7)["failed"]
    unknown = client.ask(home.qq, "no_such_action")["failed"]

    over_socket = {"napcat": 1200, "llbot": 1200, "lagrange": -1, "gocq": 100}
    over_http = {"napcat": 200, "llbot": 200, "lagrange": -1, "gocq": 100}
    codes = over_socket if stage.transport == "reverse" else over_http
    assert ("ActionFailed", codes[home.kind]) == (failed["kind"], failed["retcode"])
    # Two have an HTTP status for it (qq_protocol §1.1).
    by_status = stage.transport == "post" and home.kind in ("llbot", "gocq")
    assert ("HttpFailed" if by_status else "ActionFailed") == unknown["kind"]


def test_a_message_is_answered(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "say", qq=ALICE, message="ping 一 &amp; &#91;二&#93;[CQ:face,id=66]")

    event = client.event(home.qq, name="message.group.normal")["fields"]
    assert ("ping 一 &amp; &#91;二&#93;[CQ:face,id=66]", ALICE, home.group) == (
        event["raw_message"],
        event["user_id"],
        event["group_id"],
    )
    assert isinstance(client.did(home.qq)["message_id"], int)
    assert ("pong 一 & [二][表情]", home.qq) == said_last(homes, home)


def test_a_newcomer_is_greeted(homes: Homes, client: Client, home: Home) -> None:
    homes.hand(home, "join", qq=STRANGER, operator=home.qq)

    assert STRANGER == client.event(home.qq, name="notice.group_increase.approve")["fields"]["user_id"]
    client.did(home.qq)
    assert (f"@{STRANGER} welcome", home.qq) == said_last(homes, home)


def test_who_asks_nicely_is_let_in(homes: Homes, client: Client, home: Home) -> None:
    asked = homes.hand(home, "ask", qq=300000001, nickname="甲", answer="please")["request"]

    assert "please" == client.event(home.qq, name="request.group.add")["fields"]["comment"]
    if home.kind == "lagrange":  # which looks at no answer to a post, and has no action for quick operations
        client.call(home.qq, "get_login_info")
        assert "pending" == homes.state(home, asked)
        return
    client.event(home.qq, name="notice.group_increase.approve")
    assert "accepted" == homes.state(home, asked)
    assert "甲" == homes.live(home)["members"]["300000001"]["nickname"]


@pytest.mark.parametrize("deed", DEEDS)
def test_a_bot_is_told_when_bob(homes: Homes, client: Client, home: Home, deed: str) -> None:
    notices = told_of(deed, homes, client, home)

    wanted = NOTICES[deed][home.kind]
    assert [name for _, name, _ in wanted] == [each["name"] for each in notices]
    for (_, _, fields), notice in zip(wanted, notices, strict=True):
        assert fields.items() <= notice["fields"].items()


@pytest.mark.parametrize("stage", ["post"], indirect=True)
def test_a_signature_in_capitals_is_refused(stage: Stage) -> None:
    body = b'{"post_type": "notice", "notice_type": "made_up", "self_id": 1, "time": 1}'
    signature = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()

    def post(signed: str) -> int:
        address = f"http://127.0.0.1:{stage.port}/post/{HOMES['napcat'].qq}"
        headers = {"Content-Type": "application/json", "X-Self-ID": "1", "X-Signature": f"sha1={signed}"}
        return httpx.post(address, content=body, headers=headers).status_code

    assert [204, 403] == [post(signature), post(signature.upper())]
