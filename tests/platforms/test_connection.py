"""Opening a connection: who answers, or one diagnostic that says what is wrong; and the token is never shown."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Diagnostic, Place
from qqgroup_provision.errors import EndpointError, InvalidInput, QQGroupError
from qqgroup_provision.platforms import http as http_module
from qqgroup_provision.platforms.onebot11.dialect import LLBOT
from qqgroup_provision.platforms.sessions import open_sessions
from qqgroup_provision.ports import AccountFacts, Known, Unknown
from qqgroup_provision.resources.live import Collection
from qqgroup_provision.workspace.model import Account, Group, Pace, Workspace
from tests.platforms.stub import LOGIN, VERSION, Answer, Stub, failed, ok, stub

TOKEN = "s3cret-t0ken"


@pytest.fixture(scope="module")
def shared() -> Iterator[Stub]:
    with stub() as found:
        yield found


@pytest.fixture
def server(shared: Stub) -> Stub:
    shared.introduce()
    shared.requests.clear()
    return shared


def facts(server: Stub, **how: Any) -> AccountFacts:
    async def run() -> AccountFacts:
        connection = await server.connect(**how)
        await connection.close()
        return connection.facts

    return asyncio.run(run())


def refused(server: Stub, **how: Any) -> Diagnostic:
    with pytest.raises(EndpointError) as caught:
        facts(server, **{"token": TOKEN, **how})
    (found,) = caught.value.diagnostics
    shown = f"{found!r}{found.summary}{found.hint}{caught.value}"
    assert TOKEN not in shown
    assert found.subject.startswith("http")
    assert str(found.hint)
    return found


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_who_answers_is_known_after_two_requests(server: Stub) -> None:
    found = facts(server, token=TOKEN)

    assert (100000000, "LLBot", "8.1.7") == (found.self_id, found.implementation, found.version)
    assert LLBOT.capabilities == found.capabilities
    assert [f"Bearer {TOKEN}"] * 2 == [headers["authorization"] for _, headers, _ in server.requests]
    assert ["application/json"] * 2 == [headers["content-type"] for _, headers, _ in server.requests]
    assert ["get_version_info", "get_login_info"] == server.asked()


def test_without_a_token_none_is_sent(server: Stub) -> None:
    facts(server)

    assert not any("authorization" in headers for _, headers, _ in server.requests)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(b'{"message":"token verify failed!"}', 403), "QG402"),
        (Answer(b"", 401), "QG402"),
        (Answer(b"<html>hello</html>"), "QG403"),
        (Answer(b'{"hello": 1}'), "QG403"),
        (Answer(b'{"status": "ok", "data"', 200), "QG403"),
        (failed("出错了"), "QG404"),
        (Answer(b"garbage", headers={"Content-Encoding": "gzip"}), "QG403"),
        (ok({"app_name": "SnowLuma", "app_version": "1.2.0"}), "QG406"),
        (ok({"app_name": "LLOneBot", "app_version": "8.1.6"}), "QG406"),
        (ok({"app_name": "NapCat.Onebot", "app_version": "4.17.99"}), "QG406"),
        (ok({"app_name": "LLOneBot", "app_version": "new"}), "QG407"),
        (ok({"app_name": "LLOneBot", "app_version": "9" * 5000}), "QG407"),
        (ok({"app_name": "LLOneBot"}), "QG407"),
        (ok({"app_name": 7, "app_version": "1"}), "QG407"),
        (ok([]), "QG407"),
        (ok(None), "QG407"),
    ],
    ids=lambda value: f"{getattr(value, 'body', value)[:60]!r}",
)
def test_each_thing_that_may_answer_instead_has_a_code_of_its_own(server: Stub, answer: Answer, code: str) -> None:
    server.answers["get_version_info"] = answer
    found = refused(server)

    assert (code, f"{server.url}/get_version_info") == (found.code, found.subject)


def test_what_an_old_implementation_is_told_names_what_would_do(server: Stub) -> None:
    server.introduce({"app_name": "LLOneBot", "app_version": "8.0.0"})
    found = refused(server)

    assert ("LLOneBot 8.0.0" in str(found.summary), "LLBot ≥ 8.1.7" in str(found.hint)) == (True, True)


@pytest.mark.parametrize("login", [None, [], {}, {"user_id": "me"}, {"user_id": None}, {"user_id": True}])
def test_an_account_without_a_number_is_told(server: Stub, login: Any) -> None:
    server.introduce(VERSION, login)

    assert ("QG407", f"{server.url}/get_login_info") == ((found := refused(server)).code, found.subject)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["app_name", "app_version", "user_id", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def test_any_json_in_the_place_of_an_introduction_is_an_account_or_a_diagnostic(server: Stub) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.just(VERSION) | json_values, st.just(LOGIN) | json_values)
    def introduced(version: Any, login: Any) -> None:
        server.introduce(version, login)
        try:
            found = facts(server)
        except EndpointError as error:
            assert {item.code for item in error.diagnostics} <= {"QG406", "QG407"}  # noqa: PT017
        else:
            assert found.implementation in ("NapCat", "LLBot")

    introduced()


def test_where_nobody_listens_it_is_said_that_it_cannot_be_reached(server: Stub) -> None:
    assert "QG401" == refused(server, url=f"http://127.0.0.1:{unused_port()}").code


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        "http://x:y",
        "http://[::1",
        "http://a..b",
        "http://[:::]",
        f"http://{'a' * 300}",
        "http://\u202e",
    ],
)
def test_an_address_that_cannot_be_is_said_to_be_unreachable(server: Stub, url: str) -> None:
    assert "QG401" == refused(server, url=url).code


@pytest.mark.parametrize("token", ["口令", "a\nb", "a\r\nX-Other: 1", "a\x00b", "\ud800", "\x7f"])
def test_a_token_no_header_can_carry_is_refused_before_anything_is_sent(server: Stub, token: str) -> None:
    found = refused(server, token=token)

    assert ("QG402", []) == (found.code, server.asked())
    assert token not in f"{found!r}{found.summary}"


def test_a_server_that_says_nothing_is_told_with_the_time_that_was_waited(server: Stub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = refused(server, url=f"http://127.0.0.1:{silent.getsockname()[1]}", read_timeout=0.2)

    assert ("QG405", True) == (found.code, "0.2" in str(found.summary))


def test_an_answer_larger_than_any_list_is_not_read_to_its_end(server: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MAX_ANSWER_BYTES", 1000)
    server.answers["get_version_info"] = ok({**VERSION, "x": "y" * 1000})

    assert "QG404" == refused(server).code


def test_nothing_that_is_logged_holds_the_token(server: Stub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        facts(server, token=TOKEN)
        server.answers["get_version_info"] = Answer(b"", 403)
        refused(server)

    assert TOKEN not in caplog.text


def workspace(tmp_path: Path, **endpoints: str) -> Workspace:
    accounts = {
        key: Account(key, url, "onebot11", "${env:T_" + key.upper() + "}", Pace(settle=0), Place("workspace.yaml", 3))
        for key, url in endpoints.items()
    }
    groups = {key: Group(f"g-{key}", n, key, None, Place("g")) for n, key in enumerate(endpoints, 1)}
    return Workspace(tmp_path, accounts, {}, {g.key: g for g in groups.values()}, tmp_path / "s", "d")


def opened(found: Workspace, environment: dict[str, str]) -> Any:
    async def run() -> Any:
        async with open_sessions(found, found.accounts, environment) as sessions:
            live = await sessions.read({key: frozenset(Collection) for key in found.groups})
            return sessions.facts, live, sessions.requests_sent, sessions.of_group("g-a").facts

    return asyncio.run(run())


def test_every_account_reads_its_own_groups(server: Stub, tmp_path: Path) -> None:
    with stub() as second:
        second.introduce({"app_name": "NapCat.Onebot", "app_version": "4.18.13"}, {"user_id": 2})
        item = {"group_name": "群", "member_count": 1, "max_member_count": 2}
        server.answers["get_group_list"] = ok([{**item, "group_id": 1, "shut_up_all_timestamp": 0}])
        second.answers["get_group_list"] = ok([{**item, "group_id": 2, "group_all_shut": 0}])
        found = workspace(tmp_path, a=server.url, b=second.url)
        facts_, live, sent, of_a = opened(found, {"T_A": "x", "T_B": "y"})

        assert ("LLBot", "NapCat", facts_["a"]) == (facts_["a"].implementation, facts_["b"].implementation, of_a)
        assert (100000000, 2) == (live["g-a"].account_id, live["g-b"].account_id)
        assert all(isinstance(live[key].profile, Known) for key in live)
        assert all(isinstance(live[key].notices, Unknown) for key in live)
        assert sent == len(server.asked()) + len(second.asked())


def test_the_faults_of_all_accounts_are_told_at_once(server: Stub, tmp_path: Path) -> None:
    server.answers["get_version_info"] = Answer(b"", 403)
    found = workspace(tmp_path, a=server.url, b=f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(EndpointError) as caught:
        opened(found, {"T_A": "x", "T_B": "y"})

    assert ["QG402", "QG401"] == [item.code for item in caught.value.diagnostics]


def test_tokens_that_are_missing_are_told_before_anybody_is_asked(server: Stub, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        opened(workspace(tmp_path, a=server.url, b=server.url), {})

    assert (["QG131"] * 2, []) == ([item.code for item in caught.value.diagnostics], server.asked())


def test_a_connection_is_closed_also_when_its_use_fails(server: Stub, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_sessions(workspace(tmp_path, a=server.url), ["a"], {"T_A": "x"}):
            raise QQGroupError(())

    with pytest.raises(QQGroupError):
        asyncio.run(run())  # a connection left open would be a ResourceWarning
