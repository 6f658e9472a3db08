"""Every operation on a world: not seen before it, seen after it, and only unclear when nothing can be read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from qqgroup_provision.messages import say
from qqgroup_provision.ports import (
    Absent,
    GroupReader,
    Known,
    LiveMember,
    LiveNotice,
    LiveProfile,
    Rank,
    Reading,
    Unknown,
    WriteRefused,
)
from qqgroup_provision.resources.admin import SetAdmin
from qqgroup_provision.resources.announcement import Publish, Withdraw
from qqgroup_provision.resources.card import SetCard
from qqgroup_provision.resources.change import Change
from qqgroup_provision.resources.mute_all import MuteAll
from qqgroup_provision.resources.operation import (
    Audience,
    CannotSee,
    Confirmation,
    NotSeen,
    Operation,
    Seen,
    Unseeable,
)
from qqgroup_provision.resources.profile import Rename, SetRemark
from qqgroup_provision.resources.registry import operations
from qqgroup_provision.resources.title import SetTitle
from qqgroup_provision.simulator.seed import SeedMember
from tests.planning.material import GROUP, SELF, Scene, seed
from tests.resources import test_behavior, test_files, test_group_settings, test_mirror

ALICE = SELF + 1
PICTURE = b"\x89PNG\r\n\x1a\n..."
SHA256 = hashlib.sha256(PICTURE).hexdigest()


def publish(text: str, **changed: Any) -> Publish:
    return replace(Publish(GROUP, text, "", "", pinned=True, confirm_read=True, known=()), **changed)


# Each with the one that takes it back, where there is one.
STEPS: list[tuple[Operation, Operation | None]] = [
    (Rename(GROUP, "新群名 <&> “x”"), Rename(GROUP, "旧群名")),
    (SetRemark(GROUP, "备注"), SetRemark(GROUP, "")),
    (MuteAll(GROUP, True), MuteAll(GROUP, False)),
    (SetAdmin(GROUP, ALICE, True), SetAdmin(GROUP, ALICE, False)),
    (SetTitle(GROUP, ALICE, "维护者"), SetTitle(GROUP, ALICE, "")),
    (SetCard(GROUP, ALICE, "【维护】小艾", Rank.ADMIN), SetCard(GROUP, ALICE, "", Rank.ADMIN)),
    (publish("群规 <1>\n  二 & 三"), None),
    (publish("图", image="a.png", image_sha256=SHA256, pinned=False, confirm_read=False), None),
]


@pytest.fixture(params=["napcat", "llbot"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    opened = Scene(seed(SeedMember(ALICE, "member", "Alice"), implementation=request.param))
    yield opened
    opened.close()


def perform(scene: Scene, operation: Operation) -> None:
    def read_asset(path: str, sha256: str) -> bytes:
        assert ("a.png", SHA256) == (path, sha256)
        return PICTURE

    asyncio.run(operation.perform(scene.writer, read_asset))


def confirm(scene: Scene, operation: Operation) -> Confirmation:
    asyncio.run(scene.reader.members(GROUP))  # a NapCat that was never asked knows no members
    return asyncio.run(operation.confirm(scene.reader))


def told(found: Confirmation) -> str:
    return (
        str(found.found) if isinstance(found, NotSeen) else str(found.reason) if isinstance(found, CannotSee) else ""
    )


@pytest.mark.parametrize(("step", "back"), STEPS, ids=lambda step: getattr(step, "name", ""))
def test_a_step_is_not_seen_before_it_and_seen_after_it_and_after_its_opposite_not_again(
    scene: Scene, step: Operation, back: Operation | None
) -> None:
    before = confirm(scene, step)
    perform(scene, step)
    after = confirm(scene, step)

    assert isinstance(before, NotSeen)
    assert told(before)
    assert isinstance(after, Seen)
    if back is not None:
        assert isinstance(confirm(scene, back), NotSeen)
        perform(scene, back)
        assert isinstance(confirm(scene, back), Seen)
        assert isinstance(confirm(scene, step), NotSeen)


def test_a_withdrawn_announcement_is_gone_and_the_others_are_not(scene: Scene) -> None:
    perform(scene, publish("一"))
    perform(scene, publish("二"))
    first, second = (notice["id"] for notice in scene.snapshot()["announcements"])
    withdraw = Withdraw(GROUP, first)
    assert "still" in told(confirm(scene, withdraw))
    perform(scene, withdraw)

    assert isinstance(confirm(scene, withdraw), Seen)
    assert [second] == [notice["id"] for notice in scene.snapshot()["announcements"]]


def test_what_is_published_is_what_was_asked_for(scene: Scene) -> None:
    perform(scene, publish("一", pinned=True, confirm_read=False))
    perform(scene, publish("二", image="a.png", image_sha256=SHA256, pinned=False))
    found = {n["text"]: (n["pinned"], n["confirm"], n["image"]) for n in scene.snapshot()["announcements"]}

    assert {"一": (True, False, None), "二": (False, True, SHA256)} == found


def test_a_published_announcement_is_told_from_an_equal_one_that_was_there(scene: Scene) -> None:
    perform(scene, publish("一"))
    (old,) = (notice["id"] for notice in scene.snapshot()["announcements"])
    again = publish("一", known=(old,))
    assert isinstance(confirm(scene, again), NotSeen)
    perform(scene, again)
    found = confirm(scene, again)

    assert isinstance(found, Seen)
    assert dict(found.ids)["notice_id"] not in (old, "")


def test_of_several_equal_ones_the_newest_is_ours(scene: Scene) -> None:
    perform(scene, publish("一"))
    perform(scene, publish("一"))
    newest = max(scene.snapshot()["announcements"], key=lambda notice: notice["time"])

    assert Seen((("notice_id", newest["id"]),)) == confirm(scene, publish("一"))


def test_somebody_who_left_is_said_to_be_gone(scene: Scene) -> None:
    scene.world.patch(GROUP, {"members": {str(ALICE): None}})
    for step in (SetAdmin(GROUP, ALICE, True), SetTitle(GROUP, ALICE, "x"), SetCard(GROUP, ALICE, "x", 1)):
        assert f"{ALICE} is not in the group" in told(confirm(scene, step))


class Told(GroupReader):
    """A reader that gives what it was told to."""

    def __init__(self, found: Reading[Any]) -> None:
        self.found = found

    async def profiles(self) -> Reading[Mapping[int, LiveProfile]]:
        return self.found

    async def members(self, group_id: int) -> Reading[Mapping[int, LiveMember]]:
        return self.found

    async def member(self, group_id: int, user_id: int) -> Reading[LiveMember]:
        return self.found

    async def notices(self, group_id: int) -> Reading[tuple[LiveNotice, ...]]:
        return self.found


EVERY = [*(step for step, _ in STEPS), Withdraw(GROUP, "x")]


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_what_cannot_be_read_is_neither_seen_nor_not_seen(step: Operation) -> None:
    found = asyncio.run(step.confirm(Told(Unknown(say("the answer was lost")))))

    assert (CannotSee, "the answer was lost") == (type(found), told(found))


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_a_group_that_is_gone_proves_nothing_was_done(step: Operation) -> None:
    found = asyncio.run(step.confirm(Told(Absent())))

    assert not isinstance(found, Seen)
    assert told(found)


@pytest.mark.parametrize("step", [Rename(GROUP, "x"), SetRemark(GROUP, "x"), MuteAll(GROUP, True)])
def test_a_list_without_the_group_is_not_read_as_an_answer(step: Operation) -> None:
    assert isinstance(asyncio.run(step.confirm(Told(Known({})))), CannotSee)


@pytest.mark.parametrize(
    "step", [SetRemark(GROUP, "x"), SetRemark(GROUP, ""), MuteAll(GROUP, True), MuteAll(GROUP, False)]
)
def test_a_field_the_implementation_does_not_give_can_never_be_seen(step: Operation) -> None:
    profile = LiveProfile("名", None, None)

    assert isinstance(asyncio.run(step.confirm(Told(Known({GROUP: profile})))), Unseeable)


def test_each_operation_there_is_is_tried_here() -> None:
    assert set(operations()) == {
        step.name
        for step in [*EVERY, *test_group_settings.EVERY, *test_files.EVERY, *test_behavior.EVERY, *test_mirror.EVERY]
    }


@pytest.mark.parametrize("step", [*EVERY, *(back for _, back in STEPS if back)], ids=repr)
def test_every_step_can_be_told_in_one_line(step: Operation) -> None:
    said = str(step.describe())

    assert said
    assert "\n" not in said
    for field in fields(step):
        value = getattr(step, field.name)
        if isinstance(value, str) and field.name not in ("text", "image", "image_sha256"):
            assert value in said


def test_the_widest_audience_of_a_change_counts() -> None:
    def audience(*steps: Operation) -> Audience:
        return Change(None, None, 0, operations=steps).audience  # type: ignore[arg-type]

    nobody, member, group = SetRemark(GROUP, "x"), SetAdmin(GROUP, 1, True), Rename(GROUP, "x")
    assert Audience.NOBODY is audience() is audience(nobody)
    assert Audience.MEMBER is audience(member) is audience(nobody, member)
    assert Audience.GROUP is audience(group) is audience(member, group, nobody)


@pytest.mark.parametrize("implementation", ["napcat", "llbot"])
def test_a_refusal_changes_nothing_and_is_never_confirmed(implementation: str) -> None:
    scene = Scene(seed(SeedMember(ALICE, "member", "Alice"), role="member", implementation=implementation))
    before = scene.snapshot()
    refused = 0
    for step in EVERY:
        if isinstance(step, SetRemark | Withdraw):
            continue  # anybody's own to set; and one that is not there is gone already
        try:
            perform(scene, step)
        except WriteRefused as error:
            refused += bool(str(error.reason))
        assert not isinstance(confirm(scene, step), Seen)

    assert before == scene.snapshot()
    # NapCat says ok to an admin and to a title whatever QQ says.
    assert refused == (5 if implementation == "napcat" else 7)
    scene.close()
