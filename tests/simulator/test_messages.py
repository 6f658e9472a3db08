"""What bots send, find and recall, over OneBot 11 and over Milky, as each implementation has it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.simulator.content import EVERYBODY, At, Face, Image, Reply, Text, shown
from qqgroup_provision.simulator.dialects.base import Failed
from qqgroup_provision.simulator.dialects.segments import Writer, cq_string, parse
from tests.simulator.people import ADMIN, ALICE, BOB, GROUP, KINDS, MILKY, NOW, ONEBOT, SELF, STRANGER, scene


def same(name: Any) -> Any:
    return name


# Segments and CQ strings

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
awkward = st.sampled_from(["[CQ:at,qq=1]", "&amp;", "&#91;", "a,b=c", "]", "[", "&", ","])
segments = st.lists(
    st.builds(lambda text: {"type": "text", "data": {"text": text}}, texts | awkward)
    | st.builds(lambda qq: {"type": "at", "data": {"qq": str(qq)}}, st.integers(1, 1 << 40) | st.just("all"))
    | st.builds(lambda face: {"type": "face", "data": {"id": face}}, texts | awkward)
    | st.builds(lambda name: {"type": "reply", "data": {"id": str(name)}}, st.integers(-(1 << 31), 1 << 31))
    | st.builds(lambda data: {"type": "json", "data": {"data": data}}, texts | awkward),
    min_size=1,
    max_size=5,
)


@given(segments)
def test_a_message_is_the_same_as_segments_and_as_a_string(written: list[dict[str, Any]]) -> None:
    merged = shown(parse(written, same))
    assert merged == shown(parse(cq_string(written), same))
    assert parse(cq_string(Writer(same, str).segments(parse(written, same), 1)), same) == parse(
        cq_string(written), same
    )


@given(st.text(min_size=1))
def test_any_text_is_taken_as_it_is_where_it_is_to_be_escaped(text: str) -> None:
    kept = text.encode(errors="replace").decode()
    assert text != kept or (Text(text),) == parse(text, same, plain=True)


def test_what_is_not_understood_is_left_out_and_nothing_at_all_is_refused() -> None:
    odd = [
        {"type": "dice", "data": {}},
        5,
        {"type": "at", "data": {"qq": "x"}},
        {"type": "text", "data": {"text": "a"}},
    ]
    assert (Text("a"),) == parse(odd, same) == parse({"type": "text", "data": {"text": "a"}}, same)
    for nothing in (odd[:3], [], "", None, 7, "[CQ:dice]"):
        with pytest.raises(Failed, match="消息体无法解析"):
            parse(nothing, same)


def test_a_picture_is_named_by_what_is_in_it() -> None:
    sent = base64.b64encode(b"picture").decode()
    first, second = parse(
        [{"type": "image", "data": {"file": f"base64://{sent}"}}, {"type": "image", "data": {"file": "http://x/y"}}],
        same,
    )
    assert isinstance(first, Image)
    assert isinstance(second, Image)
    assert ("3B61A5D0F2B4A3B9", 7) != (first.name, first.size)
    assert (7, 36, "http://x/y", 0) == (first.size, len(first.name), second.url, second.size)
    with pytest.raises(Failed):
        parse([{"type": "image", "data": {"file": "base64://?"}}], same)


# OneBot 11


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_sent_message_is_found_by_the_name_it_was_given(kind: str) -> None:
    with scene(kind) as found:
        said = found.world.chat.say(ALICE, GROUP, "问")
        quoted = found.told()[0]["message_id"]
        text = f"[CQ:reply,id={quoted}][CQ:at,qq={ALICE}][CQ:at,qq=all]答&amp;[CQ:face,id=1]"
        sent = found.call("send_group_msg", group_id=GROUP, message=text)["message_id"]
        (_, row) = found.world.chat.messages(GROUP, 9)
        assert (Reply(said), At(ALICE), At(EVERYBODY), Text("答&"), Face("1")) == row["content"]
        got = found.call("get_msg", message_id=sent)
        message = got["message"] if isinstance(got["message"], str) else cq_string(got["message"])
        assert (sent, SELF, text) == (got["message_id"], got["sender"]["user_id"], message)
        history = found.call("get_group_msg_history", group_id=GROUP)["messages"]
        assert [quoted, sent] == [each["message_id"] for each in history]


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_string_that_is_to_be_escaped_is_not_looked_into(kind: str) -> None:
    with scene(kind) as found:
        found.call("send_group_msg", group_id=GROUP, message="[CQ:at,qq=all]&amp;", auto_escape=True)
        assert (Text("[CQ:at,qq=all]&amp;"),) == found.world.chat.messages(GROUP, 1)[0]["content"]


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_bot_recalls_what_a_member_said(kind: str) -> None:
    with scene(kind) as found:
        found.world.chat.say(ALICE, GROUP, "广告")
        found.call("delete_msg", message_id=found.told()[0]["message_id"])
        assert [] == found.world.chat.messages(GROUP, 9)


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_recall_that_qq_refuses_is_an_ok_on_napcat_alone(kind: str) -> None:
    group = {"owner": ADMIN, "admins": [], "members": [SELF, ALICE]}
    with scene(kind, group=group) as found:
        found.world.chat.say(ALICE, GROUP, "你好")
        name = found.told()[0]["message_id"]
        if kind == "napcat":
            found.call("delete_msg", message_id=name)
        else:
            found.refused("delete_msg", message_id=name)
        assert 1 == len(found.world.chat.messages(GROUP, 9))


@pytest.mark.parametrize(
    ("kind", "get", "delete"),
    [
        ("napcat", "消息不存在", "Recall failed"),
        ("llbot", "消息不存在", "消息不存在"),
        ("gocq", "消息不存在", "消息不存在"),
    ],
)
def test_a_message_nobody_knows_is_told_in_the_words_of_each(kind: str, get: str, delete: str) -> None:
    with scene(kind) as found:
        assert get == found.refused("get_msg", message_id=5)["message"]
        assert delete == found.refused("delete_msg", message_id=5)["message"]


def test_napcat_recalls_only_what_it_has_seen_since_it_was_started() -> None:
    with scene("napcat") as found:
        sequence = found.world.chat.say(ALICE, GROUP, "旧")
        name = found.told()[0]["message_id"]
        again = type(found.service)(found.world, found.service.account)
        assert "Recall failed" == again.call("delete_msg", {"message_id": name}).body["message"]
        again.call("get_group_msg_history", {"group_id": GROUP})
        assert "ok" == again.call("delete_msg", {"message_id": name}).body["status"]
        assert SELF == found.world.chat.everything(GROUP)[sequence - 1]["recalled_by"]


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_muted_bot_cannot_speak(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [SELF]}) as found:
        found.world.mute(ADMIN, GROUP, SELF, 60)
        found.refused("send_group_msg", group_id=GROUP, message="你好")
        found.world.clock.advance(60)
        found.call("send_msg", group_id=GROUP, message="你好")
        assert 1 == len(found.world.chat.messages(GROUP, 9))


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_conversation_is_forwarded_and_read_again(kind: str) -> None:
    nodes = [
        {"type": "node", "data": {"user_id": str(qq), "nickname": name, "content": text}}
        for qq, name, text in ((ALICE, "Alice", "一"), (BOB, "Bob", "[CQ:face,id=1]"))
    ]
    with scene(kind, message_format="array", report_self=True) as found:
        found.call("send_group_forward_msg", group_id=GROUP, messages=nodes)
        name = found.told()[-1]["message"][0]["data"]["id"]
        read = found.call("get_forward_msg", id=name)["messages"]
        assert [("Alice", "一"), ("Bob", "[CQ:face,id=1]")] == [
            (each["sender"]["nickname"], each["raw_message"]) for each in read
        ]
        mixed = [*nodes, {"type": "text", "data": {"text": "x"}}]
        found.refused("send_group_msg", group_id=GROUP, message=mixed)
        for wrong in ("", "x", "f" * 16, "0" * 15 + "7"):
            found.refused("get_forward_msg", id=wrong)


@pytest.mark.parametrize("kind", ONEBOT)
def test_a_friend_may_be_written_to_and_a_stranger_not(kind: str) -> None:
    with scene(kind, friends=[STRANGER]) as found:
        sent = found.call("send_private_msg", user_id=STRANGER, message="你好")["message_id"]
        assert "private" == found.call("get_msg", message_id=sent)["message_type"]
        found.call("send_msg", user_id=ALICE, group_id=GROUP, message_type="private", message="你好")
        found.refused("send_private_msg", user_id=ALICE, message="你好")
        assert [STRANGER] == [each["user_id"] for each in found.call("get_friend_list")]
        assert [] == found.world.chat.messages(GROUP, 9)


@pytest.mark.parametrize("kind", ONEBOT)
def test_small_questions_are_answered(kind: str) -> None:
    with scene(kind) as found:
        assert "陌生人" == found.call("get_stranger_info", user_id=STRANGER)["nickname"]
        assert {"yes": True} == found.call("can_send_image") == found.call("can_send_record")
        assert (True, True) == tuple(found.call("get_status")[key] for key in ("online", "good"))


@pytest.mark.parametrize(
    ("kind", "action", "params"),
    [
        ("napcat", "set_msg_emoji_like", {"emoji_id": 76}),
        ("llbot", "set_msg_emoji_like", {"emoji_id": "76"}),
        ("lagrange", "set_group_reaction", {"code": "76", "group_id": GROUP, "is_add": True}),
    ],
)
def test_a_face_is_put_under_a_message_and_taken_away(kind: str, action: str, params: dict[str, Any]) -> None:
    with scene(kind) as found:
        found.world.chat.say(ALICE, GROUP, "你好")
        params = {**params, "message_id": found.told()[0]["message_id"]}
        found.call(action, **params)
        assert "76" in str(found.told()[0])
        away = {"napcat": {"set": False}, "lagrange": {"is_add": False}}.get(kind, {})
        found.call("unset_msg_emoji_like" if kind == "llbot" else action, **{**params, **away})
        assert 1 == len(found.told())


@pytest.mark.parametrize("kind", ["napcat", "llbot", "lagrange"])
def test_a_bot_pokes_and_leaves(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [SELF, ALICE]}) as found:
        found.call("group_poke", group_id=GROUP, user_id=ALICE)
        found.call("set_group_leave", group_id=GROUP)
        assert ["poke", "leave"] == [event["sub_type"] for event in found.told()]
        assert found.world.member(GROUP, SELF) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_kick_for_good_keeps_somebody_out(kind: str) -> None:
    action = "kick_group_member" if kind in MILKY else "set_group_kick"
    with scene(kind) as found:
        found.service.call(action, {"group_id": GROUP, "user_id": BOB, "reject_add_request": True})
        assert found.world.member(GROUP, BOB) is None
        assert found.world.roll.is_banned(GROUP, BOB)


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"reply": "[CQ:face,id=1]好"}, "[表情]好"),
        ({"reply": "[CQ:face,id=1]", "auto_escape": True}, "[CQ:face,id=1]"),
        ({"reply": "好", "at_sender": True}, f"@{ALICE} 好"),
        ({"reply": "[CQ:face,id=1]", "at_sender": True, "auto_escape": True}, f"@{ALICE} [CQ:face,id=1]"),
        ({"reply": [{"type": "text", "data": {"text": "好"}}], "at_sender": True}, f"@{ALICE}好"),
        ({"reply": ""}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("kind", ["napcat", "llbot", "gocq"])
def test_a_bot_answers_an_event_itself(kind: str, operation: dict[str, Any], said: str | None) -> None:
    with scene(kind) as found:
        found.world.chat.say(ALICE, GROUP, "在吗")
        found.call(".handle_quick_operation", context=found.told()[0], operation=operation)
        answers = [row["text"] for row in found.world.chat.messages(GROUP, 9)[1:]]
    assert ([said] if said is not None else []) == answers


def test_only_go_cqhttp_punishes_by_an_answer() -> None:
    for kind in ("napcat", "llbot", "gocq"):
        with scene(kind) as found:
            for who, operation in ((ALICE, {"delete": True, "ban": True}), (BOB, {"kick": True})):
                found.world.chat.say(who, GROUP, "广告")
                found.call(".handle_quick_operation", context=found.told()[-1], operation=operation)
            alice = found.world.member(GROUP, ALICE)
            assert alice is not None
            deeds = alice["muted_until"], found.world.member(GROUP, BOB), len(found.world.chat.messages(GROUP, 9))
            assert (kind == "gocq") == (deeds == (NOW + 1800, None, 1)), (kind, deeds)


@pytest.mark.parametrize("context", [None, {}, {"post_type": "message"}, {"post_type": "request"}, []])
def test_an_answer_to_no_event_does_nothing(context: Any) -> None:
    with scene("gocq") as found:
        operation = {"reply": "x", "delete": True, "kick": True, "ban": True, "approve": True}
        found.call(".handle_quick_operation", context=context, operation=operation)
        assert [] == found.world.timeline()


# Milky


@pytest.mark.parametrize("kind", MILKY)
def test_a_milky_message_is_sent_found_and_recalled(kind: str) -> None:
    message = [
        {"type": "reply", "data": {"message_seq": 1}},
        {"type": "mention", "data": {"user_id": ALICE}},
        {"type": "mention_all", "data": {}},
        {"type": "text", "data": {"text": "答"}},
        {"type": "face", "data": {"face_id": "1"}},
        {"type": "image", "data": {"uri": "http://x/y"}},
        {"type": "forward", "data": {"messages": [
            {"user_id": BOB, "sender_name": "Bob", "segments": [{"type": "text", "data": {"text": "一"}}]}]}},
    ]  # fmt: skip
    with scene(kind) as found:
        found.world.chat.say(ALICE, GROUP, "问")
        sent = found.call("send_group_message", group_id=GROUP, message=message)
        where = {"message_scene": "group", "peer_id": GROUP}
        read = found.call("get_message", **where, message_seq=sent["message_seq"])["message"]
        assert [part["type"] for part in message] == [part["type"] for part in read["segments"]]
        forward = read["segments"][-1]["data"]["forward_id"]
        (inner,) = found.call("get_forwarded_messages", forward_id=forward)["messages"]
        assert ("Bob", [{"type": "text", "data": {"text": "一"}}]) == (inner["sender_name"], inner["segments"])
        history = found.call("get_history_messages", **where, limit=1)
        assert ([2], 1) == ([each["message_seq"] for each in history["messages"]], history["next_message_seq"])
        found.call("recall_group_message", group_id=GROUP, message_seq=1)
        assert [2] == [row["seq"] for row in found.world.chat.messages(GROUP, 9)]
        assert "message_recall" == found.told()[-1]["event_type"]


@pytest.mark.parametrize("kind", MILKY)
@pytest.mark.parametrize(
    "message",
    [None, [], "text", [7], [{"type": "text"}], [{"type": "text", "data": {"text": 1}}], [{"type": "no", "data": {}}],
     [{"type": "mention", "data": {"user_id": "1"}}], [{"type": "forward", "data": {"messages": [{}]}}]],
)  # fmt: skip
def test_what_the_schema_of_milky_does_not_take_is_refused(kind: str, message: Any) -> None:
    with scene(kind) as found:
        body = found.refused("send_group_message", group_id=GROUP, message=message)
        assert kind == "lagrange-milky" or -400 == body["retcode"]
        assert [] == found.told()


@pytest.mark.parametrize("kind", MILKY)
def test_milky_reacts_nudges_and_leaves(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [SELF, ALICE]}) as found:
        found.world.chat.say(ALICE, GROUP, "你好")
        found.call("send_group_message_reaction", group_id=GROUP, message_seq=1, reaction="76")
        found.call("send_group_nudge", group_id=GROUP, user_id=ALICE)
        found.call("quit_group", group_id=GROUP)
        assert ["group_message_reaction", "group_nudge", "group_member_decrease"] == [
            event["event_type"] for event in found.told()[1:]
        ]
        assert "陌生人" == found.call("get_user_profile", user_id=STRANGER)["nickname"]


def test_lagrange_milky_only_ever_makes_essence() -> None:
    for kind, essence in (("llbot-milky", 0), ("lagrange-milky", 1)):
        with scene(kind) as found:
            found.world.chat.say(ALICE, GROUP, "精华")
            for is_set in (True, False):
                found.call("set_group_essence_message", group_id=GROUP, message_seq=1, is_set=is_set)
            assert essence == len(found.world.chat.essence(GROUP))
