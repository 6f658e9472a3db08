"""Each implementation in its own words: fields, types and sentences as its source and its runs show them."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.plain_text import plain
from qqgroup_provision.simulator.dialects.base import Implementation, escaped
from qqgroup_provision.simulator.dialects.llbot import LLBot
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.seed import Seed, SeedMember, SeedNotice
from qqgroup_provision.simulator.world import World
from tests.planning.material import GROUP, SELF, seed

ALICE = SELF + 1
KINDS = {"napcat": NapCat, "llbot": LLBot}
ENVELOPE = {"status", "retcode", "data", "message", "wording"}


def implementation(kind: str, world: Seed) -> Implementation:
    return KINDS[kind](World(world), world.accounts["main"])


def of(kind: str, role: str = "owner", **more: Any) -> Iterator[Implementation]:
    opened = implementation(kind, seed(SeedMember(ALICE, "member", "Alice", "旧名片", "旧头衔"), role=role, **more))
    yield opened
    opened.world.close()


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Implementation]:
    yield from of(request.param)


@pytest.fixture
def napcat() -> Iterator[Implementation]:
    yield from of("napcat")


@pytest.fixture
def llbot() -> Iterator[Implementation]:
    yield from of("llbot")


@pytest.fixture(params=["admin", "member"])
def lesser(request: pytest.FixtureRequest) -> Iterator[dict[str, Implementation]]:
    """Both, with an account that is not the owner."""
    found = {kind: implementation(kind, seed(SeedMember(ALICE, "member", "A"), role=request.param)) for kind in KINDS}
    yield found
    for opened in found.values():
        opened.world.close()


def data(server: Implementation, action: str, **params: Any) -> Any:
    reply = server.call(action, params)
    assert (200, "ok", 0) == (reply.status, reply.body["status"], reply.body["retcode"]), reply.body
    return reply.body.get("data")


def failed(server: Implementation, action: str, **params: Any) -> tuple[int, str]:
    """retcode and words"""
    reply = server.call(action, params)
    assert (200, "failed", None) == (reply.status, reply.body["status"], reply.body["data"]), reply.body
    assert reply.body["message"] == reply.body["wording"]
    return reply.body["retcode"], reply.body["message"]


def snapshot(server: Implementation) -> dict[str, Any]:
    found: dict[str, Any] = server.world.snapshot()[str(GROUP)]
    return found


def types(item: dict[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in item.items()}


MEMBER_TYPES = {
    "group_id": int, "user_id": int, "nickname": str, "card": str, "sex": str, "age": int, "area": str, "level": str,
    "qq_level": int, "join_time": int, "last_sent_time": int, "title_expire_time": int, "unfriendly": bool,
    "card_changeable": bool, "is_robot": bool, "shut_up_timestamp": int, "role": str, "title": str,
}  # fmt: skip


def test_each_says_who_it_is(napcat: Implementation, llbot: Implementation) -> None:
    assert ["NapCat.Onebot", "LLOneBot"] == [data(s, "get_version_info")["app_name"] for s in (napcat, llbot)]
    assert {"v11"} == {data(s, "get_version_info")["protocol_version"] for s in (napcat, llbot)}
    for found in (napcat, llbot):
        assert {"user_id": SELF, "nickname": "小助手"} == data(found, "get_login_info")
        assert (True, True) == (data(found, "get_status")["online"], data(found, "get_status")["good"])


def test_envelopes_have_the_keys_each_sends(napcat: Implementation, llbot: Implementation) -> None:
    for action in ("get_login_info", "get_group_info"):
        assert ENVELOPE | {"echo", "stream"} == napcat.call(action, {}).body.keys()
        assert ENVELOPE == llbot.call(action, {}).body.keys()


def test_an_action_nobody_knows_is_refused_as_each_does(napcat: Implementation, llbot: Implementation) -> None:
    assert (200, "不支持的Api no_such") == failed(napcat, "no_such")
    reply = llbot.call("no_such", {})
    assert (404, 404, "no_such API 不存在") == (reply.status, reply.body["retcode"], reply.body["message"])
    assert not napcat.writes("no_such")


def test_a_group_is_listed_with_the_fields_of_each(napcat: Implementation, llbot: Implementation) -> None:
    assert {
        "group_all_shut": int, "group_remark": str, "group_id": int, "group_name": str,
        "member_count": int, "max_member_count": int,
    } == types(data(napcat, "get_group_list")[0])  # fmt: skip
    assert {
        "group_id": int, "group_name": str, "group_memo": str, "group_create_time": int, "member_count": int,
        "max_member_count": int, "remark_name": str, "avatar_url": str, "owner_id": int, "is_top": bool,
        "shut_up_all_timestamp": int, "shut_up_me_timestamp": int,
    } == types(data(llbot, "get_group_list")[0])  # fmt: skip
    assert 0 == data(llbot, "get_group_list")[0]["owner_id"]
    for found in (napcat, llbot):
        assert data(found, "get_group_list")[0] == data(found, "get_group_info", group_id=GROUP)
        assert (200, "群不存在") == failed(found, "get_group_info", group_id=1)


def test_a_mute_reads_as_each_writes_it(napcat: Implementation, llbot: Implementation) -> None:
    for muted, expected in ((True, (-1, True)), (False, (0, False))):
        for found in (napcat, llbot):
            data(found, "set_group_whole_ban", group_id=GROUP, enable=muted)
        assert expected == (
            data(napcat, "get_group_list")[0]["group_all_shut"],
            data(llbot, "get_group_list")[0]["shut_up_all_timestamp"] > 0,
        )


def test_a_member_has_the_fields_both_give(napcat: Implementation, llbot: Implementation) -> None:
    for found, more in ((napcat, {}), (llbot, {"card_or_nickname": str})):
        listed = data(found, "get_group_member_list", group_id=GROUP)
        assert [MEMBER_TYPES | more] * 2 == [types(item) for item in listed]
        assert listed[1] == data(found, "get_group_member_info", group_id=GROUP, user_id=ALICE)
        assert {"owner", "member"} == {item["role"] for item in listed}
    assert "旧名片" == data(llbot, "get_group_member_info", group_id=GROUP, user_id=ALICE)["card_or_nickname"]


def test_napcats_member_list_lags_one_call_behind(napcat: Implementation, llbot: Implementation) -> None:
    def card(found: Implementation) -> str:
        return str(data(found, "get_group_member_list", group_id=GROUP)[1]["card"])

    for found in (napcat, llbot):
        assert "旧名片" == card(found)
        found.world.patch(GROUP, {"members": {str(ALICE): {"card": "新"}}})
    assert ["旧名片", "新", "新"] == [card(napcat) for _ in range(3)]
    assert ["新", "新"] == [card(llbot) for _ in range(2)]


def test_napcat_denies_members_while_its_cache_is_cold(napcat: Implementation, llbot: Implementation) -> None:
    params = {"group_id": GROUP, "user_id": ALICE}
    assert (200, f"群({GROUP})成员{ALICE}不存在") == failed(napcat, "get_group_member_info", **params)
    data(napcat, "get_group_member_list", group_id=GROUP)
    for found in (napcat, llbot):
        assert ALICE == data(found, "get_group_member_info", **params)["user_id"]


def test_somebody_who_is_not_there_is_denied_in_each_ones_words(
    napcat: Implementation, llbot: Implementation
) -> None:
    data(napcat, "get_group_member_list", group_id=GROUP)
    assert (200, f"群({GROUP})成员1不存在") == failed(napcat, "get_group_member_info", group_id=GROUP, user_id=1)
    assert (200, "群成员未找到") == failed(llbot, "get_group_member_info", group_id=GROUP, user_id=1)
    for found in (napcat, llbot):
        assert 200 == failed(found, "get_group_member_list", group_id=1)[0]


def test_a_notice_has_the_fields_of_each_and_escaped_text(napcat: Implementation, llbot: Implementation) -> None:
    text = "一 <b> & \"x\" 'y'\n 二"
    for found in (napcat, llbot):
        picture = "base64://" + base64.b64encode(b"x").decode()
        data(found, "_send_group_notice", group_id=GROUP, content=text, image=picture)
    (nc,), (ll,) = (data(found, "_get_group_notice", group_id=GROUP) for found in (napcat, llbot))

    both = {"notice_id": str, "sender_id": int, "publish_time": int, "message": dict, "settings": dict}
    assert (both | {"read_num": int}, both) == (types(nc), types(ll))
    assert {"is_show_edit_card": int, "remind_ts": int, "tip_window_type": int, "confirm_required": int} == types(
        nc["settings"]
    )
    assert dict.fromkeys(
        ["is_show_edit_card", "tip_window", "confirm_required", "pinned", "send_new_member"], bool
    ) == types(ll["settings"])
    assert (["text", "image", "images"], ["text", "images"]) == (list(nc["message"]), list(ll["message"]))
    assert [{"id", "height", "width"}] == [image.keys() for image in nc["message"]["images"]]
    expected = "一&nbsp;&lt;b&gt;&nbsp;&amp;&nbsp;&quot;x&quot;&nbsp;&#39;y&#39;&#10;&nbsp;二"
    assert expected == nc["message"]["text"] == ll["message"]["text"]
    assert SELF == nc["sender_id"] == ll["sender_id"]


@given(st.text(st.characters(codec="utf-8")))
def test_escaping_loses_nothing(text: str) -> None:
    shown = escaped(plain(text))

    assert not set(shown) & set("<>\"'\n ")
    assert plain(text) == plain(html.unescape(shown))


def test_no_more_than_twenty_notices_are_listed_the_newest_first(server: Implementation) -> None:
    for number in range(25):
        data(server, "_send_group_notice", group_id=GROUP, content=str(number))
    listed = data(server, "_get_group_notice", group_id=GROUP)

    assert [str(number) for number in range(24, 4, -1)] == [item["message"]["text"] for item in listed]


def test_napcat_leaves_data_out_where_it_has_none(napcat: Implementation, llbot: Implementation) -> None:
    calls = {
        "set_group_special_title": {"group_id": GROUP, "user_id": ALICE, "special_title": "x"},
        "_send_group_notice": {"group_id": GROUP, "content": "x"},
    }
    for action, params in calls.items():
        assert "data" not in napcat.call(action, params).body
        assert None is llbot.call(action, params).body["data"]


def test_napcat_says_ok_to_what_qq_refused_and_llbot_passes_it_on(lesser: dict[str, Implementation]) -> None:
    silent = {
        "set_group_admin": {"user_id": ALICE, "enable": True},
        "set_group_special_title": {"user_id": ALICE, "special_title": "x"},
        "set_group_kick": {"user_id": SELF + 99},
    }
    for action, params in silent.items():
        for kind, found in lesser.items():
            before = snapshot(found)
            reply = found.call(action, {"group_id": GROUP, **params})
            assert (kind == "napcat") == (reply.body["status"] == "ok"), (kind, action)
            assert before == snapshot(found)


def test_both_report_what_qq_refused_of_the_rest(lesser: dict[str, Implementation]) -> None:
    calls = {
        "set_group_card": {"user_id": SELF + 99, "card": "x"},
        "set_group_ban": {"user_id": SELF + 99, "duration": 60},
        "_send_group_notice": {"content": "x" * 601},
        "set_group_name": {"group_name": "x" * 91},
    }
    for action, params in calls.items():
        for found in lesser.values():
            before = snapshot(found)
            assert 200 == failed(found, action, group_id=GROUP, **params)[0]
            assert before == snapshot(found)


def test_refusals_are_said_in_the_words_of_each(napcat: Implementation, llbot: Implementation) -> None:
    def said(action: str, **params: Any) -> list[str]:
        return [failed(found, action, group_id=GROUP, **params)[1] for found in (napcat, llbot)]

    assert "设置群名称失败 ErrCode: 1010 ErrMsg: " == said("set_group_name", group_name="x" * 91)[0]
    assert ["设置群名片未生效", "card too long"] == said("set_group_card", user_id=ALICE, card="x" * 61)
    assert ["设置群公告失败,错误信息:content length", "设置群公告失败, 错误信息: content length"] == said(
        "_send_group_notice", content=" "
    )
    for image in ("file:///x", "base64://!", "base64://中", 7):
        assert "群公告设置失败,图片上传失败" == said("_send_group_notice", content="x", image=image)[0]
    title = {"group_id": GROUP, "user_id": ALICE, "special_title": "x" * 19}
    assert (200, "title too long") == failed(llbot, "set_group_special_title", **title)


def test_a_notice_is_taken_down_by_the_action_of_each(napcat: Implementation, llbot: Implementation) -> None:
    for found, own, other in (
        (napcat, "_del_group_notice", "_delete_group_notice"),
        (llbot, "_delete_group_notice", "_del_group_notice"),
    ):
        data(found, "_send_group_notice", group_id=GROUP, content="x")
        (listed,) = data(found, "_get_group_notice", group_id=GROUP)
        params = {"group_id": GROUP, "notice_id": listed["notice_id"]}
        assert "failed" == found.call(other, params).body["status"]
        data(found, own, **params)
        assert [] == data(found, "_get_group_notice", group_id=GROUP)
    gone = {"group_id": GROUP, "notice_id": "gone"}
    assert {"ec": 0, "em": ""} == data(napcat, "_del_group_notice", **gone)
    assert 200 == failed(llbot, "_delete_group_notice", **gone)[0]


def test_a_missing_enable_demotes_on_napcat_and_promotes_on_llbot(
    napcat: Implementation, llbot: Implementation
) -> None:
    for found in (napcat, llbot):
        found.world.patch(GROUP, {"members": {str(ALICE): {"role": "admin"}}})
        data(found, "set_group_admin", group_id=GROUP, user_id=ALICE)

    assert ["member", "admin"] == [snapshot(s)["members"][str(ALICE)]["role"] for s in (napcat, llbot)]


@pytest.mark.parametrize(
    ("enable", "napcat_muted", "llbot_muted"),
    [
        (True, True, True), ("true", True, True), (False, False, False), ("false", False, False),
        (0, False, None), ("yes", True, None), (1, True, None), (None, None, None), (..., True, True),
    ],
)  # fmt: skip
def test_what_each_takes_for_true(
    napcat: Implementation, llbot: Implementation, enable: Any, napcat_muted: bool | None, llbot_muted: bool | None
) -> None:
    for found, expected in ((napcat, napcat_muted), (llbot, llbot_muted)):
        found.world.patch(GROUP, {"mute_all": expected is False})
        params = {"group_id": GROUP} if enable is ... else {"group_id": GROUP, "enable": enable}
        if expected is None:
            assert 400 == failed(found, "set_group_whole_ban", **params)[0]
        else:
            data(found, "set_group_whole_ban", **params)
            assert expected == snapshot(found)["mute_all"]


def test_a_ban_without_a_duration_lifts_on_napcat_and_is_half_an_hour_on_llbot(
    napcat: Implementation, llbot: Implementation
) -> None:
    now = int(time.time())
    ends = []
    for found in (napcat, llbot):
        data(found, "set_group_ban", group_id=GROUP, user_id=ALICE)
        ends.append(found.world.members(GROUP)[1]["muted_until"])

    assert (0, True) == (ends[0], ends[1] >= now + 1800)


def test_a_kick_takes_a_member_out(server: Implementation) -> None:
    data(server, "set_group_kick", group_id=GROUP, user_id=ALICE)

    assert [str(SELF)] == list(snapshot(server)["members"])


def test_messages_are_sent_and_listed(server: Implementation) -> None:
    parts = [
        {"type": "text", "data": {"text": "你"}},
        {"type": "face", "data": {"id": "1"}},
        {"type": "text", "data": {"text": "好"}},
    ]
    first = data(server, "send_group_msg", group_id=GROUP, message=parts)["message_id"]
    data(server, "send_group_msg", group_id=str(GROUP), message="再见")
    found = data(server, "get_group_msg_history", group_id=GROUP)["messages"]

    assert ["你[CQ:face,id=1]好", "再见"] == [message["raw_message"] for message in found]
    assert parts == found[0]["message"]
    assert (first, "group", SELF) == (found[0]["message_id"], found[0]["message_type"], found[0]["user_id"])
    assert ["再见"] == [
        m["raw_message"] for m in data(server, "get_group_msg_history", group_id=GROUP, count=1)["messages"]
    ]


@pytest.mark.parametrize("message", [None, "", [], 7, [{"type": "face"}], ["x"], [{"type": "text", "data": None}]])
def test_a_message_with_nothing_in_it_cannot_be_sent(server: Implementation, message: Any) -> None:
    words = "消息体无法解析, 请检查是否发送了不支持的消息类型"

    assert (200, words) == failed(server, "send_group_msg", group_id=GROUP, message=message)


@pytest.mark.parametrize("action", ["set_group_name", "set_group_remark", "set_group_card", "_send_group_notice"])
@pytest.mark.parametrize("group", [None, "x", True, 1.5, [], "1" * 5000, 1 << 70, "--1"])
def test_a_parameter_of_the_wrong_type_is_told_by_its_name(server: Implementation, action: str, group: Any) -> None:
    params = {"group_id": group, "user_id": ALICE, "group_name": "x", "remark": "x", "card": "x", "content": "x"}

    assert (400, "Key: group_id, Message: must be string") == failed(server, action, **params)


def test_a_missing_parameter_is_told_by_its_name(server: Implementation) -> None:
    assert (400, "Key: group_name, Message: must be string") == failed(server, "set_group_name", group_id=GROUP)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=6)
    | st.sampled_from([GROUP, str(GROUP), ALICE, "base64://x", "base64://中", "\ud83d", "text"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["type", "data", "text"]) | st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
PARAMS = ["group_id", "user_id", "enable", "card", "group_name", "remark", "special_title", "content", "image",
          "pinned", "confirm_required", "notice_id", "message", "messages", "duration", "count", "flag", "approve",
          "message_id", "emoji_id", "message_seq", "auto_escape", "id", "set", "target_id"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_any_call_with_any_parameters_is_answered_in_an_envelope(kind: str) -> None:
    opened = implementation(kind, seed(SeedMember(ALICE, "member", "A"), notices=[SeedNotice("x", SELF)]))
    usual = {"group_id": GROUP, "user_id": ALICE}

    @settings(max_examples=250, deadline=None)
    @given(
        st.sampled_from([*opened.actions, "no_such"]),
        st.dictionaries(st.sampled_from(PARAMS), json_values, max_size=4),
    )
    def answered(action: str, params: dict[str, Any]) -> None:
        reply = opened.call(action, {**usual, **params})
        assert reply.status in (200, 404)
        assert (reply.body["status"] == "ok") == (reply.body["retcode"] == 0)
        json.dumps(reply.body, ensure_ascii=False).encode()

    answered()
    opened.world.close()
