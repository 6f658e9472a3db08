"""Reading through a server that may send anything: what comes of it is known, absent or unknown, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.platforms.connection import Connection
from qqgroup_provision.platforms.read_groups import Request, read_groups
from qqgroup_provision.ports import Absent, AnswerLost, GroupReader, Known, NoticeDraft, Unknown, WriteRefused
from qqgroup_provision.resources.live import Collection
from tests.platforms.stub import LOGIN, Answer, Stub, failed, ok, stub

T = TypeVar("T")
SELF = LOGIN["user_id"]
ME = {"user_id": SELF, "role": "owner", "nickname": "我"}
ALICE = {"user_id": 100000001, "role": "member", "card": "牌"}
GROUP = {"group_id": 1, "group_name": "群", "member_count": 2, "max_member_count": 9, "shut_up_all_timestamp": 0}
NOTICE = {"notice_id": "a", "sender_id": 1, "publish_time": 1, "message": {"text": "x"}}
READS: dict[str, tuple[str, Callable[[GroupReader], Awaitable[Any]]]] = {
    "profiles": ("get_group_list", lambda reader: reader.profiles()),
    "members": ("get_group_member_list", lambda reader: reader.members(1)),
    "member": ("get_group_member_info", lambda reader: reader.member(1, 100000001)),
    "notices": ("_get_group_notice", lambda reader: reader.notices(1)),
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Stub]:
    with stub() as found:
        yield found


@pytest.fixture
def server(shared: Stub) -> Stub:
    shared.introduce()
    shared.otherwise = failed("不支持的Api")
    shared.requests.clear()
    return shared


def using(server: Stub, run: Callable[[Connection], Awaitable[T]], **settings_: Any) -> T:
    async def whole() -> T:
        connection = await server.connect(**settings_)
        try:
            return await run(connection)
        finally:
            await connection.close()

    return asyncio.run(whole())


def read(server: Stub, what: str) -> Any:
    return using(server, lambda connection: READS[what][1](connection.reader))


def write(server: Stub, answer: Answer | Callable[[], Answer], timeout: float = 30.0) -> None:
    server.answers["set_group_name"] = answer
    using(server, lambda connection: connection.writer.rename(1, "x"), read_timeout=timeout)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
near = st.lists(
    st.sampled_from([GROUP, ME, ALICE, NOTICE]).flatmap(
        lambda item: st.dictionaries(st.sampled_from(sorted(item)), json_values, max_size=2).map(
            lambda c: {**item, **c}
        )
    ),
    max_size=3,
)


@pytest.mark.parametrize("what", READS)
def test_any_json_in_the_place_of_data_is_known_or_unknown(server: Stub, what: str) -> None:
    async def all_of(connection: Connection, data: Any) -> Any:
        server.answers[READS[what][0]] = ok(data)
        return await READS[what][1](connection.reader)

    with asyncio.Runner() as runner:
        connection = runner.run(server.connect())

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(json_values | near)
        def anything(data: Any) -> None:
            found = runner.run(all_of(connection, data))
            assert isinstance(found, Known | Unknown)
            if isinstance(found, Unknown):
                assert READS[what][0] in str(found.reason) or what == "member"

        try:
            anything()
        finally:
            runner.run(connection.close())


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize(
    "answer",
    [failed("群不存在"), Answer(b"<html>"), Answer(b"", 403), Answer(b"[]"), ok("?"), ok(None), ok({}), ok([None])],
    ids=lambda answer: f"{answer.status}{answer.body[:60]!r}",
)
def test_what_goes_wrong_is_unknown_with_its_reason(server: Stub, what: str, answer: Answer) -> None:
    server.otherwise = answer
    found = read(server, what)

    assert isinstance(found, Unknown)
    assert str(found.reason)


def test_a_read_that_failed_is_tried_again_and_a_refusal_is_not(server: Stub) -> None:
    answers = iter([Answer(b"", 502), ok([GROUP])])
    server.answers["get_group_list"] = lambda: next(answers)
    found = read(server, "profiles")
    asked = server.asked()
    server.answers["get_group_list"] = failed("不行")
    read(server, "profiles")

    assert isinstance(found, Known)
    assert ["群"] == [profile.name for profile in found.value.values()]
    assert (2, 1) == (asked.count("get_group_list"), server.asked().count("get_group_list"))


@pytest.mark.parametrize("wait", ["0", "", "soon", "²", "-1"])
def test_a_server_that_asks_to_slow_down_is_asked_again_when_it_says(server: Stub, wait: str) -> None:
    answers = iter([Answer(b"", 429, {"Retry-After": wait}), ok([GROUP])])
    server.answers["get_group_list"] = lambda: next(answers)
    found = read(server, "profiles")

    assert (wait == "0") == isinstance(found, Known)


def test_a_list_of_members_without_oneself_is_not_believed(server: Stub) -> None:
    server.answers["get_group_member_list"] = ok([ALICE])
    assert isinstance(read(server, "members"), Unknown)
    server.answers["get_group_member_list"] = ok([ALICE, ME])
    assert {100000001, SELF} == read(server, "members").value.keys()


def test_a_napcat_is_asked_for_its_members_twice_and_the_second_counts(server: Stub) -> None:
    server.introduce({"app_name": "NapCat.Onebot", "app_version": "4.18.13"})
    answers = iter([ok([ME]), ok([ME, ALICE])])
    server.answers["get_group_member_list"] = lambda: next(answers)

    assert {100000001, SELF} == read(server, "members").value.keys()
    assert 2 == server.asked().count("get_group_member_list")


def test_a_napcat_whose_first_list_fails_is_not_asked_again(server: Stub) -> None:
    server.introduce({"app_name": "NapCat.Onebot", "app_version": "4.18.13"})
    server.answers["get_group_member_list"] = failed("群(1)成员不存在")

    assert isinstance(read(server, "members"), Unknown)
    assert 1 == server.asked().count("get_group_member_list")


@pytest.mark.parametrize("denied", [failed("群(1)成员100000001不存在"), ok(ME)])
def test_a_member_who_is_denied_is_looked_for_in_the_list(server: Stub, denied: Answer) -> None:
    server.answers["get_group_member_info"] = denied
    server.answers["get_group_member_list"] = ok([ME, ALICE])
    assert "牌" == read(server, "member").value.card
    server.answers["get_group_member_list"] = ok([ME])
    assert Absent() == read(server, "member")
    server.answers["get_group_member_list"] = failed("不行")
    assert isinstance(read(server, "member"), Unknown)


def test_notices_come_newest_first(server: Stub) -> None:
    server.answers["_get_group_notice"] = ok([{**NOTICE, "notice_id": str(n), "publish_time": n} for n in (2, 9, 5)])

    assert ["9", "5", "2"] == [notice.notice_id for notice in read(server, "notices").value]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ok(None), None),
        (failed("名字不行"), WriteRefused),
        (Answer(b'{"message":"token verify failed!"}', 403), WriteRefused),
        (Answer(b"", 429), WriteRefused),
        (Answer(b"", 502), AnswerLost),
        (Answer(b"<html>"), AnswerLost),
        (Answer(b'{"status": "async", "retcode": 1}'), AnswerLost),
        (failed("Timeout: NTEvent x"), AnswerLost),
        (Answer(b'{"status": "ok"}', cut=True), AnswerLost),
        (Answer(b"garbage", headers={"Content-Encoding": "gzip"}), AnswerLost),
        (Answer(b'{"status":"ok","retcode":0}', 302, {"Location": "/x"}), None),
    ],
    ids=lambda value: (
        getattr(value, "__name__", None) or f"{getattr(value, 'body', b'ok')[:30]!r}{getattr(value, 'status', '')}"
    ),
)
def test_a_write_is_sent_once_and_told_as_done_refused_or_lost(server: Stub, answer: Answer, expected: Any) -> None:
    if expected is None:
        write(server, answer)
    else:
        with pytest.raises(expected) as caught:
            write(server, answer)
        assert str(caught.value.reason)
    assert 1 == server.asked().count("set_group_name")


@pytest.mark.parametrize("turned_away", [Answer(b"", 429, {"Retry-After": "0"}), failed("too fast", 429)])
def test_a_write_that_the_server_took_nothing_of_is_sent_again_three_times_at_most(
    server: Stub, turned_away: Answer
) -> None:
    answers = iter([turned_away, ok(None)])
    write(server, lambda: next(answers))
    assert 2 == server.asked().count("set_group_name")

    with pytest.raises(WriteRefused):
        write(server, turned_away)
    assert 3 == server.asked().count("set_group_name")


def test_each_write_sends_what_onebot_asks_for_and_every_boolean(server: Stub) -> None:
    server.otherwise = ok(None)

    async def all_of(connection: Connection) -> None:
        writer = connection.writer
        await writer.rename(1, "名")
        await writer.set_remark(1, "")
        await writer.mute_all(1, False)
        await writer.set_admin(1, 2, False)
        await writer.set_title(1, 2, "")
        await writer.set_card(1, 2, "")
        await writer.publish_notice(1, NoticeDraft("文"))
        await writer.withdraw_notice(1, "x")

    using(server, all_of)
    sent = {action: params for action, _, params in server.requests}

    assert {"group_id": 1, "group_name": "名"} == sent["set_group_name"]
    assert {"group_id": 1, "remark": ""} == sent["set_group_remark"]
    assert {"group_id": 1, "enable": False} == sent["set_group_whole_ban"]
    assert {"group_id": 1, "user_id": 2, "enable": False} == sent["set_group_admin"]
    assert {"group_id": 1, "user_id": 2, "special_title": "", "duration": -1} == sent["set_group_special_title"]
    assert {"group_id": 1, "user_id": 2, "card": ""} == sent["set_group_card"]
    assert {"group_id": 1, "notice_id": "x"} == sent["_delete_group_notice"]
    assert {"pinned": False, "confirm_required": False}.items() <= sent["_send_group_notice"].items()


def test_each_list_is_read_once_and_only_if_it_is_needed(server: Stub) -> None:
    server.answers |= {
        "get_group_list": ok([GROUP]),
        "get_group_member_list": ok([ME]),
        "_get_group_notice": ok([NOTICE]),
    }
    lists = frozenset({Collection.PROFILE, Collection.MEMBERS, Collection.NOTICES})
    requests = {
        "hub": Request(1, lists),
        "bare": Request(1, frozenset({Collection.PROFILE})),
        "gone": Request(2, lists),
    }
    found = using(server, lambda connection: read_groups(requests, connection.reader, SELF))

    assert ["get_group_list", "get_group_member_list", "_get_group_notice"] == sorted(
        server.asked()[2:], key=["get_group_list", "get_group_member_list", "_get_group_notice"].index
    )
    assert all(isinstance(r, Known) for r in (found["hub"].profile, found["hub"].members, found["hub"].notices))
    assert isinstance(found["bare"].notices, Unknown)
    assert (Absent(), Absent(), Absent()) == (found["gone"].profile, found["gone"].members, found["gone"].notices)


def test_groups_that_cannot_be_listed_are_unknown_and_not_absent(server: Stub) -> None:
    server.otherwise = failed("不行")
    found = using(server, lambda c: read_groups({"hub": Request(1, frozenset(Collection))}, c.reader, SELF))["hub"]

    assert all(isinstance(reading, Unknown) for reading in (found.profile, found.members, found.notices))
    assert 1 == len(server.asked()) - 2
