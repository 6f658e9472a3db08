"""Linked groups: who is let in because of other groups, who is removed, and what nobody could see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import Configuration, Penalty, Rule
from qqgroup_provision.behavior.decision import (
    Approve,
    AskMembers,
    Decision,
    Kick,
    Note,
    Reject,
    Say,
    TickOthers,
    Wake,
)
from qqgroup_provision.behavior.event import Census, Elsewhere, Joined, Member, Person, Requested, Tick
from qqgroup_provision.behavior.joining import Course, Demand, Review, ReviewRule
from qqgroup_provision.behavior.linked import Blacklist, Links, MemberOf, Neighbour, OneGroup, OnMember, Overflow
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.ports import Rank
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, Talk, contains, message

SECOND, THIRD = Neighbour(731000002, "二群"), Neighbour(731000003, "三群")
DAY = 86400.0
ONE_GROUP = OneGroup((SECOND, THIRD), "只能加一个", frozenset({"team"}), frozenset({BEN.qq}))
HUB = MemberOf(SECOND, parse("请先加入 {group_name}（{group_id}）"))
OVERFLOW = Overflow((replace(SECOND, keep_free=5), THIRD), parse("请加 {group_name}"), keep_free=2)
LET_IN = Review((ReviewRule(Course.APPROVE, Demand()),))


def linked(links: Links, memory: Notebook | None = None, **more: object) -> Talk:
    configuration = Configuration("hub", GROUP, "总群", links=links, review=LET_IN)
    return Talk(Prepared(replace(configuration, **more)), memory)  # type: ignore[arg-type]


def asks(talk: Talk, person: Person = ANN, number: str = "1", **groups: Elsewhere) -> Decision:
    return talk.event(Requested(GROUP, number, person, "", NOON, ME, number, False, elsewhere=tuple(groups.values())))


def inside(group: Neighbour, member: bool | None) -> Elsewhere:
    return Elsewhere(group.id, member)


def course(decision: Decision) -> str:
    (reason,) = decision.reasons
    return f"{reason.item and reason.item.kind} {reason.verdict.value}"


# The blacklist of all of them.

BLACK = Links("py", (SECOND, THIRD), Blacklist(frozenset({ANN.qq}), reason="不行"))


def test_who_is_on_the_list_of_one_group_is_refused_by_all() -> None:
    decision = asks(linked(BLACK))

    assert (Reject("1", ANN.qq, "不行"),) == decision.actions
    assert "links rejected" == course(decision)
    assert "join_review approved" == course(asks(linked(BLACK), BEN))


def test_a_group_excepts_somebody_from_a_list_that_others_keep() -> None:
    """Lists that are subscribed to had no local exceptions: whoever one group forgave stayed out."""
    spared = replace(BLACK, blacklist=Blacklist(frozenset({ANN.qq}), frozenset({ANN.qq})))

    assert "join_review approved" == course(asks(linked(spared)))


def test_lists_alone_decide_and_leave_the_rest_to_the_admins_where_there_is_no_review() -> None:
    alone = linked(BLACK, review=None)

    assert ["links rejected", "links admins"] == [course(asks(alone, who)) for who in (ANN, BEN)]


def test_who_is_on_the_whitelist_is_let_in_whatever_the_group_s_own_rules_say() -> None:
    strict = Review((ReviewRule(Course.REJECT, reason="不收"),))
    white = Links("py", (SECOND,), whitelist=frozenset({ANN.qq}), one_group=ONE_GROUP, member_of=HUB)

    assert "links approved" == course(asks(linked(white, review=strict)))


def test_a_request_that_is_told_of_again_is_decided_once_also_after_a_restart() -> None:
    memory = Notebook()
    first, again = asks(linked(BLACK, memory)), asks(linked(BLACK, memory))

    assert ["links rejected", "join_review decided"] == [course(first), course(again)]
    assert () == again.actions


def test_nothing_is_said_in_any_group_of_what_somebody_is_in_another() -> None:
    everything = Links("py", (SECOND, THIRD), Blacklist(frozenset({ANN.qq}), on_member=OnMember.KICK), frozenset(),
                       one_group=ONE_GROUP, overflow=OVERFLOW, member_of=HUB)  # fmt: skip
    talk = linked(everything)
    decisions = [
        asks(talk), asks(talk, BEN, "2"), talk.event(Joined(GROUP, ANN, NOON, ME)), talk.event(census(ANN, BEN)),
    ]  # fmt: skip

    assert not [one for decision in decisions for one in decision.actions if isinstance(one, Say)]


# Whom rules removed.


def expelling(memory: Notebook, group: int = GROUP, **more: object) -> Talk:
    links = Links("py", (SECOND, THIRD), Blacklist(remembered=30 * DAY, on_member=OnMember.KICK))
    rules = (Rule("ads", "广告", contains("广告"), (Penalty(kick=True),), DAY),)
    talk = linked(replace(links, **more), memory, rules=rules)  # type: ignore[arg-type]
    if group != GROUP:
        configuration = replace(talk._prepared.configuration, group="second", group_id=group)
        talk = Talk(Prepared(configuration), memory)
    return talk


def test_whom_a_rule_removes_from_one_group_gets_into_none_and_the_others_look_at_once() -> None:
    memory = Notebook()
    here, there = expelling(memory), expelling(memory, SECOND.id)
    decision = here.hear("广告")

    assert [Kick(ANN.qq), TickOthers((SECOND.id, THIRD.id))] == list(decision.actions)
    there.wait(60)
    assert "links rejected" == course(asks(there))
    there.wait(30 * DAY)
    assert "join_review approved" == course(asks(there, number="2"))


@pytest.mark.parametrize(
    "spared",
    [{"whitelist": frozenset({ANN.qq})}, {"blacklist": Blacklist(frozenset(), frozenset({ANN.qq}), 30 * DAY)}],
)
def test_who_is_spared_is_not_put_on_the_list_by_a_rule(spared: dict[str, object]) -> None:
    memory = Notebook()
    decision = expelling(memory, **spared).hear("广告")

    assert [Kick(ANN.qq)] == list(decision.actions)
    assert "join_review approved" == course(asks(expelling(memory, SECOND.id)))


def test_strikes_of_a_rule_count_in_all_linked_groups_where_they_are_shared() -> None:
    steps = (Penalty(warn=True), Penalty(kick=True))
    for shared, last in ((True, Kick), (False, Say)):
        memory = Notebook()
        links = Links("py", (SECOND,), shared_strikes=shared)
        rule = Rule("ads", "广告", contains("广告"), steps, DAY)
        linked(links, memory, rules=(rule,)).hear("广告")
        there = linked(links, memory, rules=(rule,), group="second")
        assert last is type(there.hear("广告").actions[0])


# Members who are on the list.


def census(*people: Person, members: tuple[Member, ...] | None = None) -> Census:
    found = members if members is not None else tuple(Member(one) for one in people)
    return Census(GROUP, found, len(found), NOON, ME)


def kicking(*qqs: int) -> Links:
    return Links("py", (SECOND,), Blacklist(frozenset(qqs), on_member=OnMember.KICK))


def test_members_on_the_list_are_looked_for_once_a_day_and_when_it_is_another_one() -> None:
    memory = Notebook()

    def looks(links: Links, at: datetime) -> bool:
        talk = linked(links, memory)
        talk.now = at
        decision = talk.event(Tick(GROUP, NOON, ME))
        assert [one for one in decision.actions if isinstance(one, Wake)]
        return any(isinstance(one, AskMembers) for one in decision.actions)

    later = NOON + timedelta(hours=1)
    assert [True, False, True, False] == [
        looks(kicking(1), NOON), looks(kicking(1), later), looks(kicking(1, 2), later), looks(kicking(1, 2), later),
    ]  # fmt: skip
    assert looks(kicking(1, 2), later + timedelta(days=1))
    assert not looks(Links("py", (SECOND,), Blacklist()), later + timedelta(days=9)), "nobody is on it"


def test_plain_members_on_the_list_are_removed_once_a_day_and_admins_and_bots_never() -> None:
    owner, admin, bot = Person(1, rank=Rank.OWNER), Person(2, rank=Rank.ADMIN), Person(3)
    talk = linked(kicking(1, 2, 3, 4, ANN.qq, BEN.qq), bots=frozenset({3}))
    robot = Member(Person(4), robot=True)
    decision = talk.event(census(members=(*map(Member, (owner, admin, bot, ANN)), robot)))

    assert (Kick(ANN.qq, look=True),) == decision.actions
    assert () == talk.event(Joined(GROUP, ANN, NOON, ME)).actions, "an admin let them in again, and that stands"
    assert (Kick(BEN.qq, look=True),) == talk.event(Joined(GROUP, BEN, NOON, ME)).actions
    talk.wait(DAY + 1)
    assert (Kick(ANN.qq, look=True),) == talk.event(census(ANN)).actions


def test_members_on_the_list_are_only_written_down_unless_yaml_says_otherwise() -> None:
    talk = linked(BLACK)
    (action,) = talk.event(census(ANN)).actions

    assert isinstance(action, Note)
    assert str(ANN.qq) in str(action.text)
    assert () == talk.event(census(ANN)).actions


def test_a_list_of_members_that_could_not_be_read_removes_nobody() -> None:
    assert () == linked(kicking(ANN.qq)).event(Census(GROUP, None, 2, NOON, ME)).actions


def test_a_list_on_which_many_members_are_is_taken_for_a_mistake() -> None:
    """A file with the wrong column in it would empty the group."""
    people = [Person(qq) for qq in range(1, 31)]
    few, many = kicking(*range(1, 6)), kicking(*range(1, 7))

    assert 5 == len(linked(few).event(census(*people)).actions)
    (note,) = linked(many).event(census(*people)).actions
    assert isinstance(note, Note)
    assert "6 of 30" in str(note.text)


# One group for each.


@pytest.mark.parametrize(
    ("second", "third", "expected"),
    [
        (False, False, "join_review approved"),
        (True, False, "links rejected"),
        (None, True, "links rejected"),
        (None, False, "links admins"),
    ],
)
def test_who_is_in_another_linked_group_is_refused_and_what_cannot_be_seen_refuses_nobody(
    second: bool | None, third: bool | None, expected: str
) -> None:
    talk = linked(Links("py", (SECOND, THIRD), one_group=ONE_GROUP))

    assert expected == course(asks(talk, a=inside(SECOND, second), b=inside(THIRD, third)))


def test_a_group_that_nobody_looked_into_is_not_seen() -> None:
    assert "links admins" == course(asks(linked(Links("py", one_group=ONE_GROUP))))


def test_some_people_and_roles_may_be_in_several_groups() -> None:
    links = Links("py", one_group=ONE_GROUP)
    team = linked(links, roles={ANN.qq: frozenset({"team"})})

    assert ["join_review approved"] * 2 == [course(asks(team)), course(asks(linked(links), BEN))]
    assert frozenset() == links.looked_into(ANN.qq, frozenset({"team"})), "and nobody asks a server about them"


def test_two_groups_do_not_let_the_same_person_in_at_the_same_time() -> None:
    """Neither list of members shows them yet, so each group alone would let them in."""
    memory, links = Notebook(), Links("py", (SECOND,), one_group=replace(ONE_GROUP, among=(SECOND,)))
    there = linked(replace(links, one_group=replace(ONE_GROUP, among=(Neighbour(GROUP, "总群"),))), memory,
                   group="second", group_id=SECOND.id)  # fmt: skip
    here = linked(links, memory)
    unseen = {"a": inside(SECOND, False)}

    assert "join_review approved" == course(asks(here, **unseen))
    request = Requested(SECOND.id, "9", ANN, "", NOON, ME, "9", False, elsewhere=(Elsewhere(GROUP, False),))
    assert "links admins" == course(there.event(request))
    there.wait(600)
    assert "join_review approved" == course(there.event(replace(request, id="10", number="10")))


# Only members of another group.


@pytest.mark.parametrize(
    ("member", "expected"), [(True, "join_review approved"), (False, "links rejected"), (None, "links admins")]
)
def test_only_members_of_another_group_come_in_and_whom_nobody_can_see_there_is_a_person_s_to_decide(
    member: bool | None, expected: str
) -> None:
    decision = asks(linked(Links("py", member_of=HUB)), a=inside(SECOND, member))

    assert expected == course(decision)
    if member is False:
        assert (Reject("1", ANN.qq, "请先加入 二群（731000002）"),) == decision.actions


# Full groups.


@pytest.mark.parametrize(
    ("here", "second", "third", "told"),
    [
        (3, None, None, None),
        (None, 100, 100, None),
        (2, 6, 100, "请加 二群"),
        (0, 5, 1, "请加 三群"),
        (0, None, 1, "请加 三群"),
        (0, 0, 0, None),
        (0, 0, None, None),
    ],
)
def test_a_full_group_sends_people_to_the_next_one_that_is_known_to_have_room(
    here: int | None, second: int | None, third: int | None, told: str | None
) -> None:
    seen = {
        "a": Elsewhere(GROUP, None, here),
        "b": Elsewhere(SECOND.id, None, second),
        "c": Elsewhere(THIRD.id, None, third),
    }
    decision = asks(linked(Links("py", overflow=OVERFLOW)), **seen)

    if told is None:
        assert (Approve("1", ANN.qq),) == decision.actions, "the group's own rules decide"
    else:
        assert (Reject("1", ANN.qq, told),) == decision.actions


@given(
    st.dictionaries(st.sampled_from([SECOND.id, THIRD.id]), st.none()),
    st.sampled_from([Links("py", one_group=ONE_GROUP), Links("py", member_of=HUB), Links("py", overflow=OVERFLOW)]),
)
def test_what_nobody_could_see_never_refuses_anybody(unseen: Mapping[int, None], links: Links) -> None:
    told = {str(group): Elsewhere(group) for group in unseen}

    assert not [one for one in asks(linked(links), **told).actions if isinstance(one, Reject)]


def test_messages_cost_nothing_more() -> None:
    talk = linked(Links("py", (SECOND,), Blacklist(frozenset({1})), one_group=ONE_GROUP))

    assert Decision() == talk.event(message("早上好"))
