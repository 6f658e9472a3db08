"""OneBot over WebSocket: the same answers as over HTTP, whatever comes over the line and whenever it breaks."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import EndpointError
from qqgroup_provision.platforms import websocket as websocket_module
from qqgroup_provision.platforms.connection import Connection, EndpointSettings, connect
from qqgroup_provision.platforms.http import AnswerTooLarge, Broken, HttpAnswer, HttpFault, Silent, Unreachable
from qqgroup_provision.platforms.websocket import WebSocket
from qqgroup_provision.ports import AnswerLost, Known, Unknown, Unsupported, WriteRefused
from qqgroup_provision.secrets import Secret
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from tests.platforms.stub import stub
from tests.stage import GROUP, SELF

T = TypeVar("T")
TOKEN = "s3cret-token"
KINDS = ["napcat", "llbot", "lagrange", "gocq"]
WORLD = {
    "kind": "World",
    "accounts": {kind: {"qq": SELF, "implementation": kind, "token": TOKEN} for kind in KINDS},
    "groups": [{"id": GROUP, "name": "旧", "owner": SELF, "members": [100000001], "announcements": [{"text": "x"}]}],
}


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningSimulator]:
    with RunningSimulator(parse_seed(yaml.safe_dump(WORLD))) as found:
        yield found


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def simulator(shared: RunningSimulator) -> RunningSimulator:
    faults(shared)
    shared.control("calls", "DELETE", account="napcat")
    shared.control(f"groups/{GROUP}", "PATCH", {"name": "旧"}, account="napcat")
    return shared


def faults(simulator: RunningSimulator, *rules: dict[str, Any]) -> None:
    simulator.control("faults", "PUT", list(rules), account="napcat")


def sent(simulator: RunningSimulator) -> list[str]:
    return [call["action"] for call in simulator.control("calls", "DELETE", account="napcat")]


def name(simulator: RunningSimulator) -> str:
    return str(simulator.control("world", account="napcat")[str(GROUP)]["name"])


def address(simulator: RunningSimulator, kind: str) -> str:
    return simulator.endpoint(kind).replace("http:", "ws:")


def using(url: str, run: Callable[[Connection], Awaitable[T]], token: str = TOKEN, read_timeout: float = 30.0) -> T:
    async def whole() -> T:
        found = EndpointSettings("main", url, Secret(token), read_timeout=read_timeout, settle=0)
        connection = await connect(found)
        try:
            return await run(connection)
        finally:
            await connection.close()

    return asyncio.run(whole())


async def facts(connection: Connection) -> Any:
    return connection.facts, connection.requests_sent


async def read(connection: Connection) -> Any:
    return await connection.reader.profiles()


async def rename(connection: Connection) -> None:
    await connection.writer.rename(GROUP, "新")


def refused(url: str, token: str = TOKEN, **how: Any) -> Diagnostic:
    with pytest.raises(EndpointError) as caught:
        using(url, facts, token, **how)
    (found,) = caught.value.diagnostics
    assert TOKEN not in f"{found!r}{found.summary}{found.hint}{caught.value}"
    return found


@pytest.mark.parametrize("path", ["", "/", "/api"])
def test_who_answers_is_the_same_as_over_http(simulator: RunningSimulator, kind: str, path: str) -> None:
    over_http = using(simulator.endpoint(kind), facts)

    assert over_http == using(address(simulator, kind) + path, facts)
    assert 2 == over_http[1]


def test_what_is_read_is_the_same_as_over_http(simulator: RunningSimulator, kind: str) -> None:
    async def everything(connection: Connection) -> Any:
        reader = connection.reader
        return [
            await reader.profiles(), await reader.members(GROUP), await reader.member(GROUP, 100000001),
            await reader.notices(GROUP), await reader.notices(1), await reader.member(GROUP, 7),
        ]  # fmt: skip

    found = using(simulator.endpoint(kind), everything)
    assert [Known] * 4 == [type(item) for item in found[:4]]
    told = using(address(simulator, kind), everything)
    assert found[:4] == told[:4]
    assert [type(item) for item in found] == [type(item) for item in told]  # the retcodes in the words differ


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_token_that_is_refused_is_told_whichever_way_they_refuse_it(
    simulator: RunningSimulator, kind: str, token: str
) -> None:
    assert "QG402" == refused(address(simulator, kind), token).code
    assert [] == sent(simulator)


def test_where_nobody_listens_it_cannot_be_reached() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert "QG401" == refused(f"ws://127.0.0.1:{port}").code


@pytest.mark.parametrize("url", ["ws://127.0.0.1:99999", "ws://x:y", "ws://a..b", f"ws://{'a' * 300}", "ws://\u202e"])
def test_an_address_that_cannot_be_is_unreachable(url: str) -> None:
    assert "QG401" == refused(url).code


def test_a_server_that_says_nothing_is_told_with_the_time_that_was_waited() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = refused(f"ws://127.0.0.1:{silent.getsockname()[1]}", read_timeout=0.2)

    assert ("QG405", True) == (found.code, "0.2" in str(found.summary))


def test_an_http_server_without_websocket_is_something_else() -> None:
    with stub() as found:
        assert refused(found.url.replace("http:", "ws:")).code in ("QG403", "QG404")


def test_a_read_whose_connection_broke_is_asked_again_on_a_new_one(simulator: RunningSimulator, kind: str) -> None:
    async def run(connection: Connection) -> Any:
        faults(simulator, {"action": "get_group_list", "reset": "before", "times": 1})
        return await read(connection), connection.requests_sent

    found, count = using(address(simulator, kind), run)
    assert (True, 4) == (isinstance(found, Known), count)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_whose_connection_broke_is_lost_and_never_sent_again(
    simulator: RunningSimulator, kind: str, when: str
) -> None:
    async def run(connection: Connection) -> Any:
        faults(simulator, {"action": "set_group_name", "reset": when})
        with pytest.raises(AnswerLost):
            await rename(connection)
        return await read(connection)  # and the next request finds a new connection

    assert isinstance(using(address(simulator, kind), run), Known)
    assert 1 == sent(simulator).count("set_group_name")
    assert ("新" if when == "after" else "旧") == name(simulator)


def test_no_answer_in_time_is_a_lost_answer_and_the_connection_stays(simulator: RunningSimulator, kind: str) -> None:
    async def run(connection: Connection) -> Any:
        faults(simulator, {"action": "set_group_name", "timeout": 600})
        with pytest.raises(AnswerLost):
            await rename(connection)
        return await read(connection)

    assert isinstance(using(address(simulator, kind), run, read_timeout=0.3), Known)
    assert "新" == name(simulator)


@pytest.mark.parametrize("body", ["html", "truncated", "not_json", "wrong_types"])
def test_garbage_in_place_of_an_answer_tells_nothing(simulator: RunningSimulator, kind: str, body: str) -> None:
    async def run(connection: Connection) -> None:
        faults(simulator, {"body": body})
        assert isinstance(await read(connection), Unknown)
        if body != "wrong_types":  # a write asks for no data
            with pytest.raises(AnswerLost):
                await rename(connection)
        faults(simulator)
        assert isinstance(await read(connection), Known)

    using(address(simulator, kind), run)


def test_a_refusal_is_one_in_the_servers_words_and_a_missing_action_is_told_apart(
    simulator: RunningSimulator, kind: str
) -> None:
    async def run(connection: Connection) -> None:
        faults(simulator, {"refuse": {"retcode": 200, "message": "说不"}})
        with pytest.raises(WriteRefused) as caught:
            await rename(connection)
        assert not isinstance(caught.value, Unsupported)
        assert kind == "lagrange" or "说不" in str(caught.value)
        faults(simulator, {"refuse": {"retcode": 404, "message": "不支持的Api x"}})
        with pytest.raises(Unsupported):
            await rename(connection)

    using(address(simulator, kind), run)


def test_nothing_that_is_logged_holds_the_token(
    simulator: RunningSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        using(address(simulator, "napcat"), read)
        refused(address(simulator, "napcat"), "wrong")

    assert TOKEN not in caplog.text


# Against servers that do what they like


Handler = Callable[[ServerConnection], Awaitable[None]]


def against(
    handler: Handler, run: Callable[[WebSocket], Awaitable[T]], in_flight: int = 8, timeout: float = 10.0
) -> T:
    async def whole() -> T:
        async with serve(handler, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            line = WebSocket(f"ws://127.0.0.1:{port}", {}, in_flight, timeout)
            try:
                return await run(line)
            finally:
                await line.close()

    return asyncio.run(whole())


def answering(*frames: Any) -> Handler:
    """Greets, and answers each request with these frames. `...` stands for the proper answer."""

    async def handler(server: ServerConnection) -> None:
        await server.send('{"post_type": "meta_event"}')
        async for asked in server:
            for frame in frames:
                proper = json.dumps({"status": "ok", "retcode": 0, "data": 1, "echo": json.loads(asked)["echo"]})
                await server.send(proper if frame is ... else frame)

    return handler


async def post(line: WebSocket) -> HttpAnswer:
    return await line.post("get_x", b"{}")


def test_events_and_answers_to_others_are_passed_over() -> None:
    noise = [
        '{"post_type": "message", "retcode": 1403}',
        '{"status": "ok", "retcode": 0, "data": 2, "echo": "77"}',
        '{"status": "ok", "retcode": 0, "data": 3, "echo": {"a": 1}}',
        "{}",
    ]
    answer = against(answering(*noise, ...), post)

    assert (200, 1) == (answer.status, json.loads(answer.body)["data"])


@pytest.mark.parametrize(("retcode", "status"), [(1400, 400), (1401, 401), (1403, 403), (1404, 404), (1200, 200)])
def test_a_retcode_is_what_an_http_status_would_be(retcode: int, status: int) -> None:
    async def handler(server: ServerConnection) -> None:
        async for asked in server:
            await server.send(json.dumps({"status": "failed", "retcode": retcode, "echo": json.loads(asked)["echo"]}))

    assert status == against(handler, post).status


def test_answers_find_their_requests_in_any_order() -> None:
    async def handler(server: ServerConnection) -> None:
        asked = [json.loads(await server.recv()) for _ in range(5)]
        for item in reversed(asked):
            await server.send(json.dumps({"data": item["params"]["n"], "echo": item["echo"]}))

    async def run(line: WebSocket) -> list[Any]:
        found = await asyncio.gather(*(line.post("x", json.dumps({"n": n}).encode()) for n in range(5)))
        return [json.loads(answer.body)["data"] for answer in found]

    assert list(range(5)) == against(handler, run)


def test_no_more_requests_are_under_way_than_are_allowed() -> None:
    most = 0

    async def handler(server: ServerConnection) -> None:
        nonlocal most
        waiting: list[str] = []
        async for asked in server:
            waiting.append(json.loads(asked)["echo"])
            most = max(most, len(waiting))
            if len(waiting) == 3:
                for echo in waiting:
                    await server.send(json.dumps({"echo": echo}))
                waiting.clear()

    async def run(line: WebSocket) -> int:
        await asyncio.gather(*(post(line) for _ in range(12)))
        return line.sent

    assert (12, 3) == (against(handler, run, in_flight=3), most)


def test_a_frame_larger_than_any_list_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "MAX_ANSWER_BYTES", 1000)
    with pytest.raises(AnswerTooLarge):
        against(answering(json.dumps({"x": "y" * 1000})), post)


def test_a_connection_that_is_closed_before_a_word_leaves_nothing_sent() -> None:
    async def handler(server: ServerConnection) -> None:
        await server.close(1011)

    with pytest.raises(Unreachable):
        against(handler, post)


def test_a_server_that_has_refused_us_is_sent_nothing_even_if_it_leaves_the_line_open() -> None:
    heard: list[Any] = []

    async def handler(server: ServerConnection) -> None:
        await server.send('{"status": "failed", "retcode": 1403}')
        heard.extend([frame async for frame in server])

    async def twice(line: WebSocket) -> list[int]:
        return [(await post(line)).status, (await post(line)).status]

    assert ([403, 403], []) == (against(handler, twice), heard)


@pytest.mark.parametrize("code", [1002, 1008])
def test_who_is_shown_the_door_without_a_word_has_the_wrong_token(code: int) -> None:
    heard: list[Any] = []

    async def handler(server: ServerConnection) -> None:
        await server.close(code)
        heard.extend([frame async for frame in server])

    assert (HttpAnswer(403, b""), []) == (against(handler, post), heard)


def test_a_server_that_greets_nobody_is_asked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "_GREETING", 0.01)

    async def handler(server: ServerConnection) -> None:
        async for asked in server:
            await server.send(json.dumps({"echo": json.loads(asked)["echo"]}))

    assert 200 == against(handler, post).status


def test_a_request_may_have_a_patience_of_its_own() -> None:
    async def handler(server: ServerConnection) -> None:
        await server.send("{}")
        await server.wait_closed()

    async def impatient(line: WebSocket) -> HttpAnswer:
        return await line.post("get_x", b"{}", 0.05)

    with pytest.raises(Silent):
        against(handler, impatient, timeout=600)


def test_a_greeting_is_not_waited_for_longer_than_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_module, "_GREETING", 600)

    async def handler(server: ServerConnection) -> None:
        async for asked in server:
            await server.send(json.dumps({"echo": json.loads(asked)["echo"]}))

    assert 200 == against(handler, post, timeout=2).status


def test_who_waits_when_the_connection_ends_is_told_and_so_is_who_asks_in_between() -> None:
    async def handler(server: ServerConnection) -> None:
        await server.send("{}")
        await server.recv()
        await server.close()

    async def run(line: WebSocket) -> list[Any]:
        return await asyncio.gather(*(post(line) for _ in range(3)), return_exceptions=True)

    found = against(handler, run)
    assert all(isinstance(item, Broken | Unreachable) for item in found)
    assert any(isinstance(item, Broken) for item in found)


def test_a_redirect_takes_the_token_nowhere() -> None:
    heard: list[Any] = []

    async def elsewhere(server: ServerConnection) -> None:
        heard.append(server.request)

    async def whole() -> None:
        async with serve(elsewhere, "127.0.0.1", 0) as target:
            port = next(iter(target.sockets)).getsockname()[1]

            def redirect(server: ServerConnection, request: Any) -> Any:
                response = server.respond(302, "")
                response.headers["Location"] = f"http://127.0.0.1:{port}/"
                return response

            async with serve(elsewhere, "127.0.0.1", 0, process_request=redirect) as server:
                asked = next(iter(server.sockets)).getsockname()[1]
                line = WebSocket(f"ws://127.0.0.1:{asked}", {"Authorization": f"Bearer {TOKEN}"}, 1, 5)
                try:
                    with pytest.raises(Unreachable):
                        await post(line)
                finally:
                    await line.close()

    asyncio.run(whole())
    assert [] == heard


frames = st.one_of(
    st.text(max_size=20),
    st.binary(max_size=20),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["echo", "retcode", "status", "post_type", "data"]), inner, max_size=4)
        ),
        max_leaves=6,
    ).map(json.dumps),
)


def test_whatever_frames_come_a_request_ends_in_an_answer_or_a_fault() -> None:
    sending: list[Any] = []

    async def handler(server: ServerConnection) -> None:
        async for _ in server:
            for frame in sending:
                await server.send(frame)
            await server.close()

    with asyncio.Runner() as runner:

        async def begin() -> Any:
            return await serve(handler, "127.0.0.1", 0)

        server = runner.run(begin())
        port = next(iter(server.sockets)).getsockname()[1]

        async def ask() -> Any:
            line = WebSocket(f"ws://127.0.0.1:{port}/api", {}, 1, 10)
            try:
                return await post(line)
            except HttpFault as error:
                return error
            finally:
                await line.close()

        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(st.lists(frames, max_size=3))
        def anything(some: list[Any]) -> None:
            sending[:] = some
            found = runner.run(ask())
            assert isinstance(found, HttpAnswer | Broken | Unreachable)

        anything()

        async def end() -> None:
            server.close()
            await server.wait_closed()

        runner.run(end())
