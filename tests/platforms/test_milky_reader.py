"""A Milky server may send anything: what comes of it is known, absent or unknown; and each write is sent as asked."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.diagnostics import Diagnostic
from qqgroup_provision.errors import EndpointError
from qqgroup_provision.platforms.connection import Connection
from qqgroup_provision.ports import (
    Absent,
    AnswerLost,
    Capability,
    GroupReader,
    GroupWriter,
    Known,
    LiveSettings,
    NoticeDraft,
    Unknown,
    Unsupported,
    WriteRefused,
)
from qqgroup_provision.secrets import Secret
from tests.platforms.stub import IMPL, LOGIN, UIN, Answer, Stub, failed, ok, stub
from tests.platforms.test_milky_parse import GROUP, NOTICE

T = TypeVar("T")
SELF = LOGIN["user_id"]
ME = {"user_id": SELF, "role": "owner", "nickname": "我", "card": "", "title": ""}
ALICE = {"user_id": 100000001, "role": "member", "nickname": "A", "card": "牌", "title": ""}
LAGRANGE = {"impl_name": "Lagrange.Core", "impl_version": "58a4f99ac", "milky_version": "1.2"}
READS: dict[str, tuple[str, str, Callable[[GroupReader], Awaitable[Any]]]] = {
    "profiles": ("get_group_list", "groups", lambda reader: reader.profiles()),
    "members": ("get_group_member_list", "members", lambda reader: reader.members(10001)),
    "member": ("get_group_member_info", "member", lambda reader: reader.member(10001, 100000001)),
    "notices": ("get_group_announcements", "announcements", lambda reader: reader.notices(10001)),
    "settings": ("get_group_info", "group", lambda reader: reader.settings(10001)),
}
# What LLBot's Milky and Lagrange.Milky can do beyond nothing.
BOTH = {Capability.RENAME, Capability.MUTE_ALL, Capability.SET_TITLE, Capability.SET_CARD}


@pytest.fixture(scope="module")
def shared() -> Iterator[Stub]:
    with stub() as found:
        yield found


@pytest.fixture
def server(shared: Stub) -> Stub:
    shared.introduce_milky()
    shared.otherwise = Answer(b"", 404)
    shared.requests.clear()
    return shared


def using(server: Stub, run: Callable[[Connection], Awaitable[T]]) -> T:
    async def whole() -> T:
        connection = await server.connect(protocol="milky")
        try:
            return await run(connection)
        finally:
            await connection.close()

    return asyncio.run(whole())


def read(server: Stub, what: str) -> Any:
    return using(server, lambda connection: READS[what][2](connection.reader))


def refused(server: Stub) -> Diagnostic:
    with pytest.raises(EndpointError) as caught:
        read(server, "profiles")
    (found,) = caught.value.diagnostics
    return found


async def _facts(connection: Connection) -> Any:
    return connection.facts


def test_who_answers_is_known_after_two_requests(server: Stub) -> None:
    found = using(server, _facts)

    assert (SELF, "LLBot (Milky)", "8.1.7") == (found.self_id, found.implementation, found.version)
    assert [{}, {}] == [body for _, _, body in server.requests]
    assert ["get_impl_info", "get_login_info"] == server.asked()


def test_each_implementation_has_a_table_of_what_it_can_do(server: Stub) -> None:
    llbot = using(server, _facts).capabilities
    server.introduce_milky(LAGRANGE)
    lagrange = using(server, _facts).capabilities

    assert lagrange < llbot
    assert lagrange >= BOTH
    assert {Capability.SET_ADMIN, Capability.READ_NOTICES, Capability.PUBLISH_NOTICE} <= llbot - lagrange
    assert not {Capability.SET_REMARK, Capability.NOTICE_FLAGS, Capability.SET_JOIN} & llbot


@pytest.mark.parametrize(
    ("impl", "code"),
    [
        ({**IMPL, "impl_version": "8.1.6"}, "QG406"),
        ({**IMPL, "milky_version": "1.1"}, "QG406"),
        ({**IMPL, "milky_version": "2.0"}, "QG406"),
        ({**IMPL, "impl_name": "Yogurt"}, "QG406"),
        ({**LAGRANGE, "milky_version": "1.0"}, "QG406"),
        ({**IMPL, "milky_version": "new"}, "QG407"),
        ({**IMPL, "impl_version": "new"}, "QG407"),
        ({"impl_name": "LLBot"}, "QG407"),
        ({}, "QG407"),
        ([], "QG407"),
    ],
)
def test_what_is_too_old_or_unknown_is_told_with_what_would_do(server: Stub, impl: Any, code: str) -> None:
    server.introduce_milky(impl)
    found = refused(server)

    assert (code, f"{server.url}/api/get_impl_info") == (found.code, found.subject)
    assert code != "QG406" or "LLBot (Milky) ≥ 8.1.7, Lagrange.Milky, Milky 1.2" in str(found.hint)


@pytest.mark.parametrize("impl", [{**IMPL, "milky_version": "1.3.0-rc.1"}, {**LAGRANGE, "impl_version": "unknown"}])
def test_a_later_protocol_of_the_same_major_and_a_version_that_is_none_will_do(server: Stub, impl: Any) -> None:
    server.introduce_milky(impl)

    assert impl["impl_version"] == using(server, _facts).version


def test_a_server_of_the_other_protocol_is_told_by_the_name_of_the_one_asked_for(server: Stub) -> None:
    server.introduce()
    found = refused(server)
    assert ("QG403", True, True) == (found.code, "Milky" in str(found.summary), "`protocol`" in str(found.hint))


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
items = st.sampled_from([GROUP, ME, ALICE, NOTICE])
near = items.flatmap(
    lambda item: st.dictionaries(st.sampled_from(sorted(item)), json_values, max_size=2).map(lambda c: {**item, **c})
)


@pytest.mark.parametrize("what", READS)
def test_any_json_in_the_place_of_data_is_known_or_unknown(server: Stub, what: str) -> None:
    action, key, run = READS[what]

    async def one(connection: Connection, data: Any) -> Any:
        server.answers[action] = ok(data)
        return await run(connection.reader)

    with asyncio.Runner() as runner:
        connection = runner.run(server.connect(protocol="milky"))

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(json_values | (near | st.lists(near, max_size=3) | json_values).map(lambda value: {key: value}))
        def anything(data: Any) -> None:
            found = runner.run(one(connection, data))
            assert isinstance(found, Known | Unknown)
            if isinstance(found, Unknown):
                assert action in str(found.reason) or what == "member"

        try:
            anything()
        finally:
            runner.run(connection.close())


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize(
    "answer",
    [failed("群不存在", -404), failed("Internal error: x", 500), Answer(b"", 404), Answer(b"", 500), Answer(b"", 401),
     Answer(b"<html>"), ok("?"), ok(None), ok({}), ok([GROUP])],
    ids=lambda answer: f"{answer.status}{answer.body[:60]!r}",
)  # fmt: skip
def test_what_goes_wrong_is_unknown_with_its_reason(server: Stub, what: str, answer: Answer) -> None:
    server.otherwise = answer
    found = read(server, what)

    assert isinstance(found, Unknown)
    assert str(found.reason)


def test_lists_are_asked_for_freshly_and_members_without_oneself_are_not_believed(server: Stub) -> None:
    server.answers["get_group_member_list"] = ok({"members": [ALICE]})
    assert isinstance(read(server, "members"), Unknown)
    assert {"group_id": 10001, "no_cache": True} == server.requests[-1][2]
    server.answers["get_group_member_list"] = ok({"members": [ALICE, ME]})
    assert {100000001, SELF} == read(server, "members").value.keys()


@pytest.mark.parametrize("denied", [failed("Member not found", -404), ok({"member": ME})])
def test_a_member_who_is_denied_is_looked_for_in_the_list(server: Stub, denied: Answer) -> None:
    server.answers |= {"get_group_member_info": denied, "get_group_member_list": ok({"members": [ME, ALICE]})}
    assert "牌" == read(server, "member").value.card
    server.answers["get_group_member_list"] = ok({"members": [ME]})
    assert Absent() == read(server, "member")


def test_notices_come_newest_first(server: Stub) -> None:
    several = [{**NOTICE, "announcement_id": str(n), "time": n} for n in (2, 9, 5)]
    server.answers["get_group_announcements"] = ok({"announcements": several})

    assert ["9", "5", "2"] == [notice.notice_id for notice in read(server, "notices").value]


def test_description_and_question_are_read_and_the_other_settings_are_open(server: Stub) -> None:
    server.answers["get_group_info"] = ok({"group": GROUP})

    assert Known(LiveSettings(description="简介", join_question="暗号？")) == read(server, "settings")


def test_a_lagrange_is_not_asked_for_what_it_does_not_have(server: Stub) -> None:
    server.introduce_milky(LAGRANGE)
    found = read(server, "notices")

    assert isinstance(found, Unknown)
    assert "Lagrange.Milky cannot list announcements" == str(found.reason)
    assert ["get_impl_info", "get_login_info"] == server.asked()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (failed("权限不足", -500), WriteRefused),
        (Answer(b"", 401), WriteRefused),
        (Answer(b"", 404), Unsupported),
        (failed("API not found", 404), WriteRefused),
        (failed("Internal error: timeout", 500), AnswerLost),
        (Answer(b"", 500), AnswerLost),
        (Answer(b"<html>"), AnswerLost),
        (Answer(b'{"status": "ok"}', cut=True), AnswerLost),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{value.status}{value.body[:30]!r}",
)
def test_a_write_is_sent_once_and_told_as_refused_or_lost(server: Stub, answer: Answer, expected: Any) -> None:
    server.answers["set_group_name"] = answer
    with pytest.raises(expected) as caught:
        using(server, lambda connection: connection.writer.rename(10001, "x"))

    assert str(caught.value.reason)
    assert 1 == server.asked().count("set_group_name")


def test_each_write_sends_what_milky_asks_for_and_every_boolean(server: Stub) -> None:
    server.otherwise = ok({})

    async def all_of(connection: Connection) -> None:
        writer = connection.writer
        await writer.rename(10001, "名")
        await writer.mute_all(10001, False)
        await writer.set_admin(10001, 10002, False)
        await writer.set_title(10001, 10002, "")
        await writer.set_card(10001, 10002, "")
        await writer.publish_notice(10001, NoticeDraft("文", b"x", confirm=True))
        await writer.withdraw_notice(10001, "x")
        await writer.set_avatar(10001, b"x")

    using(server, all_of)
    image = "base64://" + base64.b64encode(b"x").decode()

    group = {"group_id": 10001}
    both = {**group, "user_id": 10002}
    assert {
        "set_group_name": {**group, "new_group_name": "名"},
        "set_group_whole_mute": {**group, "is_mute": False},
        "set_group_member_admin": {**both, "is_set": False},
        "set_group_member_special_title": {**both, "special_title": ""},
        "set_group_member_card": {**both, "card": ""},
        "send_group_announcement": {**group, "content": "文", "image_uri": image},
        "delete_group_announcement": {**group, "announcement_id": "x"},
        "set_group_avatar": {**group, "image_uri": image},
    } == {action: params for action, _, params in server.requests[2:]}


WITHOUT_WORDS: list[Callable[[GroupWriter], Awaitable[None]]] = [
    lambda writer: writer.set_remark(10001, "x"),
    lambda writer: writer.publish_notice(10001, NoticeDraft("文", pinned=True)),
    lambda writer: writer.set_join(10001, "open", "", Secret("")),
    lambda writer: writer.set_member_invites(10001, "disabled"),
    lambda writer: writer.set_history_visible(10001, True),
    lambda writer: writer.set_robots(10001, "free"),
    lambda writer: writer.set_permissions(10001, create_group=True),
]


@pytest.mark.parametrize("write", WITHOUT_WORDS)
def test_what_milky_has_no_words_for_is_refused_and_not_dropped(
    server: Stub, write: Callable[[GroupWriter], Awaitable[None]]
) -> None:
    with pytest.raises(Unsupported):
        using(server, lambda connection: write(connection.writer))

    assert ["get_impl_info", "get_login_info"] == server.asked()


def test_any_introduction_is_an_account_or_a_diagnostic(server: Stub) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.just(IMPL) | json_values, st.just(UIN) | json_values)
    def introduced(impl: Any, login: Any) -> None:
        server.introduce_milky(impl, login)
        try:
            found = using(server, _facts)
        except EndpointError as error:
            assert {item.code for item in error.diagnostics} <= {"QG406", "QG407"}  # noqa: PT017
        else:
            assert found.implementation == "LLBot (Milky)"

    introduced()
