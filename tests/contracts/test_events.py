"""Everything that can happen in a group, as the simulated implementations tell it, held against what is published."""

from __future__ import annotations

from typing import Any

import pytest

from qqgroup_provision.simulator.content import (
    EVERYBODY,
    At,
    Card,
    Face,
    Forward,
    Image,
    Node,
    Part,
    Reply,
    Text,
    Video,
    Voice,
)
from qqgroup_provision.simulator.dialects.base import Service
from qqgroup_provision.simulator.dialects.milky import LagrangeMilky, LLBotMilky
from qqgroup_provision.simulator.dialects.napcat import NapCat
from qqgroup_provision.simulator.happenings import Happening
from qqgroup_provision.simulator.world import World
from tests.contracts.contract import closed, contract, faults
from tests.contracts.tours import ALICE, BOB, ELSEWHERE, GROUP, SELF, STRANGERS, served

SAID: tuple[Part, ...] = (
    Text("一 <&> [二]"), At(SELF), At(EVERYBODY), Face("66"), Image("A.jpg", "https://example.org/a", 7, "图"),
    Voice("A.amr", "https://example.org/b"), Video("A.mp4", "https://example.org/c"), Card('{"app": "x"}'),
    Forward((Node(ALICE, "A", (Text("转"),)),)),
)  # fmt: skip


UNKNOWN_TO_LAGRANGE = (
    "group_admin_change", "group_essence_message_change", "group_file_upload", "group_name_change",
    "group_whole_mute",
)  # fmt: skip


def live(world: World) -> None:
    """Everything there is to happen, at least once."""
    first = world.chat.say(ALICE, GROUP, SAID)
    world.chat.say(BOB, GROUP, (Reply(first), Text("是的")))
    world.files.plant(GROUP, SELF, {"upload": [{"path": "资料/新.txt", "size": 3, "uploader": ALICE}]})
    for on in (True, False):
        world.chat.react(BOB, first, "66", on=on)
        (world.chat.mark if on else world.chat.unmark)(SELF, first)
        world.set_admin(SELF, GROUP, BOB, on)
        world.mute_all(SELF, GROUP, on)
        world.mute(SELF, GROUP, BOB, 600 if on else 0)
    world.chat.poke(ALICE, GROUP, SELF)
    world.set_card(SELF, GROUP, ALICE, "新牌")
    world.set_title(SELF, GROUP, ALICE, "新头衔")
    world.rename(SELF, GROUP, "新群名")
    world.chat.say(ALICE, GROUP, "换了名片")
    world.chat.recall(SELF, first)
    asked, refused, brought, free = STRANGERS
    world.requests.answer(SELF, world.requests.ask(GROUP, asked, "甲", "让我进来"), approve=True)
    world.requests.answer(SELF, world.requests.ask(GROUP, refused, "乙"), approve=False)
    world.requests.answer(SELF, world.requests.bring(BOB, GROUP, brought, "丙"), approve=True)
    world.requests.bring(SELF, GROUP, free, "丁")
    world.requests.answer(SELF, world.requests.invite(ALICE, ELSEWHERE[0], SELF, "小助手"), approve=True)
    world.kick(ALICE, ELSEWHERE[0], SELF)
    world.kick(SELF, GROUP, BOB)
    world.quit(ALICE, GROUP)


def told(kind: type[Service]) -> list[Any]:
    """The events of all that."""
    happened: set[str] = set()
    with served(kind) as (server, events):
        server.world.listen(lambda what: happened.add(type(what).__name__))
        live(server.world)
    assert {each.__name__ for each in Happening.__subclasses__()} == happened
    return events


@pytest.mark.parametrize("kind", [LLBotMilky, LagrangeMilky])
def test_every_event_over_milky_is_one_of_its_schema(kind: type[Service]) -> None:
    schema = closed(contract("milky-1.2.2.schema.json")["structs"]["Event"])
    events = told(kind)

    for event in events:
        assert [] == faults(schema, event), event["event_type"]
    assert {
        "message_receive", "message_recall", "group_join_request", "group_invited_join_request", "group_invitation",
        "group_member_increase", "group_member_decrease", "group_message_reaction", "group_mute", "group_nudge",
        *(UNKNOWN_TO_LAGRANGE if kind is LLBotMilky else ()),
    } == {event["event_type"] for event in events}  # fmt: skip


def test_every_message_that_napcat_tells_of_is_one_of_its_schema() -> None:
    published = contract("napcat-4.18.13.openapi.json")
    schema = {"components": published["components"], "$ref": "#/components/schemas/OB11Message"}
    messages = [event for event in told(NapCat) if event["post_type"] == "message"]

    kinds = {segment["type"] for message in messages for segment in message["message"]}
    assert {"text", "at", "face", "image", "record", "video", "json", "forward", "reply", "file"} == kinds
    for message in messages:
        assert [] == faults(schema, message), message
