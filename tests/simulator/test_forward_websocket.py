"""Forward WebSocket as each implementation serves it: who is let in, what comes first, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import yaml
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from qqgroup_provision.simulator import onebot_line
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from tests.stage import GROUP, SELF

TOKEN = "s3cret-token"
KINDS = ["napcat", "llbot", "lagrange", "gocq"]
WORLD = {
    "kind": "World",
    "accounts": {
        **{kind: {"qq": SELF, "implementation": kind, "token": TOKEN} for kind in KINDS},
        "milky": {"qq": SELF, "implementation": "llbot-milky"},
    },
    "groups": [{"id": GROUP, "name": "旧", "owner": SELF}],
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(parse_seed(yaml.safe_dump(WORLD))) as found:
        yield found


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def opened(simulator: RunningSimulator, kind: str, path: str = "/", token: str = TOKEN) -> ClientConnection:
    address = simulator.endpoint(kind).replace("http:", "ws:") + path
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return connect(address, additional_headers=headers, proxy=None)


def ask(line: ClientConnection, action: str, **params: Any) -> Any:
    line.send(json.dumps({"action": action, "params": params, "echo": {"my": action}}))
    while True:
        frame = json.loads(line.recv(timeout=30))
        if "post_type" not in frame:
            return frame


def test_a_greeting_comes_first_and_then_every_request_is_answered_with_its_echo(
    simulator: RunningSimulator, kind: str
) -> None:
    with opened(simulator, kind) as line:
        greeting = json.loads(line.recv(timeout=30))
        answer = ask(line, "get_login_info")

    assert ("meta_event", "lifecycle", "connect", SELF) == tuple(
        greeting[key] for key in ("post_type", "meta_event_type", "sub_type", "self_id")
    )
    assert ("ok", {"my": "get_login_info"}, SELF) == (answer["status"], answer["echo"], answer["data"]["user_id"])


def test_api_greets_nobody_and_event_answers_nobody(simulator: RunningSimulator, kind: str) -> None:
    with opened(simulator, kind, "/api") as line:
        line.send(json.dumps({"action": "get_login_info", "echo": 1}))
        assert 1 == json.loads(line.recv(timeout=30))["echo"]
    simulator.control("calls", "DELETE", account="napcat")
    with opened(simulator, kind, "/event") as line:
        assert "lifecycle" == json.loads(line.recv(timeout=30))["meta_event_type"]
        line.send(json.dumps({"action": "get_login_info", "echo": 1}))
    assert [] == simulator.control("calls", account="napcat")


@pytest.mark.parametrize("token", ["", "wrong"])
def test_each_keeps_a_wrong_token_out_in_its_own_way(simulator: RunningSimulator, kind: str, token: str) -> None:
    if kind == "gocq":
        with pytest.raises(InvalidStatus) as caught:
            opened(simulator, kind, token=token)
        assert (401 if token == "" else 403) == caught.value.response.status_code
        return
    with opened(simulator, kind, token=token) as line:
        heard, ending = until_it_ends(line)
    assert (([], 1002) if kind == "lagrange" else ([1403], 1000)) == ([frame["retcode"] for frame in heard], ending)


def until_it_ends(line: ClientConnection) -> tuple[list[Any], int | None]:
    """Every frame, and the code of the end."""
    heard: list[Any] = []
    with suppress(ConnectionClosed):
        heard.extend(json.loads(frame) for frame in line)
    return heard, line.close_code


def test_a_token_in_the_query_will_do_where_it_does_over_http(simulator: RunningSimulator, kind: str) -> None:
    if kind == "lagrange":
        with opened(simulator, kind, f"/?access_token={TOKEN}", token="") as line, pytest.raises(ConnectionClosed):
            line.recv(timeout=30)
    else:
        with opened(simulator, kind, f"/?access_token={TOKEN}", token="") as line:
            assert "lifecycle" == json.loads(line.recv(timeout=30))["meta_event_type"]


@pytest.mark.parametrize(
    ("kind", "unknown", "refused", "invalid"),
    [("napcat", 1404, 1200, 1400), ("llbot", 1404, 1200, 1400), ("lagrange", 404, -1, 200), ("gocq", 1404, 100, 100)],
)
def test_retcodes_are_those_of_websocket(
    simulator: RunningSimulator, kind: str, unknown: int, refused: int, invalid: int
) -> None:
    with opened(simulator, kind) as line:
        answers = [
            ask(line, "no_such"),
            ask(line, "get_group_member_info", group_id=GROUP, user_id=7),
            ask(line, "set_group_ban", group_id="x", user_id=7),
        ]

    assert [unknown, refused, invalid] == [answer["retcode"] for answer in answers]
    assert kind not in ("napcat", "llbot") or answers[0]["message"] in ("不支持的API no_such", "no_such API 不存在")


@pytest.mark.parametrize("frame", ["{", "[]", "7", "null"])
def test_what_is_no_request_is_answered_as_each_does(simulator: RunningSimulator, kind: str, frame: str) -> None:
    with opened(simulator, kind, "/api") as line:
        line.send(frame)
        expected = {"napcat": 1400, "llbot": 1400, "gocq": 1404}.get(kind)
        if expected is not None:
            assert expected == json.loads(line.recv(timeout=30))["retcode"]
        assert "ok" == ask(line, "get_login_info")["status"]


def test_hearts_beat(simulator: RunningSimulator, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onebot_line, "HEARTBEAT", 0.01)
    with opened(simulator, kind) as line:
        kinds = [json.loads(line.recv(timeout=30)) for _ in range(3)]

    assert ["lifecycle", "heartbeat", "heartbeat"] == [frame["meta_event_type"] for frame in kinds]
    assert ({"online": True, "good": True}, 10) == (kinds[1]["status"], kinds[1]["interval"])


def test_milky_has_no_websocket_for_requests(simulator: RunningSimulator) -> None:
    with pytest.raises(InvalidStatus):
        opened(simulator, "milky", "/api")
