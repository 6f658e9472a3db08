"""Who gets into a group, and how: every method of joining, every policy of inviting, and every answer."""

from __future__ import annotations

from typing import Any

import pytest

from qqgroup_provision.simulator.ledger import Refusal
from qqgroup_provision.simulator.world import World
from tests.simulator.people import ADMIN, ALICE, BOB, GROUP, KINDS, MILKY, ONEBOT, SELF, STRANGER, scene, seed


def world_with(**settings: Any) -> World:
    return World(seed(group={"settings": settings}))


def asked(world: World, answer: str = "") -> str:
    """What comes of asking: in, waiting, or the words of the refusal."""
    try:
        number = world.requests.ask(GROUP, STRANGER, "陌生人", answer)
    except Refusal as refusal:
        return refusal.words
    return "waiting" if number else "in"


@pytest.mark.parametrize(
    ("method", "answer", "expected"),
    [
        ("open", "", "in"), ("closed", "", "may not join"), ("review", "", "waiting"),
        ("correct_answer", "42", "in"), ("correct_answer", "43", "may not join"),
        ("question_and_review", "43", "waiting"),
    ],
)  # fmt: skip
def test_what_comes_of_asking_is_the_way_the_group_lets_people_in(method: str, answer: str, expected: str) -> None:
    world = world_with(method=method, question="几?", answer="42")
    assert expected == asked(world, answer)
    assert (expected == "in") == (world.member(GROUP, STRANGER) is not None)
    comments = {row["comment"] for row in world.requests.listed(GROUP)}
    assert comments == {"waiting": {"问题：几?\n答案：43" if answer else ""}}.get(expected, set())
    world.close()


@pytest.mark.parametrize(
    ("policy", "small", "large"),
    [
        ("disabled", "no", "no"), ("require_approval", "waiting", "waiting"), ("no_approval", "in", "in"),
        ("no_approval_under_100", "in", "waiting"),
    ],
)  # fmt: skip
def test_a_member_brings_somebody_along_as_the_group_allows_and_an_admin_always(
    policy: str, small: str, large: str
) -> None:
    for strangers, expected in ((0, small), (100, large)):
        group = {"settings": {"member_invites": policy}, "strangers": strangers}
        for inviter, wanted in ((BOB, expected), (ADMIN, "in")):
            world = World(seed(group=group))
            try:
                found = "waiting" if world.requests.bring(inviter, GROUP, STRANGER, "陌生人") else "in"
            except Refusal:
                found = "no"
            assert wanted == found, (inviter, strangers)
            world.close()


def test_who_was_thrown_out_for_good_may_not_ask_again() -> None:
    world = world_with()
    world.kick(ADMIN, GROUP, BOB)
    assert world.requests.ask(GROUP, BOB, "Bob")
    world.requests.answer(ADMIN, world.requests.listed()[0]["id"], approve=True)
    world.kick(ADMIN, GROUP, BOB, for_good=True)
    with pytest.raises(Refusal, match="may not join"):
        world.requests.ask(GROUP, BOB, "Bob")
    world.close()


def test_nobody_gets_into_a_full_group_into_one_they_are_in_or_into_none() -> None:
    world = World(seed(group={"capacity": 4, "settings": {"method": "open"}}))
    assert "group is full" == asked(world)
    with pytest.raises(Refusal, match="already in the group"):
        world.requests.ask(GROUP, ALICE, "Alice")
    with pytest.raises(Refusal, match="no such group"):
        world.requests.ask(7, STRANGER, "陌生人")
    world.change_settings(SELF, GROUP, method="review")
    request = world.requests.ask(GROUP, STRANGER, "陌生人")
    with pytest.raises(Refusal, match="full"):
        world.requests.answer(SELF, request, approve=True)
    world.quit(BOB, GROUP)
    world.requests.answer(SELF, request, approve=True)
    assert world.member(GROUP, STRANGER) is not None
    world.close()


def test_an_invitation_is_answered_by_nobody_but_who_is_invited() -> None:
    world = World(seed(group={"owner": ADMIN, "admins": [], "members": [ALICE]}))
    number = world.requests.invite(ALICE, GROUP, SELF, "小助手")
    with pytest.raises(Refusal, match="no such request"):
        world.requests.answer(ADMIN, number, approve=True)
    world.requests.answer(SELF, number, approve=False)
    with pytest.raises(Refusal, match="has been handled"):
        world.requests.answer(SELF, number, approve=True)
    assert world.member(GROUP, SELF) is None
    world.close()


# Answering over each protocol


def flag(found: Any) -> str:
    return str(found.told()[-1]["flag"])


@pytest.mark.parametrize("kind", ONEBOT)
@pytest.mark.parametrize("approve", [True, False])
def test_a_bot_answers_a_request_by_the_flag_it_was_told(kind: str, approve: bool) -> None:
    with scene(kind) as found:
        found.world.requests.ask(GROUP, STRANGER, "陌生人", "")
        found.call("set_group_add_request", flag=flag(found), sub_type="add", approve=approve, reason="不")
        (row,) = found.world.requests.listed()
        assert ("accepted" if approve else "rejected", SELF) == (row["state"], row["handled_by"])
        assert approve == (found.world.member(GROUP, STRANGER) is not None)
        assert int(approve) == len(found.told())


