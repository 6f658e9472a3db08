"""The control interface: what people do, the clock, and what has happened, over HTTP and with the account's token."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from qqgroup_provision.simulator.running import RunningSimulator
from tests.simulator.people import ADMIN, ALICE, BOB, GROUP, NOW, SELF, STRANGER, seed

TOKEN = "s3cret-token"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator(seed(token=TOKEN)) as found:
        yield found


def refused(simulator: RunningSimulator, path: str, method: str = "POST", body: Any = None) -> int:
    """The HTTP status of what is not done."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        simulator.control(path, method, body)
    caught.value.close()
    return caught.value.code


def test_people_talk_and_everything_they_said_can_be_read(simulator: RunningSimulator) -> None:
    first = simulator.say(GROUP, ALICE, "你好")
    second = simulator.say(GROUP, BOB, f"[CQ:reply,id={first}][CQ:at,qq={SELF}]在吗")
    simulator.act(GROUP, "react", qq=ADMIN, sequence=second, face="76")
    simulator.act(GROUP, "essence", operator=ADMIN, sequence=second)
    simulator.act(GROUP, "recall", qq=ALICE, sequence=first)
    simulator.act(GROUP, "poke", qq=ALICE, target=SELF)

    said = simulator.messages(GROUP)
    assert [(first, ALICE, "你好", ALICE), (second, BOB, f"@{SELF}在吗", None)] == [
        (each["sequence"], each["sender"], each["text"], each["recalled_by"]) for each in said
    ]
    assert f"[CQ:reply,id={first}][CQ:at,qq={SELF}]在吗" == said[1]["message"]
    assert [{"type": "text", "data": {"text": "你好"}}] == said[0]["segments"]
    assert ["message", "message", "group_msg_emoji_like", "essence", "group_recall", "notify"] == [
        event.get("notice_type", event["post_type"]) for event in simulator.events()
    ]


def test_people_come_and_go(simulator: RunningSimulator) -> None:
    request = simulator.act(GROUP, "ask", qq=STRANGER, answer="我想学")["request"]
    simulator.act(GROUP, "answer", qq=ADMIN, request=request)
    simulator.act(GROUP, "leave", qq=BOB)
    simulator.act(GROUP, "kick", operator=ADMIN, qq=ALICE, for_good=True)
    simulator.act(GROUP, "join", qq=BOB, inviter=STRANGER)
    brought = simulator.act(GROUP, "bring", inviter=BOB, qq=7, nickname="七")["request"]

    members = simulator.world()[str(GROUP)]["members"]
    assert {str(qq) for qq in (SELF, ADMIN, STRANGER, BOB)} == set(members)
    assert "陌生人" == members[str(STRANGER)]["nickname"]
    latest, earlier = simulator.control(f"groups/{GROUP}/requests")
    assert (brought, "brought", BOB, "pending") == tuple(
        latest[key] for key in ("request", "kind", "inviter", "state")
    )
    assert (request, "asked", "我想学", "accepted", ADMIN) == tuple(
        earlier[key] for key in ("request", "kind", "comment", "state", "handled_by")
    )
    assert 409 == refused(simulator, f"groups/{GROUP}/ask", body={"qq": ALICE})


def test_files_are_uploaded_by_people(simulator: RunningSimulator) -> None:
    simulator.act(GROUP, "upload", qq=ALICE, path="资料/a.pdf", size=5)

    assert [("资料/a.pdf", ALICE)] == [
        (file["path"], file["uploader"]) for file in simulator.world()[str(GROUP)]["files"]
    ]
    assert "[文件]a.pdf" == simulator.messages(GROUP)[0]["text"]


def test_the_clock_is_read_moved_and_set(simulator: RunningSimulator) -> None:
    assert {"now": NOW, "runs": False} == simulator.control("clock")
    simulator.act(GROUP, "mute", operator=ADMIN, qq=ALICE, seconds=600)
    assert 409 == refused(simulator, f"groups/{GROUP}/say", body={"qq": ALICE, "message": "一"})
    assert NOW + 600 == simulator.advance(600)
    simulator.say(GROUP, ALICE, "二")
    assert NOW + 600 == simulator.events()[-1]["time"]
    moved = simulator.control("clock", "PUT", {"set": "2027-01-01T00:00:00+08:00", "advance": 1})
    assert {"now": 1798732801, "runs": False} == moved
    assert simulator.control("clock", "PUT", {"set": "real"})["runs"]


def test_what_was_told_is_kept_until_it_is_taken(simulator: RunningSimulator) -> None:
    simulator.say(GROUP, ALICE, "一")
    assert 1 == len(simulator.control("events", "DELETE"))
    assert [] == simulator.events()


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        (f"groups/{GROUP}/say", "POST", {"qq": STRANGER, "message": "我不在"}, 409),
        (f"groups/{GROUP}/say", "POST", {"qq": ALICE}, 400),
        (f"groups/{GROUP}/say", "POST", {"qq": ALICE, "message": []}, 400),
        (f"groups/{GROUP}/say", "POST", {"qq": "x", "message": "一"}, 400),
        (f"groups/{GROUP}/say", "POST", [1], 400),
        (f"groups/{GROUP}/say", "POST", None, 400),
        ("groups/7/say", "POST", {"qq": ALICE, "message": "一"}, 409),
        ("groups/7/join", "POST", {"qq": ALICE}, 409),
        ("groups/7", "PATCH", {"name": "x"}, 409),
        (f"groups/{GROUP}/join", "POST", {"qq": 0}, 400),
        (f"groups/{GROUP}/join", "POST", {"qq": 1 << 70}, 400),
        (f"groups/{GROUP}/upload", "POST", {"qq": ALICE, "path": "a", "size": -1}, 400),
        (f"groups/{GROUP}/recall", "POST", {"qq": ALICE, "sequence": 9}, 409),
        (f"groups/{GROUP}/leave", "POST", {"qq": SELF}, 409),
        (f"groups/{GROUP}/dance", "POST", {}, 404),
        ("clock", "PUT", {"advance": -1}, 400),
        ("clock", "PUT", {"set": "soon"}, 400),
        ("reverse", "POST", {"url": "http://127.0.0.1/"}, 400),
        ("reverse", "POST", {"url": "ws://127.0.0.1/", "role": "api"}, 400),
        ("faults", "PUT", [{"nothing": 1}], 400),
    ],
)
def test_what_cannot_be_done_is_told_and_the_world_goes_on(
    simulator: RunningSimulator, path: str, method: str, body: Any, status: int
) -> None:
    before = simulator.timeline()
    assert status == refused(simulator, path, method, body)
    assert before == simulator.timeline()
