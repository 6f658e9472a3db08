"""Lagrange.OneBot and go-cqhttp in their own words: what they leave out, and what they say ok to."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.plain_text import plain
from qqgroup_provision.simulator.dialects.base import Implementation, Reply
from qqgroup_provision.simulator.dialects.gocq import GoCQHTTP
from qqgroup_provision.simulator.dialects.lagrange import Lagrange
from qqgroup_provision.simulator.seed import SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World
from tests.planning.material import GROUP, SELF, seed

ALICE = SELF + 1
KINDS: dict[str, type[Implementation]] = {"lagrange": Lagrange, "gocq": GoCQHTTP}
WRITES: dict[str, dict[str, Any]] = {
    "set_group_name": {"group_name": "新"},
    "set_group_card": {"user_id": ALICE, "card": "新"},
    "set_group_admin": {"user_id": ALICE, "enable": True},
    "set_group_special_title": {"user_id": ALICE, "special_title": "新"},
    "set_group_whole_ban": {"enable": True},
    "_send_group_notice": {"content": "新"},
    "_del_group_notice": {"notice_id": f"{GROUP:08x}ffff{0:012x}"},
}


def opened(kind: str, role: str = "owner") -> Implementation:
    world = seed(
        SeedMember(ALICE, "member", "Alice", "旧名片", "旧头衔"), notices=[SeedNotice("a\n b", SELF)], role=role
    )
    return KINDS[kind](World(world), world.accounts["main"])


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Implementation]:
    found = opened(request.param)
    yield found
    found.world.close()


@pytest.fixture
def lagrange() -> Iterator[Implementation]:
    found = opened("lagrange")
    yield found
    found.world.close()


@pytest.fixture
def gocq() -> Iterator[Implementation]:
    found = opened("gocq")
    yield found
    found.world.close()


def call(server: Implementation, action: str, **params: Any) -> Reply:
    return server.call(action, {"group_id": GROUP, **params})


def data(server: Implementation, action: str, **params: Any) -> Any:
    reply = call(server, action, **params)
    assert (200, "ok", 0) == (reply.status, reply.body["status"], reply.body["retcode"]), reply.body
    return reply.body["data"]


def test_a_listing_has_the_standard_fields_and_no_word_of_mutes_or_remarks(server: Implementation) -> None:
    (item,) = data(server, "get_group_list")
    standard = {"group_id": GROUP, "group_name": "旧群名", "member_count": 2, "max_member_count": 500}

    assert standard == {key: item[key] for key in standard}
    assert not item.keys() & {"group_all_shut", "shut_up_all_timestamp", "group_remark", "remark_name"}


def test_there_is_no_remark_to_set(server: Implementation) -> None:
    reply = call(server, "set_group_remark", remark="x")
    over = server.frame(reply)

    assert ("failed", 404) == (reply.body["status"], reply.body["retcode"])
    assert over["retcode"] in (404, 1404)


def test_announcements_come_escaped_and_without_flags(server: Implementation) -> None:
    (item,) = data(server, "_get_group_notice")

    assert {"notice_id", "sender_id", "publish_time", "message"} == item.keys()
    assert "a&#10;&nbsp;b" == item["message"]["text"]
    assert "a\n b" == plain(html.unescape(item["message"]["text"]))


def test_an_announcement_goes_up_unpinned_and_to_be_confirmed_whatever_is_asked(server: Implementation) -> None:
    data(server, "_send_group_notice", content="新", pinned=1, confirm_required=0)
    (made,) = [notice for notice in server.world.notices(GROUP) if notice["text"] == "新"]

    assert (0, 1) == (made["pinned"], made["confirm"])


@pytest.mark.parametrize("action", WRITES)
def test_what_the_owner_may_do_is_done(server: Implementation, action: str) -> None:
    before = server.world.snapshot()
    data(server, action, **WRITES[action])

    assert before != server.world.snapshot()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", WRITES)
def test_what_qq_refuses_is_not_done_and_mostly_answered_ok(kind: str, action: str) -> None:
    server = opened(kind, "member")
    before = server.world.snapshot()
    reply = call(server, action, **WRITES[action])
    told = {
        "lagrange": {"set_group_special_title"},
        "gocq": {"set_group_admin", "_send_group_notice", "_del_group_notice"},
    }
    assert (action in told[kind]) == (reply.body["status"] == "failed")
    assert before == server.world.snapshot()
    server.world.close()


def test_lagrange_never_gives_a_reason(lagrange: Implementation) -> None:
    replies = [
        call(lagrange, "no_such"),
        call(lagrange, "get_group_member_info", user_id=7),
        call(lagrange, "set_group_card"),
        call(lagrange, "_send_group_notice", content="x", image="base64://eA=="),
    ]

    assert [404, -1, 200, 200] == [reply.body["retcode"] for reply in replies]
    assert [{"status", "retcode", "data", "echo"}] * 4 == [reply.body.keys() for reply in replies]


def test_lagrange_gives_the_bare_id_of_an_announcement(lagrange: Implementation) -> None:
    made = data(lagrange, "_send_group_notice", content="新")

    assert made in {notice["notice_id"] for notice in data(lagrange, "_get_group_notice")}


def test_lagrange_says_less_of_members(lagrange: Implementation) -> None:
    (item,) = [item for item in data(lagrange, "get_group_member_list") if item["user_id"] == ALICE]

    assert ("旧名片", "", "member") == (item["card"], item["title"], item["role"])
    assert not item.keys() & {"is_robot", "qq_level", "shut_up_timestamp"}


def test_gocq_says_a_code_and_its_wording(gocq: Implementation) -> None:
    reply = call(gocq, "set_group_card", user_id=7, card="x")

    assert {
        "data": None, "message": "群聊不存在", "msg": "GROUP_NOT_FOUND", "retcode": 100, "status": "failed",
        "wording": "群聊不存在",
    } == reply.body  # fmt: skip
    assert 404 == call(gocq, "no_such").status
    assert "DURATION_IS_NOT_IN_RANGE" == call(gocq, "set_group_ban", user_id=ALICE, duration=2_592_000).body["msg"]
    assert "IMAGE_NOT_FOUND" == call(gocq, "_send_group_notice", content="x", image="nowhere").body["msg"]
    assert {"notice_id"} == data(gocq, "_send_group_notice", content="x", image="base64://eA==").keys()


def test_tokens_and_bodies_are_refused_as_the_specification_has_it(server: Implementation) -> None:
    assert (401, 403) == (server.denied("").status, server.denied("wrong").status)
    refused = server.params("text/plain", b"{}", {})
    assert isinstance(refused, Reply)
    assert 406 == refused.status
    assert {"a": 1} == server.params("application/json", b'{"a": 1}', {})
    assert isinstance(server.params("application/json", b"{", {}), Reply)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=6) | st.sampled_from([GROUP, str(GROUP), ALICE, "base64://x", "\ud83d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
PARAMS = ["group_id", "user_id", "enable", "card", "group_name", "special_title", "content", "image", "notice_id",
          "message", "duration", "count"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_any_call_with_any_parameters_is_answered_in_an_envelope(kind: str) -> None:
    server = opened(kind)

    @settings(max_examples=150, deadline=None)
    @given(
        st.sampled_from([*server.actions, "no_such"]),
        st.dictionaries(st.sampled_from(PARAMS), json_values, max_size=4),
    )
    def answered(action: str, params: dict[str, Any]) -> None:
        reply = server.call(action, {"group_id": GROUP, "user_id": ALICE, **params})
        assert reply.status in (200, 404)
        assert (reply.body["status"] == "ok") == (reply.body["retcode"] == 0)
        json.dumps(server.frame(reply), ensure_ascii=False).encode()

    answered()
    server.world.close()