@pytest.mark.parametrize("kind", ONEBOT)
def test_an_account_follows_an_invitation(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [ALICE]}) as found:
        found.world.requests.invite(ALICE, GROUP, SELF, "小助手")
        found.call("set_group_add_request", flag=flag(found), sub_type="invite", approve=True)
        assert [GROUP] == [group["group_id"] for group in found.call("get_group_list")]


@pytest.mark.parametrize(
    ("kind", "unknown", "again"),
    [
        ("napcat", "No such request", None),
        ("llbot", "flag 不存在", "request has been handled"),
        ("lagrange", "", ""),
        ("gocq", "FLAG_NOT_FOUND", "FLAG_HAS_BEEN_CHECKED"),
    ],
)
def test_an_answer_to_nothing_and_a_second_one_are_told_as_each_does(
    kind: str, unknown: str, again: str | None
) -> None:
    with scene(kind) as found:
        found.world.requests.ask(GROUP, STRANGER, "陌生人", "")
        params = {"flag": flag(found), "sub_type": "add"}
        for wrong in ("7", "x", "", "1|2|3|4", "9" * 30):
            body = found.refused("set_group_add_request", **{**params, "flag": wrong})
            assert unknown in (body.get("msg"), body.get("message", ""))
        found.call("set_group_add_request", **params, approve=False)
        if again is None:
            found.call("set_group_add_request", **params, approve=True)
        else:
            body = found.refused("set_group_add_request", **params, approve=True)
            assert again in (body.get("msg"), body.get("message", ""))
        assert found.world.member(GROUP, STRANGER) is None


def test_go_cqhttp_has_to_be_told_of_which_sort_a_request_is() -> None:
    with scene("gocq") as found:
        found.world.requests.ask(GROUP, STRANGER, "陌生人", "")
        body = found.refused("set_group_add_request", flag=flag(found), sub_type="invite")
        assert "FLAG_NOT_FOUND" == body["msg"]


def test_requests_are_listed_with_who_asks_where_each_puts_them() -> None:
    for kind, key in (("napcat", "invitor_uin"), ("llbot", "requester_uin"), ("gocq", "requester_uin")):
        with scene(kind) as found:
            number = found.world.requests.ask(GROUP, STRANGER, "陌生人", "我想学")
            listed = found.call("get_group_system_msg")
            (row,) = listed["join_requests"]
            assert (number, STRANGER, "陌生人", "我想学", False) == tuple(
                row[name] for name in ("request_id", key, "requester_nick", "message", "checked")
            )
            assert (None if kind == "gocq" else []) == listed["invited_requests"]
    with scene("lagrange") as found:
        found.world.requests.ask(GROUP, STRANGER, "陌生人", "我想学")
        (row,) = found.call("get_group_requests")
        assert found.told() == [row]


@pytest.mark.parametrize("kind", MILKY)
@pytest.mark.parametrize("approve", [True, False])
def test_a_request_is_answered_over_milky_by_its_number_and_sort(kind: str, approve: bool) -> None:
    action = "accept_group_request" if approve else "reject_group_request"
    with scene(kind) as found:
        found.world.requests.ask(GROUP, STRANGER, "陌生人", "我想学")
        found.world.requests.bring(BOB, GROUP, STRANGER + 1, "另一位")
        brought, listed = found.call("get_group_notifications")["notifications"]
        assert ("invited_join_request", BOB, STRANGER + 1, "pending") == tuple(
            brought[key] for key in ("type", "initiator_id", "target_user_id", "state")
        )
        params = {"notification_seq": listed["notification_seq"], "group_id": GROUP}
        wrong = found.service.call(action, {**params, "notification_type": "invited_join_request"})
        assert -404 == wrong.body["retcode"]
        found.call(action, **params, notification_type="join_request")
        assert approve == (found.world.member(GROUP, STRANGER) is not None)
        state = "accepted" if approve else "rejected"
        assert state == found.call("get_group_notifications")["notifications"][1]["state"]


@pytest.mark.parametrize("kind", MILKY)
def test_an_invitation_is_followed_over_milky(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [ALICE]}) as found:
        found.world.requests.invite(ALICE, GROUP, SELF, "小助手")
        number = found.told()[0]["data"]["invitation_seq"]
        found.call("accept_group_invitation", group_id=GROUP, invitation_seq=number)
        assert found.world.member(GROUP, SELF) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_only_an_admin_may_answer(kind: str) -> None:
    with scene(kind, group={"owner": ADMIN, "admins": [], "members": [SELF]}) as found:
        number = found.world.requests.ask(GROUP, STRANGER, "陌生人", "")
        with pytest.raises(Refusal):
            found.world.requests.answer(SELF, number, approve=True)
        assert found.world.member(GROUP, STRANGER) is None
