"""What servers tell of the past is what was heard, or would have been."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import ActionFailed

from qqgroup_provision.behavior.event import Message, Requested, text_of
from qqgroup_provision.bot.past import (
    History,
    milky_history,
    milky_requests,
    onebot_history,
    onebot_requests,
)
from qqgroup_provision.simulator.running import RunningSimulator
from tests.bot.killing import FIRST, world
from tests.stage import GROUP, SELF, staged

ONEBOT = ["napcat", "llbot", "lagrange", "gocq"]
EVERY = [*ONEBOT, "llbot-milky", "lagrange-milky"]
LONG_AGO = timedelta(hours=1)


def calling(simulator: RunningSimulator, *, milky: bool) -> Callable[..., Any]:
    """Calls the simulated server as the bot's adapter does."""

    def asked(action: str, named: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{simulator.endpoint()}/{'api/' if milky else ''}{action}",
            data=json.dumps(named).encode(),
            headers={"Authorization": f"Bearer {simulator.token()}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    async def call(action: str, **named: Any) -> Any:
        found = asked(action, named)
        if found["status"] != "ok":
            raise ActionFailed(**found)  # type: ignore[no-untyped-call]
        return found["data"]

    return call


async def history(simulator: RunningSimulator, implementation: str, since: datetime, most: int = 2000) -> History:
    milky = "milky" in implementation
    read = milky_history if milky else onebot_history
    return await read(calling(simulator, milky=milky), SELF, GROUP, since, most)


def texts(found: History) -> list[str]:
    return [text_of(one.event.segments) for one in found.messages if isinstance(one.event, Message)]


def run(work: Any) -> Any:
    return asyncio.run(work)


@pytest.mark.parametrize("implementation", EVERY)
def test_a_history_is_read_back_as_far_as_is_asked_and_with_what_the_account_said(
    tmp_path: Path, implementation: str
) -> None:
    with staged(tmp_path, world(implementation), implementation=implementation) as stage:
        simulator = stage.simulator
        now = datetime.now(UTC)
        assert texts(run(history(simulator, implementation, now - LONG_AGO))) == []
        for number in range(70):
            simulator.say(GROUP, SELF if number % 10 == 0 else FIRST, f"第{number}条")
        found = run(history(simulator, implementation, now - LONG_AGO))
        assert texts(found) == [f"第{number}条" for number in range(70)]
        assert found.is_whole
        assert len({one.identity for one in found.messages}) == 70
        senders = [one.event.sender.qq for one in found.messages if isinstance(one.event, Message)]
        assert [qq == SELF for qq in senders] == [number % 10 == 0 for number in range(70)]
        assert not run(history(simulator, implementation, now - LONG_AGO, 60)).is_whole


@pytest.mark.parametrize("implementation", ["napcat", "llbot", "gocq", "llbot-milky", "lagrange-milky"])
def test_requests_that_wait_are_read_and_those_that_were_decided_are_not(tmp_path: Path, implementation: str) -> None:
    with staged(tmp_path, world(implementation), implementation=implementation) as stage:
        simulator, milky = stage.simulator, "milky" in implementation
        decided = simulator.act(GROUP, "ask", qq=1, nickname="一", answer="x")["request"]
        simulator.act(GROUP, "answer", qq=SELF, request=decided, approve=False)
        waiting = simulator.act(GROUP, "ask", qq=2, nickname="二", answer="学爬虫")["request"]
        (found,) = run((milky_requests if milky else onebot_requests)(calling(simulator, milky=milky), SELF))
        assert isinstance(found.event, Requested)
        assert (found.event.group, found.event.person.qq, found.event.number) == (GROUP, 2, str(waiting))
        assert ("学爬虫" in found.event.comment, found.event.invited) == (True, False)


def test_a_server_that_does_not_say_which_requests_wait_tells_of_none(tmp_path: Path) -> None:
    with staged(tmp_path, world("lagrange"), implementation="lagrange") as stage:
        stage.simulator.act(GROUP, "ask", qq=2, nickname="二", answer="学爬虫")
        with pytest.raises(ActionFailed):
            run(onebot_requests(calling(stage.simulator, milky=False), SELF))
