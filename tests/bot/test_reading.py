"""What is asked again when a server fails, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from nonebot.adapters.onebot.v11 import ActionFailed, NetworkError

from qqgroup_provision.bot import reading

FAILED = ActionFailed(status="failed", retcode=1502, message="HTTP 502")
UNKNOWN = ActionFailed(status="failed", retcode=1404, message="不支持的API get_group_msg_history")
CUT = NetworkError("cut off")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAUSES", (0.0, 0.0))


def asked(answers: Sequence[str | Exception], patience: float = 5.0) -> tuple[str | Exception, int]:
    """What comes of it when the server answers so, and how often it was asked."""
    times = 0

    async def ask() -> str:
        nonlocal times
        answer = answers[times]
        times += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def run() -> str | Exception:
        try:
            return await reading.read(ask, patience)
        except Exception as error:
            return error

    return asyncio.run(run()), times


@pytest.mark.parametrize(
    ("answers", "found", "times"),
    [
        pytest.param(["a"], "a", 1, id="it answers"),
        pytest.param([FAILED, "a"], "a", 2, id="it fails once"),
        pytest.param([CUT, FAILED, "a"], "a", 3, id="it fails twice"),
        pytest.param([FAILED, FAILED, CUT, "a"], CUT, 3, id="it fails three times"),
        pytest.param([UNKNOWN, "a"], UNKNOWN, 1, id="it does not know what it is asked for"),
    ],
)
def test_a_server_that_fails_is_asked_three_times(
    answers: list[str | Exception], found: str | Exception, times: int
) -> None:
    assert asked(answers) == (found, times)


def test_an_answer_that_makes_no_sense_is_not_asked_for_again() -> None:
    error = RuntimeError("this is no history")
    assert asked([error, "a"]) == (error, 1)


def test_all_of_it_takes_no_longer_than_there_is_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAUSES", (0.0, 60.0))
    found, times = asked([FAILED, FAILED, "a"], patience=0.05)
    assert isinstance(found, TimeoutError)
    assert times == 2


@pytest.mark.parametrize(
    ("error", "may"),
    [(FAILED, True), (CUT, True), (TimeoutError(), True), (UNKNOWN, False), (RuntimeError("no history"), False)],
)
def test_a_failure_may_pass_but_what_a_server_does_not_know_it_never_will(error: Exception, may: bool) -> None:
    assert reading.may_pass(error) is may
