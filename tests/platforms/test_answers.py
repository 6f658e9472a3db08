"""What an answer means: every envelope the implementations send, and everything that is no envelope at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.platforms.answers import Answer, Data, Foreign, Missing, Refusal, TokenRefused, Unclear
from qqgroup_provision.platforms.onebot11.answers import judge

NAPCAT_OK = {
    "status": "ok",
    "retcode": 0,
    "data": 1,
    "message": "",
    "wording": "",
    "echo": None,
    "stream": "normal-action",
}


def of(status: int, envelope: Any) -> Answer:
    return judge(status, json.dumps(envelope).encode())


def without(envelope: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in envelope.items() if k != key}


@pytest.mark.parametrize(
    ("envelope", "data"),
    [
        (NAPCAT_OK, 1),
        (without(NAPCAT_OK, "data"), None),
        ({"status": "ok", "retcode": 0, "data": None, "message": "", "wording": ""}, None),
        ({"status": "ok", "retcode": 0, "data": [], "echo": "x"}, []),
        ({"status": "ok", "data": {"a": 1}}, {"a": 1}),
        ({"data": "fid", "retcode": 0, "status": "ok", "msg": "", "wording": ""}, "fid"),
    ],
)
def test_an_ok_gives_its_data_and_none_where_it_has_none(envelope: Any, data: Any) -> None:
    assert Data(data) == of(200, envelope)


@pytest.mark.parametrize(
    ("status", "envelope", "words"),
    [
        (
            200,
            {"status": "failed", "retcode": 200, "data": None, "message": "群不存在", "wording": "群不存在"},
            "群不存在",
        ),
        (200, {"status": "failed", "retcode": 400, "message": "Key: x, Message: must be string"}, "Key: x, Message"),
        (404, {"status": "failed", "retcode": 404, "message": "x API 不存在", "wording": ""}, "x API 不存在"),
        (200, {"status": "failed", "retcode": 100, "msg": "GROUP_NOT_FOUND", "wording": "群聊不存在"}, "群聊不存在"),
        (200, {"status": "failed", "retcode": 100, "msg": "GROUP_NOT_FOUND"}, "GROUP_NOT_FOUND"),
        (200, {"status": "failed", "retcode": -1}, "no reason (retcode -1)"),
        (200, {"status": "failed", "retcode": 1, "message": "  \n", "wording": 7}, "no reason (retcode 1)"),
        (200, {"status": "ok", "retcode": 1200, "message": "inner"}, "inner"),
        (200, {"status": "failed", "retcode": None, "message": "x"}, "x"),
        (429, "anything", "429"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(status: int, envelope: Any, words: str) -> None:
    found = of(status, envelope)

    assert isinstance(found, Refusal)
    assert words in str(found.reason)


@pytest.mark.parametrize(
    ("status", "envelope"),
    [
        (200, {"status": "failed", "retcode": 200, "message": "不支持的Api set_x", "wording": "不支持的Api set_x"}),
        (404, {"status": "failed", "retcode": 1404, "message": "不支持的API set_x"}),
        (404, {"status": "failed", "retcode": 404, "message": "set_x API 不存在"}),
        (200, {"status": "failed", "retcode": 404, "data": None, "echo": None}),
        (200, {"status": "failed", "retcode": 404, "msg": "API_NOT_FOUND", "wording": "API不存在"}),
        (404, {"status": "failed", "retcode": 404, "msg": "API_NOT_FOUND", "wording": "API不存在"}),
    ],
)
def test_each_has_its_own_way_to_say_that_it_knows_no_such_action(status: int, envelope: Any) -> None:
    assert isinstance(of(status, envelope), Missing)


def test_a_refusal_is_not_taken_for_a_missing_action() -> None:
    assert not isinstance(of(200, {"status": "failed", "retcode": 200, "message": "群不支持的Api"}), Missing)


@pytest.mark.parametrize(
    ("status", "envelope"),
    [
        (500, {"status": "failed", "retcode": 200}),
        (502, "<html>"),
        (504, NAPCAT_OK),
        (200, {"status": "async", "retcode": 1}),
        (200, {"status": "failed", "retcode": 200, "message": "Timeout: NTEvent serviceAndMethod:x"}),
        (200, {"status": "failed", "retcode": 200, "message": "EventChecker Failed: NTEvent x"}),
    ],
)
def test_what_says_nothing_of_the_effect_is_unclear_and_no_refusal(status: int, envelope: Any) -> None:
    found = of(status, envelope)

    assert isinstance(found, Unclear)
    assert str(found.reason)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "body", [b'{"message":"token verify failed!"}', b'{"message":"token verify failed"}', b"", b"<html>"]
)
def test_a_token_that_is_not_known_is_known_by_the_status_alone(status: int, body: bytes) -> None:
    assert TokenRefused() == judge(status, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html>",
        b"Invalid JSON",
        b'{"status": "ok", "retc',
        b"[]",
        b"null",
        b'"ok"',
        b'{"message": "hello"}',
        b'{"status": 200}',
        b'{"status": null, "retcode": 0}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 5000,
    ],
    ids=lambda body: f"{body[:24]!r}",
)
def test_what_is_no_envelope_is_no_onebot(body: bytes) -> None:
    assert isinstance(judge(200, body), Foreign)


def test_words_are_cut_and_half_characters_replaced() -> None:
    found = of(200, {"status": "failed", "retcode": 200, "message": "\ud83d" + "x" * 5000})
    assert isinstance(found, Refusal)

    assert len(str(found.reason).encode()) < 300


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["ok", "failed", "async", 0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
envelopes = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("status", "retcode", "data", "message", "wording", "msg", "echo"), json_values)
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([200, 204, 302, 400, 404, 418]), envelopes | json_values)
def test_every_json_is_judged_and_only_an_ok_gives_data(status: int, envelope: Any) -> None:
    found = of(status, envelope)
    is_ok = isinstance(envelope, dict) and envelope.get("status") == "ok" and envelope.get("retcode") in (0, None)

    assert isinstance(found, Data) == is_ok
    if not isinstance(found, Data | TokenRefused):
        assert str(found.reason)


@given(st.integers(100, 599), st.binary(max_size=60))
def test_every_status_and_every_body_is_judged(status: int, body: bytes) -> None:
    found = judge(status, body)

    assert isinstance(found, TokenRefused) == (status in (401, 403))
    assert not isinstance(found, Data)
