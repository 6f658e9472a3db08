"""What servers tell of a group, as events of the engine; whatever they make up harms nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nonebot.adapters.milky import Adapter as Milky
from nonebot.adapters.onebot.v11 import Adapter as OneBot

from qqgroup_provision.behavior.event import (
    At,
    Card,
    File,
    Forwarded,
    Image,
    Joined,
    Left,
    Message,
    Other,
    Person,
    Quote,
    Requested,
    Segment,
    Text,
)
from qqgroup_provision.bot import hearing, milky
from qqgroup_provision.bot.adapters import OneBotAdapter
from qqgroup_provision.bot.heard import Heard
from qqgroup_provision.ports import Rank

ME, GROUP, ALICE, AT = 10001, 30003, 20002, 1700000000
WHEN = datetime.fromtimestamp(AT, UTC)

# As NapCat tells them (qq_protocol §12).
MESSAGE: dict[str, Any] = {
    "self_id": ME, "user_id": ALICE, "time": AT, "message_id": 434283783, "message_seq": 434283783,
    "real_id": 434283783, "real_seq": "8967", "message_type": "group",
    "sender": {"user_id": ALICE, "nickname": "n", "card": "c", "role": "admin", "level": "12"}, "raw_message": "hi",
    "font": 14, "sub_type": "normal", "message": [{"type": "text", "data": {"text": "hi"}}],
    "message_format": "array", "post_type": "message", "group_id": GROUP, "group_name": "g",
}  # fmt: skip
CAME = {"time": AT, "self_id": ME, "post_type": "notice", "group_id": GROUP, "user_id": ALICE, "operator_id": 40004}


def onebot(told: Any) -> Heard | None:
    event = OneBot.json_to_event(told)
    return hearing.heard(event) if event is not None else None


def segments(*parts: dict[str, Any]) -> tuple[Segment, ...]:
    heard = onebot({**MESSAGE, "message": list(parts)})
    assert heard is not None
    assert isinstance(heard.event, Message)
    return heard.event.segments


def test_a_message_has_its_sender_its_number_and_its_time() -> None:
    heard = onebot(MESSAGE)
    assert heard is not None
    person = Person(ALICE, "c", Rank.ADMIN, 12)
    assert heard.event == Message(GROUP, "434283783", person, (Text("hi"),), WHEN, ME)
    assert heard.sequence == "8967"


@pytest.mark.parametrize(
    ("changes", "sequence"),
    [
        ({"real_seq": None}, ""),  # NapCat's message_seq is the id again
        ({"real_seq": None, "message_seq": 77}, "77"),
        ({"real_seq": "-1", "message_seq": "none"}, ""),
    ],
)
def test_a_number_is_only_believed_where_it_is_one(changes: dict[str, Any], sequence: str) -> None:
    heard = onebot({**MESSAGE, **changes})
    assert heard is not None
    assert heard.sequence == sequence


def test_every_kind_of_segment_is_understood_and_mentions_of_the_bot_stay() -> None:
    app = json.dumps({"meta": {"detail_1": {"title": "小程序", "qqdocurl": "https://a.example/x"}}})
    node = {"message": [{"type": "text", "data": {"text": "inside"}}, {"type": "forward", "data": {}}]}
    assert segments(
        {"type": "at", "data": {"qq": str(ME)}},
        {"type": "at", "data": {"qq": "all"}},
        {"type": "at", "data": {"qq": "somebody"}},
        {"type": "text", "data": {"text": " hi"}},
        {"type": "image", "data": {"file": "a.png"}},
        {"type": "file", "data": {"file": "b.zip"}},
        {"type": "json", "data": {"data": app}},
        {"type": "json", "data": {"data": "{"}},
        {"type": "share", "data": {"url": "https://b.example", "title": "t"}},
        {"type": "forward", "data": {"id": "1", "content": [node, "junk", {"message": 5}]}},
        {"type": "face", "data": {"id": "1"}},
        {"type": "reply", "data": {"id": "5"}},
    ) == (
        At(ME), At(None), Other("at"), Text(" hi"), Image(), File("b.zip"), Card("小程序", "https://a.example/x"),
        Card(), Card("t", "https://b.example"), Forwarded(((Text("inside"), Forwarded()),)), Other("face"),
        Quote("5"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"notice_type": "group_increase", "sub_type": "approve"}, Joined(GROUP, Person(ALICE), WHEN, ME)),
        ({"notice_type": "group_decrease", "sub_type": "kick"}, Left(GROUP, Person(ALICE), WHEN, 40004, ME)),
        ({"notice_type": "group_decrease", "sub_type": "leave"}, Left(GROUP, Person(ALICE), WHEN, None, ME)),
        (
            {"post_type": "request", "request_type": "group", "sub_type": "add", "comment": "我", "flag": "17"},
            Requested(GROUP, "17", Person(ALICE), "我", WHEN, ME, "17", invited=False),
        ),
        ({"post_type": "request", "request_type": "group", "sub_type": "invite", "flag": "17"}, None),
        ({"notice_type": "group_increase", "sub_type": "approve", "user_id": 0}, None),
        ({"notice_type": "group_increase", "sub_type": "approve", "time": 10**30}, None),
        ({"notice_type": "group_admin", "sub_type": "set"}, None),
        ({"notice_type": "group_dismiss"}, None),
    ],
)
def test_who_comes_goes_or_asks(told: dict[str, Any], event: object) -> None:
    heard = onebot({**CAME, **told})
    assert (heard.event if heard else None) == event


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(MESSAGE)), JUNK, st.sampled_from(["json", "at", "forward", "file", "text"]), JUNK)
def test_junk_in_an_event_is_never_an_exception(key: str, junk: Any, kind: str, data: Any) -> None:
    onebot({**MESSAGE, key: junk})
    onebot(
        {**MESSAGE, "message": [{"type": kind, "data": {"data": data, "qq": data, "content": data, "text": data}}]}
    )


def test_an_event_that_cannot_be_taken_ends_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Heard] = []

    def hear(heard: Heard) -> None:
        taken.append(heard)
        raise RuntimeError("no room")

    monkeypatch.setattr(OneBotAdapter, "hear", staticmethod(hear), raising=False)
    assert OneBotAdapter.json_to_event(MESSAGE) is None
    assert len(taken) == 1
    connected = {"time": AT, "self_id": ME, "post_type": "meta_event", "meta_event_type": "lifecycle"}
    assert OneBotAdapter.json_to_event({**connected, "sub_type": "connect"}) is not None, (
        "NoneBot needs to hear of these"
    )
    assert len(taken) == 1


def test_milky_tells_the_same() -> None:
    member = {
        "user_id": ALICE, "nickname": "n", "sex": "unknown", "group_id": GROUP, "card": "", "title": "", "level": 9,
        "role": "owner", "join_time": 0, "last_sent_time": 0, "shut_up_end_time": None,
    }  # fmt: skip
    parts = [
        {"type": "mention", "data": {"user_id": ME}}, {"type": "text", "data": {"text": " hi"}},
        {"type": "light_app", "data": {"app_name": "a", "json_payload": "{}"}},
        {"type": "file", "data": {"file_id": "1", "file_name": "a.zip", "file_size": 1}},
    ]  # fmt: skip
    group = {"group_id": GROUP, "group_name": "g", "member_count": 1, "max_member_count": 2}
    data = {
        "message_scene": "group", "peer_id": GROUP, "message_seq": 8967, "sender_id": ALICE, "time": AT,
        "segments": parts, "group": group, "group_member": member,
    }  # fmt: skip

    def heard(kind: str, **data: Any) -> Any:
        event = Milky.json_to_event({"event_type": kind, "time": AT, "self_id": ME, "data": data})
        assert event is not None
        return milky.heard(event)

    found = heard("message_receive", **data)
    said = (At(ME), Text(" hi"), Card(), File("a.zip"))
    assert found.event == Message(GROUP, "8967", Person(ALICE, "n", Rank.OWNER, 9), said, WHEN, ME)
    assert found.sequence == "8967"
    about = {"group_id": GROUP, "user_id": ALICE, "operator_id": ALICE}
    assert heard("group_member_increase", **about).event == Joined(GROUP, Person(ALICE), WHEN, ME)
    assert heard("group_member_decrease", **about).event == Left(GROUP, Person(ALICE), WHEN, None, ME)
    asks = {"group_id": GROUP, "notification_seq": 3, "is_filtered": False, "initiator_id": ALICE, "comment": "我"}
    asked = Requested(GROUP, "3/join_request/0", Person(ALICE), "我", WHEN, ME, "3", invited=False)
    assert heard("group_join_request", **asks).event == asked
    brings = {"group_id": GROUP, "notification_seq": 4, "initiator_id": 5, "target_user_id": ALICE}
    brought = Requested(GROUP, "4/invited_join_request/0", Person(ALICE), "", WHEN, ME, "4", invited=True)
    assert heard("group_invited_join_request", **brings).event == brought
    assert heard("group_mute", group_id=GROUP, user_id=ALICE, operator_id=1, duration=5) is None
