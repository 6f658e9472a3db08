"""How events reach listeners: every way there is, over real sockets, and listeners that are slow, dead or gone."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from qqgroup_provision.simulator import feed
from qqgroup_provision.simulator.faults import Faults
from qqgroup_provision.simulator.feed import Outbox
from qqgroup_provision.simulator.running import RunningSimulator
from tests.simulator.people import ALICE, GROUP, KINDS, MILKY, NOW, ONEBOT, SELF, STRANGER, seed

TOKEN = "s3cret-token"


@contextmanager
def served(kind: str, **account: Any) -> Iterator[RunningSimulator]:
    with RunningSimulator(seed(kind, token=TOKEN, **account)) as found:
        yield found


@pytest.fixture(params=ONEBOT)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def opened(simulator: RunningSimulator, path: str, token: str = TOKEN) -> ClientConnection:
    address = simulator.endpoint().replace("http:", "ws:") + path
    return connect(address, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None)


def read(line: ClientConnection | ServerConnection) -> Any:
    """The next frame that is no heartbeat."""
    while True:
        frame = json.loads(line.recv(timeout=30))
        if frame.get("meta_event_type") != "heartbeat":
            return frame


def listening(simulator: RunningSimulator, number: int) -> list[dict[str, Any]]:
    """Those who listen, as soon as there are so many."""
    while True:
        found: list[dict[str, Any]] = simulator.control("listeners")
        if len(found) == number:
            return found


def test_a_forward_websocket_tells_on_every_path_but_that_of_the_api(kind: str) -> None:
    with served(kind) as simulator, opened(simulator, "/") as both, opened(simulator, "/event") as events:
        with opened(simulator, "/api") as api:
            listening(simulator, 2)
            for line in (both, events):
                greeting = read(line)
                assert ("lifecycle", "connect", NOW) == tuple(
                    greeting[key] for key in ("meta_event_type", "sub_type", "time")
                )
            simulator.say(GROUP, ALICE, "你好[CQ:face,id=1]")
            first, second = read(both), read(events)
            api.send(json.dumps({"action": "get_login_info", "echo": 1}))
            assert 1 == read(api)["echo"]

        assert first == second
        assert ("message", GROUP, ALICE, NOW) == tuple(
            first[key] for key in ("post_type", "group_id", "user_id", "time")
        )
        assert [first] == simulator.events()


def test_what_a_bot_does_over_one_connection_is_told_over_it(kind: str) -> None:
    params = {"group_id": GROUP, "user_id": ALICE, "duration": 60}
    with served(kind) as simulator, opened(simulator, "/") as line:
        read(line)
        line.send(json.dumps({"action": "set_group_ban", "params": params, "echo": "x"}))
        frames = [read(line), read(line)]

    assert {"group_ban", "x"} == {frame.get("notice_type") or frame["echo"] for frame in frames}


def test_a_listener_that_has_gone_is_forgotten(kind: str) -> None:
    with served(kind) as simulator:
        with opened(simulator, "/"):
            assert [{"listener": "WebSocket /", "waiting": 0, "dropped": 0}] == listening(simulator, 1)
        assert [] == listening(simulator, 0)
        simulator.say(GROUP, ALICE, "还在吗")


def test_a_listener_that_does_not_read_stalls_nobody_and_misses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "WAITING", 5)
    text = "长" * 100_000  # so that the system's own buffers are soon full
    with served("napcat") as simulator, deaf(simulator), opened(simulator, "/") as line:
        read(line)
        listening(simulator, 2)
        for number in range(40):
            simulator.say(GROUP, ALICE, f"{number} {text}")
            assert read(line)["raw_message"].startswith(f"{number} ")
        slow = max(simulator.control("listeners"), key=lambda each: each["dropped"])

    assert 5 == slow["waiting"]
    assert slow["dropped"] > 10


@contextmanager
def deaf(simulator: RunningSimulator) -> Iterator[None]:
    """Somebody who opens a WebSocket and never reads from it."""
    host, port = simulator.endpoint().removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            (
                f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Authorization: Bearer {TOKEN}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )
        yield


def test_an_outbox_drops_the_oldest_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "WAITING", 2)
    box = Outbox("x")
    for number in range(5):
        box.put({"n": number})

    assert (2, 3) == (len(box), box.dropped)


@pytest.mark.parametrize("kind", ["napcat", "llbot-milky"])
def test_an_event_is_lost_or_comes_twice_on_request(kind: str) -> None:
    message, joined = {
        "napcat": ("message.group.*", "notice.group_increase.approve"),
        "llbot-milky": ("message_receive", "group_member_increase"),
    }[kind]
    with served(kind) as simulator:
        simulator.faults(
            {"event": joined, "deliver": "never"},
            {"event": message, "group": GROUP, "deliver": "twice", "skip": 1, "times": 1},
        )
        simulator.act(GROUP, "join", qq=STRANGER)
        for text in ("一", "二", "三"):
            simulator.say(GROUP, STRANGER, text)
        simulator.control("calls")
        told = [
            event.get("raw_message") or event["data"]["segments"][0]["data"]["text"] for event in simulator.events()
        ]

    assert ["一", "二", "二", "三"] == told


@pytest.mark.parametrize("rule", [{"event": "*"}, {"deliver": "never"}, {"event": "*", "deliver": "late"}])
def test_a_fault_of_an_event_says_which_and_how(rule: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"has to say|is delivered"):
        Faults([rule])


# Reverse WebSocket


class Bot:
    """A bot that waits to be connected to. `lines` are its connections as they come."""

    def __init__(self) -> None:
        self.lines: queue.Queue[ServerConnection] = queue.Queue()
        self.closing = threading.Event()
        self._server = serve(self._meet, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/onebot/v11/ws"

    def _meet(self, line: ServerConnection) -> None:
        self.lines.put(line)
        self.closing.wait()

    def met(self) -> ServerConnection:
        return self.lines.get(timeout=30)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()


@pytest.fixture
def bot() -> Iterator[Bot]:
    found = Bot()
    yield found
    found.close()


def headers(line: ServerConnection) -> dict[str, str | None]:
    assert line.request is not None
    return {name: line.request.headers.get(name) for name in ("X-Self-ID", "X-Client-Role", "Authorization")}


def test_a_server_connects_to_the_bot_says_who_it_is_and_serves_it(kind: str, bot: Bot) -> None:
    with served(kind, reverse=[bot.url]) as simulator:
        line = bot.met()
        assert {
            "X-Self-ID": str(SELF), "X-Client-Role": "Universal", "Authorization": f"Bearer {TOKEN}",
        } == headers(line)  # fmt: skip
        assert "lifecycle" == read(line)["meta_event_type"]
        simulator.say(GROUP, ALICE, "你好")
        assert "你好" == read(line)["raw_message"]
        line.send(json.dumps({"action": "get_login_info", "params": {}, "echo": {"a": 1}}))
        answer = read(line)

    assert ({"a": 1}, SELF) == (answer["echo"], answer["data"]["user_id"])


def test_it_connects_again_when_the_connection_ends(kind: str, bot: Bot) -> None:
    with served(kind, reverse=[{"url": bot.url, "reconnect": 0.01}]) as simulator:
        for _ in range(3):
            line = bot.met()
            assert "lifecycle" == read(line)["meta_event_type"]
            line.close()
        line = bot.met()
        read(line)
        simulator.say(GROUP, ALICE, "还在")
        assert "还在" == read(line)["raw_message"]


def test_it_waits_for_a_bot_that_is_not_there_yet() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with served("napcat", reverse=[{"url": f"ws://127.0.0.1:{port}/", "reconnect": 0.01}]) as simulator:
            simulator.say(GROUP, ALICE, "有人吗")
            assert [] == simulator.control("listeners")


def test_a_bot_may_be_connected_to_while_the_world_runs(kind: str, bot: Bot) -> None:
    with served(kind) as simulator:
        simulator.connect(bot.url, token="another")
        line = bot.met()
        assert "Bearer another" == headers(line)["Authorization"]
        assert bot.url == listening(simulator, 1)[0]["listener"]


def test_without_a_token_only_napcat_sends_an_empty_one(kind: str, bot: Bot) -> None:
    with served(kind, reverse=[{"url": bot.url, "token": ""}]):
        assert (kind == "napcat") == (headers(bot.met())["Authorization"] is not None)


@pytest.mark.parametrize("kind", ["lagrange", "gocq"])
def test_a_connection_for_the_api_tells_nothing_and_one_for_events_answers_nothing(kind: str, bot: Bot) -> None:
    roles = [{"url": bot.url, "role": role} for role in ("api", "event")]
    with served(kind, reverse=roles) as simulator:
        lines = {str(headers(line)["X-Client-Role"]): line for line in (bot.met(), bot.met())}
        assert "lifecycle" == read(lines["Event"])["meta_event_type"]
        lines["Event"].send(json.dumps({"action": "get_login_info", "echo": 1}))
        lines["API"].send(json.dumps({"action": "get_login_info", "echo": 2}))
        assert 2 == read(lines["API"])["echo"]
        simulator.say(GROUP, ALICE, "你好")
        assert "message" == read(lines["Event"])["post_type"]
        assert 1 == len(simulator.take_calls())


def test_a_fault_cuts_this_connection_too(bot: Bot) -> None:
    with served("napcat", reverse=[{"url": bot.url, "reconnect": 0.01}]) as simulator:
        simulator.faults({"action": "get_login_info", "reset": "before", "times": 1})
        line = bot.met()
        read(line)
        line.send(json.dumps({"action": "get_login_info", "echo": 1}))
        again = bot.met()
        read(again)
        again.send(json.dumps({"action": "get_login_info", "echo": 2}))
        assert 2 == read(again)["echo"]


# Milky


@pytest.mark.parametrize("kind", MILKY)
def test_milky_streams_events_over_a_websocket(kind: str) -> None:
    with served(kind) as simulator:
        with (
            opened(simulator, "/event") as header,
            opened(simulator, f"/event?access_token={TOKEN}", token="") as query,
        ):
            simulator.say(GROUP, ALICE, "你好")
            assert read(header) == read(query) == simulator.events()[0]
        with pytest.raises(InvalidStatus) as refused:
            opened(simulator, "/event", token="wrong")
    assert 401 == refused.value.response.status_code


@pytest.mark.parametrize("kind", MILKY)
def test_milky_streams_events_over_http_as_well(kind: str) -> None:
    with served(kind) as simulator:
        request = urllib.request.Request(
            simulator.endpoint() + "/event", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=30) as stream:
            assert "text/event-stream" in stream.headers["Content-Type"]
            assert b":\n" == stream.readline()
            stream.readline()
            simulator.say(GROUP, ALICE, "你好")
            assert b"event: milky_event\n" == stream.readline()
            told = json.loads(stream.readline().removeprefix(b"data: "))
        assert simulator.events() == [told]
        assert [] == listening(simulator, 0)
    assert "message_receive" == told["event_type"]


# Posting


class Inbox:
    """A bot that is posted to, and answers `reply`."""

    def __init__(self) -> None:
        self.posts: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.reply: Any = None
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.posts.put((dict(self.headers), body))
                self.send_response(204 if inbox.reply is None else 200)
                self.end_headers()
                if inbox.reply is not None:
                    self.wfile.write(json.dumps(inbox.reply).encode())

            def log_message(self, *_: object) -> None:
                """Nothing is written down."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def post(self) -> tuple[dict[str, str], bytes]:
        return self.posts.get(timeout=30)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    found = Inbox()
    yield found
    found.close()


