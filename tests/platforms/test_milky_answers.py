"""What a Milky answer means: by its HTTP status first, then by its envelope."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.platforms.answers import Data, Foreign, Missing, Refusal, TokenRefused, Unclear
from qqgroup_provision.platforms.milky.answers import judge


def body(envelope: Any) -> bytes:
    return json.dumps(envelope).encode()


FAILED = {"status": "failed", "retcode": -500, "message": "权限不足"}


@pytest.mark.parametrize("envelope", [
    {"status": "ok", "retcode": 0, "data": {"a": 1}},
    {"status": "ok", "retcode": 0, "message": None, "data": {"a": 1}},
])  # fmt: skip
def test_an_ok_gives_its_data(envelope: Any) -> None:
    assert Data({"a": 1}) == judge(200, body(envelope))


@pytest.mark.parametrize("retcode", [-400, -403, -404, -500])
def test_a_refusal_is_told_in_the_servers_words(retcode: int) -> None:
    found = judge(200, body({**FAILED, "retcode": retcode}))

    assert isinstance(found, Refusal)
    assert not isinstance(found, Missing)
    assert f"权限不足 (retcode {retcode})" == str(found.reason)


@pytest.mark.parametrize("envelope", [b"", body({"status": "failed", "retcode": 404, "message": "API not found"})])
def test_a_function_that_is_not_there_is_missing_in_both_ways_of_saying_so(envelope: bytes) -> None:
    assert isinstance(judge(404, envelope), Missing)


def test_a_404_of_something_else_says_nothing_of_functions() -> None:
    assert isinstance(judge(404, b"<html>not found</html>"), Foreign)


@pytest.mark.parametrize(("status", "answer"), [
    (500, b""), (502, b"<html>"), (200, body({**FAILED, "retcode": 500, "message": "Internal error: x"})),
])  # fmt: skip
def test_a_crash_says_nothing_of_what_was_done(status: int, answer: bytes) -> None:
    assert isinstance(judge(status, answer), Unclear)


@pytest.mark.parametrize("answer", [b"", body({"status": "failed", "retcode": 401, "message": "Unauthorized"})])
def test_a_token_that_is_not_known_is_known_by_the_status_alone(answer: bytes) -> None:
    assert TokenRefused() == judge(401, answer)


def test_a_refused_media_type_is_a_refusal_or_no_milky() -> None:
    assert isinstance(judge(415, body({"status": "failed", "retcode": 415, "message": "Unsupported"})), Refusal)
    assert isinstance(judge(415, b""), Foreign)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([200, 204, 302, 400, 404, 415, 418]), st.binary(max_size=40) | st.builds(
    body, st.fixed_dictionaries({}, optional={
        "status": st.sampled_from(["ok", "failed", "async", 0]), "retcode": st.sampled_from([0, None, 1, 500, "x"]),
        "message": st.none() | st.text(max_size=5), "data": st.none() | st.just({}),
    }),
))  # fmt: skip
def test_every_answer_is_judged_and_only_an_ok_gives_data(status: int, answer: bytes) -> None:
    found = judge(status, answer)
    if isinstance(found, Data):
        assert ("ok", True) == (json.loads(answer)["status"], json.loads(answer).get("retcode") in (0, None))
    else:
        assert not isinstance(found, TokenRefused)
        assert str(found.reason)
