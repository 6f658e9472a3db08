"""Handing a bot its document: what was handed over is seen, and nothing else is taken for it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from qqgroup_provision.messages import say
from qqgroup_provision.ports import Absent, Known, NoBot, Reading, Unknown, WriteRefused
from qqgroup_provision.resources.behavior import Carried, Deliver
from qqgroup_provision.resources.operation import Operation

TAG = hashlib.sha256(b"x").hexdigest()
EVERY: list[Operation] = [Deliver(731000001, "hub", TAG, ""), Carried(731000001, TAG)]


def content(path: str, sha256: str) -> bytes:
    """What every picture and document holds."""
    return b"x"


class Host:
    """A bot that does as it is told."""

    def __init__(self) -> None:
        self.document = b""

    async def tag(self, group_id: int) -> Reading[str]:
        return Known(hashlib.sha256(self.document).hexdigest()) if self.document else Absent()

    async def deliver(
        self, group_id: int, document: bytes, before: str, picture: Callable[[str, str], bytes]
    ) -> None:
        self.document = document


@pytest.mark.parametrize("done", [False, True])
def test_an_item_counts_as_carried_out_when_the_document_is_in_force(done: bool) -> None:
    host: Any = Host()
    ports: Any = type("Ports", (), {"bots": host})()
    step = Deliver(1, "hub", hashlib.sha256(b"x").hexdigest(), "")
    if done:
        asyncio.run(step.perform(ports, content))  # type: ignore[arg-type]
    seen = [type(asyncio.run(one.confirm(ports))).__name__ for one in (step, Carried(1, step.tag))]

    assert ["Seen" if done else "NotSeen"] * 2 == seen


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_what_a_bot_does_not_tell_is_not_taken_for_done(step: Operation) -> None:
    class Silent(Host):
        async def tag(self, group_id: int) -> Reading[str]:
            return Unknown(say("no answer in time"))

    ports: Any = type("Ports", (), {"bots": Silent()})()

    assert "CannotSee" == type(asyncio.run(step.confirm(ports))).__name__


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_each_step_can_be_told_in_one_line(step: Operation) -> None:
    assert "\n" not in str(step.describe())
    assert step.capability is None


def test_without_a_bot_nothing_is_delivered_and_nothing_is_known() -> None:
    nobody = NoBot()
    with pytest.raises(WriteRefused):
        asyncio.run(nobody.deliver(1, b"", "", content))

    assert isinstance(asyncio.run(nobody.behavior(1)), Unknown)
    assert isinstance(asyncio.run(nobody.tag(1)), Unknown)