@pytest.mark.parametrize("kind", KINDS)
def test_events_are_posted_with_what_proves_where_they_come_from(kind: str, inbox: Inbox) -> None:
    with served(kind, post=[{"url": inbox.url, "secret": "key"}]) as simulator:
        listening(simulator, 1)
        simulator.say(GROUP, ALICE, "你好")
        headers, body = inbox.post()
        assert simulator.events() == [json.loads(body)]

    if kind in MILKY:
        assert "Bearer key" == headers["Authorization"]
    else:
        signature = hmac.new(b"key", body, hashlib.sha1).hexdigest()
        signature = signature.upper() if kind == "lagrange" else signature
        assert (f"sha1={signature}", str(SELF)) == (headers["X-Signature"], headers["X-Self-ID"])


def test_an_answer_to_a_post_may_reply_and_let_somebody_in(inbox: Inbox) -> None:
    with served("napcat", post=[inbox.url]) as simulator:
        listening(simulator, 1)
        inbox.reply = {"reply": "收到", "approve": True, "kick": True}
        simulator.say(GROUP, ALICE, "你好")
        inbox.post()
        simulator.act(GROUP, "ask", qq=STRANGER, answer="我想学")
        inbox.post()
        joined = json.loads(inbox.post()[1])

        assert ("group_increase", STRANGER) == (joined["notice_type"], joined["user_id"])
        assert ["你好", "收到"] == [message["text"] for message in simulator.messages(GROUP)]
        assert str(ALICE) in simulator.world()[str(GROUP)]["members"]


def test_a_bot_that_has_ended_a_connection_it_seemed_to_keep_misses_nothing() -> None:
    bodies: queue.Queue[bytes] = queue.Queue()

    class Impatient(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        served = False

        def do_POST(self) -> None:
            if self.served:  # as a server does that found the connection idle for too long just now
                self.close_connection = True
                return
            self.served = True
            bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is written down."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Impatient) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with served("napcat", post=[f"http://127.0.0.1:{server.server_address[1]}/"]) as simulator:
                listening(simulator, 1)
                for text in ("一", "二"):
                    simulator.say(GROUP, ALICE, text)
                    assert text == json.loads(bodies.get(timeout=15))["raw_message"]
        finally:
            server.shutdown()
            thread.join()
