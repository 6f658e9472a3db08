"""Newcomers are asked: who answers stays, who does not goes once, and nobody for a deadline that nobody watched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.decision import Action, Decision, Kick, Mute, Say, Verdict, Wake
from qqgroup_provision.behavior.event import At, Joined, Left, Person, Text, Tick, Unsaid
from qqgroup_provision.behavior.joining import Newcomer, Otherwise
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.newcomer import FORGOTTEN, LATE, MOST_TIMES
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.ports import Rank
from tests.behavior.material import ANN, BEN, GROUP, ME, NOON, Talk, contains, ready, reply, said, saying, verdicts

MINUTE = 60.0


def asking(**more: object) -> Prepared:
    """A group whose newcomers have ten minutes to say a word, or are removed."""
    plain: dict[str, object] = {"otherwise": Otherwise.KICK, **more}
    newcomer = Newcomer((saying("请回复关键词"),), contains("友善"), 10 * MINUTE, **plain)  # type: ignore[arg-type]
    return ready(reply("hi", "好"), newcomer=newcomer, roles={BEN.qq: frozenset({"team"})})


class Door:
    """A group that people come into, and a bot that sleeps until it asked to be woken."""

    def __init__(self, prepared: Prepared, memory: Notebook | None = None) -> None:
        self.talk = Talk(prepared, memory)
        self.done: list[Action] = []
        self._wakes: set[float] = set()
        self._since = NOON  # since when the bot listens

    def happened(self, decision: Decision) -> Decision:
        self.done += [action for action in decision.actions if not isinstance(action, Wake)]
        self._wakes |= {action.at.timestamp() for action in decision.actions if isinstance(action, Wake)}
        return decision

    def join(self, person: Person = ANN) -> Decision:
        return self.happened(self.talk.event(Joined(GROUP, person, NOON, ME)))

    def say(self, text: str, person: Person = ANN) -> Decision:
        return self.happened(self.talk.hear(text, sender=person))

    def tick(self, *, begins: bool = False) -> Decision:
        since = self.talk.now if begins else self._since
        self._since = since
        return self.happened(self.talk.event(Tick(GROUP, NOON, ME, since=since)))

    def wait(self, minutes: float) -> None:
        """Time goes by, and the bot is woken whenever it asked for it."""
        end = self.talk.now + timedelta(minutes=minutes)
        while self._wakes and min(self._wakes) <= end.timestamp():
            first = min(self._wakes)
            self._wakes.discard(first)
            self.talk.wait(max(0.0, first - self.talk.now.timestamp()))
            self.tick()
        self.talk.wait((end - self.talk.now).total_seconds())

    def sleep(self, minutes: float) -> None:
        """Time goes by in which the bot is not there; then it begins again."""
        self._wakes.clear()
        self.talk.wait(minutes * MINUTE)
        self.tick(begins=True)

    def taken(self) -> list[str]:
        """What was done since this was last asked."""
        names = [said(Decision((one,))) or type(one).__name__ for one in self.done]
        self.done.clear()
        return names


QUESTION = f"@{ANN.qq} 请回复关键词"
AGAIN = f"刚才没能听到回答，请再回答一次。@{ANN.qq} 请回复关键词"


def test_who_answers_in_time_is_thanked_and_waited_for_no_more() -> None:
    door = Door(asking(thanks=(saying("谢谢 {name}"),)))
    assert Verdict.ASKED in verdicts(door.join()).values()
    door.wait(9)
    decision = door.say("友 善！")
    door.wait(60)

    assert [QUESTION, "谢谢 小艾"] == door.taken()
    assert Verdict.ANSWERED in verdicts(decision).values()
    assert "contains: 友善" == str(decision.reasons[0].because[0].condition)


def test_who_is_thanked_for_nothing_still_gets_replies() -> None:
    door = Door(asking())
    door.join()

    assert [QUESTION, "hi"] == [*door.taken(), said(door.say("你好，友善"))]


def test_who_does_not_answer_is_removed_once_after_a_reminder() -> None:
    door = Door(asking(remind_before=MINUTE))
    door.join()
    door.wait(9)
    assert [QUESTION, f"@{ANN.qq} 请尽快回答入群问题，时间快到了。"] == door.taken()
    door.wait(1)
    assert [Kick(ANN.qq, look=True)] == door.done, "it is looked whether they are an admin by now"
    door.wait(60)
    door.tick()
    door.tick(begins=True)
    assert ["Kick"] == door.taken()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"otherwise": Otherwise.REPORT}, [f"@{ANN.qq} 没有回答入群问题，请管理员处理。"]),
        ({"otherwise": Otherwise.MUTE, "mute": 3600.0}, ["Mute"]),
    ],
)
def test_other_things_than_removing_can_come_of_no_answer(more: dict[str, object], expected: list[str]) -> None:
    door = Door(asking(**more))
    door.join()
    door.wait(10)

    assert [3600] == [one.seconds for one in door.done if isinstance(one, Mute)] or "mute" not in more
    assert [QUESTION, *expected] == door.taken()


def test_so_many_wrong_answers_end_it_and_a_right_one_still_counts_before() -> None:
    door = Door(asking(attempts=3))
    door.join()
    assert Verdict.WRONG in verdicts(door.say("不知道")).values()
    door.say("好")
    door.say("谁知道")
    assert [
        QUESTION, f"@{ANN.qq} 不对，还可以再答 2 次。", f"@{ANN.qq} 不对，还可以再答 1 次。", "Kick",
    ] == door.taken()  # fmt: skip
    door.join()
    door.say("不知道")
    door.say("友善")
    door.wait(60)
    assert "Kick" not in door.taken()


def test_without_a_limit_of_attempts_people_may_talk_and_are_answered() -> None:
    door = Door(asking())
    door.join()

    assert "hi" == said(door.say("你好"))


def test_what_others_say_is_no_answer() -> None:
    door = Door(asking())
    door.join()
    assert not door.say("友善", BEN).reasons
    door.wait(10)

    assert [QUESTION, "Kick"] == door.taken()


def test_who_leaves_is_waited_for_no_more() -> None:
    door = Door(asking())
    door.join()
    door.happened(door.talk.event(Left(GROUP, ANN, NOON)))
    door.wait(60)

    assert [QUESTION] == door.taken()


@pytest.mark.parametrize("rank", [Rank.ADMIN, Rank.OWNER])
def test_who_became_an_admin_meanwhile_has_nothing_to_answer(rank: Rank) -> None:
    door = Door(asking(attempts=1))
    door.join()
    assert Verdict.EXEMPT in verdicts(door.say("大家好", Person(ANN.qq, rank=rank))).values()
    door.wait(60)

    assert "Kick" not in door.taken()


def test_people_of_exempt_roles_bots_and_the_bot_itself_are_not_asked() -> None:
    door = Door(asking(exempt_roles=frozenset({"team"})))
    for person in (BEN, Person(ME)):
        door.join(person)
    door.wait(60)

    assert [] == door.taken()


@pytest.mark.parametrize(
    ("inviter", "asked"),
    [
        (Person(5, rank=Rank.ADMIN), False),
        (Person(5, rank=Rank.OWNER), False),
        (BEN, False),
        (Person(5, rank=Rank.MEMBER), True),
        (Person(5, rank=None), True),
    ],
)
def test_whom_an_admin_brings_along_is_not_asked(inviter: Person, asked: bool) -> None:
    """Another bot asked them all the same."""
    door = Door(asking(exempt_roles=frozenset({"team"})))
    door.happened(door.talk.event(Joined(GROUP, ANN, NOON, ME, inviter)))

    assert [QUESTION] * asked == door.taken()


def test_who_is_told_of_twice_is_asked_once() -> None:
    door = Door(asking())
    door.join()
    door.join()

    assert [QUESTION] == door.taken()


# Deadlines live longer than the bot: those of other bots lived in memory, and a restart lost them.


def test_deadlines_outlast_a_restart() -> None:
    memory = Notebook()
    before = Door(asking(), memory)
    before.join()
    after = Door(asking(), memory)
    after.talk.now = before.talk.now
    after.sleep(1)
    after.wait(10)

    assert [AGAIN, "Kick"] == after.taken(), "asked once more, since an answer may not have been heard"


@pytest.mark.parametrize("minutes", [1, 9.9, 10, 11, 60])
def test_nobody_is_removed_for_a_deadline_that_passed_while_no_bot_was_there(minutes: float) -> None:
    door = Door(asking())
    door.join()
    door.sleep(minutes)
    assert [QUESTION, AGAIN] == door.taken()
    door.wait(9)
    assert [] == door.taken(), "the whole time again"
    door.say("友善")
    door.wait(60)
    assert [] == door.taken()


def test_a_machine_that_slept_is_a_bot_that_was_not_there() -> None:
    door = Door(asking())
    door.join()
    door.talk.wait(10 * MINUTE + LATE.total_seconds() + 1)
    door.tick()

    assert [QUESTION, AGAIN] == door.taken()


def test_a_tick_that_comes_a_little_late_is_in_time() -> None:
    door = Door(asking())
    door.join()
    door.talk.wait(10 * MINUTE + 5)
    door.tick()

    assert [QUESTION, "Kick"] == door.taken()


def test_who_was_asked_again_and_again_in_vain_is_left_alone() -> None:
    door = Door(asking())
    door.join()
    for _ in range(MOST_TIMES + 2):
        door.sleep(1)
    door.wait(60)

    assert [QUESTION, *[AGAIN] * (MOST_TIMES - 1)] == door.taken()


def test_after_a_day_nobody_is_asked_again() -> None:
    door = Door(asking())
    door.join()
    door.sleep(10 + FORGOTTEN.total_seconds() / 60 + 1)

    assert [QUESTION] == door.taken()


def test_who_could_not_be_asked_is_not_removed() -> None:
    door = Door(asking())
    door.join()
    door.happened(door.talk.event(Unsaid(GROUP, "hub/reply/hi", (ANN.qq,), NOON)))
    door.join(BEN)
    door.happened(door.talk.event(Unsaid(GROUP, "hub/newcomer", (ANN.qq,), NOON)))
    door.wait(60)

    assert [Kick(BEN.qq, look=True)] == [one for one in door.done if isinstance(one, Kick)]


def test_a_check_that_was_switched_off_removes_nobody() -> None:
    memory = Notebook()
    door = Door(asking(), memory)
    door.join()
    off = Door(ready(reply("hi", "好")), memory)
    off.talk.now = door.talk.now
    off.wait(10)
    off.tick()

    assert [] == off.taken()


def test_a_clock_that_was_put_back_neither_removes_nor_waits_for_ever() -> None:
    door = Door(asking())
    door.join()
    door.talk.now -= timedelta(days=30)
    door.tick()
    door.wait(9.9)
    assert [QUESTION] == door.taken()
    door.wait(0.1)
    assert ["Kick"] == door.taken()


def test_a_rush_is_asked_together_after_a_restart_and_each_is_removed_alone() -> None:
    door = Door(asking())
    people = [Person(1000 + number) for number in range(45)]
    for person in people:
        door.join(person)
    door.taken()
    door.sleep(1)
    asked = [[part.qq for part in one.segments if isinstance(part, At)] for one in door.done if isinstance(one, Say)]
    assert [20, 20, 5] == list(map(len, asked))
    door.done.clear()
    door.wait(10)
    assert {person.qq for person in people} == {one.qq for one in door.done if isinstance(one, Kick)}
    assert len(people) == len(door.done)


def test_a_question_that_mentions_by_itself_mentions_once() -> None:
    newcomer = Newcomer((saying("{at} 在 {group_name} 请回答"),), contains("友善"), 60)
    decision = Talk(ready(newcomer=newcomer)).event(Joined(GROUP, ANN, NOON, ME))

    assert f"@{ANN.qq} 在 总群 请回答" == said(decision)
    assert isinstance(decision.actions[0], Say)
    assert Text("@") not in decision.actions[0].segments


PEOPLE = [Person(qq) for qq in (1, 2, 3)]
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["join", "leave", "right", "wrong", "wait", "sleep", "tick"]),
        st.sampled_from(PEOPLE),
        st.integers(1, 15),
    ),
    max_size=25,
)


@given(HAPPENINGS, st.integers(0, 2))
def test_nobody_is_removed_who_answered_left_or_had_no_time_since_they_were_last_asked(
    happenings: list[tuple[str, Person, int]], attempts: int
) -> None:
    door = Door(asking(attempts=attempts))
    asked: dict[int, float] = {}  # when each of those who have to answer was last asked
    wrong: dict[int, int] = {}

    def settled() -> None:
        for one in door.done:
            if isinstance(one, Kick):
                early = door.talk.now.timestamp() - asked.pop(one.qq) < 10 * MINUTE
                assert not early or wrong[one.qq] >= attempts > 0
        door.done.clear()

    for what, person, minutes in happenings:
        if what == "join" and person.qq not in asked:
            door.join(person)
            asked[person.qq], wrong[person.qq] = door.talk.now.timestamp(), 0
        elif what == "leave":
            door.happened(door.talk.event(Left(GROUP, person, NOON)))
            asked.pop(person.qq, None)
        elif what == "right":
            door.say("友善", person)
            asked.pop(person.qq, None)
        elif what == "wrong":
            wrong[person.qq] = wrong.get(person.qq, 0) + 1
            door.say("不", person)
        elif what == "wait":
            door.wait(minutes)
        elif what == "sleep":
            door.sleep(minutes)
            again = {
                part.qq for one in door.done if isinstance(one, Say) for part in one.segments if isinstance(part, At)
            }
            asked.update((qq, door.talk.now.timestamp()) for qq in again & asked.keys())
        else:
            door.tick()
        settled()
