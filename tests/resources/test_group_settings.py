"""Joining, permissions, picture and description: what is wanted, what is live, and each step on a NapCat world."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.settle import Settlement, Unsettled, settle
from qqgroup_provision.messages import say
from qqgroup_provision.ports import (
    Absent,
    AnswerLost,
    Capability,
    Known,
    LiveProfile,
    LiveSettings,
    Unknown,
    WriteRefused,
)
from qqgroup_provision.resources.change import Action
from qqgroup_provision.resources.join import JoinKind, SetHistoryVisible, SetJoin, SetMemberInvites, SetRobots
from qqgroup_provision.resources.kind import UNREADABLE, Last, Observed, Step
from qqgroup_provision.resources.live import Collection, LiveGroup
from qqgroup_provision.resources.operation import CannotSee, NotSeen, Operation, ReadAsset, Seen, Unseeable
from qqgroup_provision.resources.permissions import PermissionsKind, SetPermissions
from qqgroup_provision.resources.profile import ProfileKind, SetAvatar
from qqgroup_provision.workspace.model import Answer, Asset, Join, Permissions
from tests.planning.material import GROUP, PLACE, SELF, Scene, hub, seed

PICTURE = b"\x89PNG\r\n\x1a\n..."
SHA256 = hashlib.sha256(PICTURE).hexdigest()
REFERENCE = "${secret:HUB}"
ANSWER = Answer(REFERENCE, PLACE, "scrypt:1:ab")
WISH = hub(
    join=Join("correct_answer", "谁？", ANSWER, "disabled", True, "forbidden"),
    permissions=Permissions(False, True, False),
)

# Each with the one that takes it back.
STEPS: list[tuple[Operation, Operation]] = [
    (SetJoin(GROUP, "question_and_review", "谁？", "", ""), SetJoin(GROUP, "review", "", "", "")),
    (SetMemberInvites(GROUP, "no_approval_under_100"), SetMemberInvites(GROUP, "require_approval")),
    (SetHistoryVisible(GROUP, True), SetHistoryVisible(GROUP, False)),
    (SetRobots(GROUP, "forbidden"), SetRobots(GROUP, "free")),
    (
        SetPermissions(GROUP, (), ("upload_album", "create_group")),
        SetPermissions(GROUP, ("upload_album", "create_group"), ()),
    ),
]
EVERY = [*(step for step, _ in STEPS), SetAvatar(GROUP, "a.png", SHA256)]


@pytest.fixture
def scene() -> Iterator[Scene]:
    opened = Scene(seed(implementation="napcat"))
    yield opened
    opened.close()


def perform(scene: Scene, step: Operation, answer: str = "吉多") -> None:
    held = {("a.png", SHA256): PICTURE, (REFERENCE, ANSWER.digest): answer.encode()}
    asyncio.run(step.perform(scene.writer, cast(ReadAsset, lambda name, digest: held[name, digest])))


def confirm(scene: Scene, step: Operation) -> Any:
    return asyncio.run(step.confirm(scene.reader))


@pytest.mark.parametrize(("step", "back"), STEPS, ids=lambda step: step.name)
def test_a_step_is_seen_after_it_and_not_before_it_and_not_after_its_opposite(
    scene: Scene, step: Operation, back: Operation
) -> None:
    assert isinstance(confirm(scene, step), NotSeen)
    perform(scene, step)
    assert isinstance(confirm(scene, step), Seen)
    assert isinstance(confirm(scene, back), NotSeen)
    perform(scene, back)
    assert isinstance(confirm(scene, back), Seen)


def test_method_question_and_answer_go_together_and_the_answer_is_never_seen(scene: Scene) -> None:
    step = SetJoin(GROUP, "correct_answer", "谁？", REFERENCE, ANSWER.digest)
    assert isinstance(confirm(scene, step), NotSeen)
    perform(scene, step)
    found = scene.snapshot()["settings"]

    assert ("correct_answer", "谁？", "吉多") == (found["method"], found["question"], found["answer"])
    assert isinstance(confirm(scene, step), Unseeable)


def test_whether_a_picture_is_there_nobody_can_tell(scene: Scene) -> None:
    step = EVERY[-1]
    assert isinstance(confirm(scene, step), Unseeable)
    perform(scene, step)

    assert SHA256 == scene.snapshot()["settings"]["avatar"]


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.name)
def test_somebody_who_may_not_is_refused_and_nothing_changes(step: Operation) -> None:
    lesser = Scene(seed(implementation="napcat", role="member"))
    before = lesser.snapshot()
    with pytest.raises(WriteRefused):
        perform(lesser, step)

    assert before == lesser.snapshot()
    lesser.close()


class Told:
    """A reader that gives what it was told to."""

    def __init__(self, found: Any) -> None:
        self._found = found

    async def settings(self, group_id: int) -> Any:
        return self._found


@pytest.mark.parametrize("found", [Unknown(say("lost")), Absent(), Known(LiveSettings())])
@pytest.mark.parametrize("step", [step for step, _ in STEPS], ids=lambda step: step.name)
def test_what_cannot_be_read_is_neither_seen_nor_not_seen(step: Operation, found: Any) -> None:
    assert isinstance(asyncio.run(step.confirm(Told(found))), CannotSee)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [*EVERY, SetPermissions(GROUP, ("upload_album",), ("create_group",))], ids=repr)
def test_every_step_can_be_told_in_one_line(step: Operation) -> None:
    said = str(step.describe())

    assert said
    assert "\n" not in said


def test_after_a_crash_it_is_unclear_whether_a_picture_was_sent(scene: Scene) -> None:
    left = [Unsettled(Address("hub", "profile"), EVERY[-1])]
    (settled,) = asyncio.run(settle(left, {"hub": scene.reader}, 0))

    assert Settlement.UNCLEAR is settled.settlement


@pytest.mark.parametrize("error", [WriteRefused, AnswerLost])
def test_a_server_that_repeats_the_answer_is_not_quoted(error: Any) -> None:
    class Repeating:
        async def set_join(self, group_id: int, method: str, question: str, answer: Any) -> None:
            raise error(say("{answer} is bad", answer=answer.reveal()))

    step = SetJoin(GROUP, "correct_answer", "谁？", REFERENCE, ANSWER.digest)
    with pytest.raises(error) as caught:
        asyncio.run(step.perform(Repeating(), lambda *_: "吉多".encode()))  # type: ignore[arg-type]

    assert "吉多" not in str(caught.value.reason)


def settings(**changed: Any) -> LiveGroup:
    live = LiveSettings("", "correct_answer", "谁？", "disabled", True, "forbidden", False, True, False)
    return LiveGroup(SELF, Known(LiveProfile("名", "", False)), settings=Known(replace(live, **changed)))


def test_what_yaml_wants_is_what_is_live_once_it_is_done() -> None:
    for kind in (JoinKind(), PermissionsKind()):
        wanted = kind.wanted(WISH)
        observed = kind.observe(WISH, wanted, {}, settings())[""]
        assert isinstance(observed, Known)
        same = {name: value for name, value in observed.value.fields.items() if value is not UNREADABLE}
        assert same == {name: value for name, value in wanted[""].fields.items() if name != "answer"}
        assert wanted[""].fields.keys() == kind.takes(wanted[""]).keys()
        assert {Capability.READ_SETTINGS} == set(kind.takes(wanted[""]).values())


def test_the_answer_is_blind_and_sensitive_and_only_its_digest_is_a_value() -> None:
    wanted = JoinKind().wanted(WISH)[""]

    assert (frozenset({"answer"}),) * 2 == (wanted.blind, wanted.sensitive)
    assert (ANSWER.digest, {"answer": REFERENCE}) == (wanted.fields["answer"], wanted.paths)


@pytest.mark.parametrize("changed", [{"method"}, {"question"}, {"answer"}, {"method", "question", "answer"}])
def test_whichever_of_the_three_differs_all_are_sent(changed: set[str]) -> None:
    kind = JoinKind()
    step = Step(Action.UPDATE, WISH, SELF, kind.wanted(WISH)[""], Observed({}), frozenset(changed))

    assert (SetJoin(GROUP, "correct_answer", "谁？", REFERENCE, ANSWER.digest),) == kind.operations(step)


def test_only_what_differs_is_sent() -> None:
    join, permissions = JoinKind(), PermissionsKind()

    def steps(kind: Any, *changed: str) -> list[str]:
        step = Step(Action.UPDATE, WISH, SELF, kind.wanted(WISH)[""], Observed({}), frozenset(changed))
        return [repr(operation) for operation in kind.operations(step)]

    assert [] == steps(join)
    assert [repr(SetMemberInvites(GROUP, "disabled"))] == steps(join, "member_invites")
    assert [repr(SetHistoryVisible(GROUP, True))] == steps(join, "history_visible_to_new_members")
    assert [repr(SetRobots(GROUP, "forbidden"))] == steps(join, "robots")
    assert [] == steps(permissions)
    assert [repr(SetPermissions(GROUP, ("temporary_session",), ("create_group",)))] == steps(
        permissions, "temporary_session", "create_group"
    )


def test_details_are_read_only_where_yaml_speaks_of_them() -> None:
    named = hub(name="x", avatar=Asset("a.png", SHA256, 1))

    assert Collection.SETTINGS not in ProfileKind().needed(named)
    assert Collection.SETTINGS in ProfileKind().needed(replace(named, description="x"))
    assert not JoinKind().managed(named)
    assert not PermissionsKind().managed(named)


@pytest.mark.parametrize(
    ("listed", "detailed", "found"),
    [("甲", None, "甲"), ("", "乙", ""), (None, "乙", "乙"), (None, None, UNREADABLE)],
)
def test_a_description_is_taken_from_where_it_is(listed: str | None, detailed: str | None, found: Any) -> None:
    wish = hub(description="x")
    live = LiveGroup(
        SELF,
        Known(LiveProfile("名", "", False, description=listed)),
        settings=Known(LiveSettings(description=detailed)),
    )
    kind = ProfileKind()
    (reading,) = kind.observe(wish, kind.wanted(wish), {}, live).values()

    assert isinstance(reading, Known)
    assert {"description": found} == reading.value.fields


def test_details_that_could_not_be_read_leave_name_and_picture_readable() -> None:
    wish = hub(name="x", description="x")
    kind = ProfileKind()
    live = LiveGroup(SELF, Known(LiveProfile("名", "", False)), settings=Unknown(say("lost")))
    found = kind.observe(wish, kind.wanted(wish), {}, live)

    assert isinstance(found[""], Known)
    assert isinstance(found["description"], Unknown)


def test_a_description_has_no_steps_and_is_a_persons_to_change() -> None:
    kind, wish = ProfileKind(), hub(description="x")
    wanted = kind.wanted(wish)["description"]
    step = Step(Action.UPDATE, wish, SELF, wanted, Observed({}), frozenset({"description"}))

    assert () == kind.operations(step)
    assert "群简介" in str(kind.by_hand(wish, wanted, settings()))


def test_a_remembered_part_that_yaml_left_out_is_not_answered_so_that_it_is_forgotten() -> None:
    kind, wish = ProfileKind(), hub(description="x")
    found = kind.observe(wish, kind.wanted(wish), {"": Last({"name": "x"})}, settings())

    assert ["description"] == list(found)
