"""The step that sends an announcement elsewhere: what it says, what it sends, and what is never known of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from qqgroup_provision.ports import Nowhere, WriteRefused
from qqgroup_provision.resources.mirror import Mirror
from qqgroup_provision.resources.operation import Operation, Unseeable

EVERY: list[Operation] = [
    Mirror(731000001, "feishu", "news", "今晚维护", "", ""),
    Mirror(731000001, "feishu", "news", "今晚维护", "a.png", "ab" * 32),
]


@pytest.mark.parametrize("step", EVERY)
def test_it_sends_text_and_picture_to_one_place(step: Mirror) -> None:
    sent: list[tuple[object, ...]] = []

    class Place:
        async def send(self, *what: object) -> None:
            sent.append(what)

    writer: Any = type("Writer", (), {"elsewhere": Place()})()
    read: Any = lambda path, sha256: f"{path} {sha256}".encode()  # noqa: E731
    asyncio.run(step.perform(writer, read))

    assert [("feishu", "今晚维护", f"a.png {'ab' * 32}".encode() if step.image else None)] == sent


@pytest.mark.parametrize("step", EVERY)
def test_it_can_be_told_in_one_line_and_nobody_can_see_it(step: Mirror) -> None:
    nobody: Any = None

    assert "news" in str(step.describe())
    assert "feishu" in str(step.describe())
    assert isinstance(asyncio.run(step.confirm(nobody)), Unseeable)
    assert step.once_begun() == {"text": "今晚维护", "image": step.image_sha256 or None}


def test_where_nothing_is_configured_nothing_is_sent() -> None:
    with pytest.raises(WriteRefused):
        asyncio.run(Nowhere().send("feishu", "x", None))
