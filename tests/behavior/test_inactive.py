"""Members who are silent for long: who counts as one, what is done about them, and when nothing is.

Some are named after what other bots got wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqgroup_provision.behavior.configuration import CHINA
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import AskMembers, Decision, Kick, Note, Say, Wake
from qqgroup_provision.behavior.event import At, Census, Event, Member, Person, Text, Tick
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.observing import DAY, Exempt, Inactive
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.behavior.silence import silent_ones
from qqgroup_provision.ports import Rank
from tests.behavior.material import GROUP, ME, NOON, message, ready

FIRST = datetime(2027, 1, 1, 3, tzinfo=CHINA)
PLAIN = Inactive(180 * DAY, "0 3 1 * *", 30 * DAY)
KICK = replace(PLAIN, action="kick")
UNKNOWN = object()


def ago(days: float) -> datetime:
    return FIRST - timedelta(days=days)


def member(qq: int, joined: float | None = 900, spoke: float | None = 900, **more: object) -> Member:
    """Somebody who came and last spoke so many days ago; `spoke` of as many days as `joined` is never."""
    person = Person(qq, f"人{qq}", more.pop("rank", Rank.MEMBER), more.pop("level", None))  # type: ignore[arg-type]
    times = [None if days is None else ago(days) for days in (joined, spoke)]
    return replace(Member(person, times[0], times[1], ""), **more)  # type: ignore[arg-type]


US = member(ME, rank=Rank.ADMIN)
TALKERS = [member(1000 + n, spoke=1) for n in range(20)]


class Bot:
    def __init__(self, settings_: Inactive = PLAIN, memory: Notebook | None = None, **more: object) -> None:
        self.prepared: Prepared = ready(inactive=settings_, **more)
        self.memory = memory or Notebook()
        if memory is None:
            self.hear(Tick(GROUP, NOON, ME))

    def hear(self, event: Event) -> Decision:
        decision = decide(event, self.prepared, self.memory, event.at)
        self.memory.change(decision.changes)
        return decision

    def look(
        self, *members: Member, at: datetime = FIRST, others: bool = True, expected: int | None = None
    ) -> Decision:
        """What is done when time goes by, with a list that has these, the bot, and twenty who talk."""
        asked = self.hear(Tick(GROUP, at, ME))
        if AskMembers() not in asked.actions:
            return Decision()
        listed = (US, *(TALKERS if others else ()), *members)
        return self.hear(Census(GROUP, listed, len(listed) if expected is None else expected, at, ME))


def said(decision: Decision) -> str | None:
    for action in decision.actions:
        if isinstance(action, Say):
            return "".join(
                part.text if isinstance(part, Text) else f"@{part.qq}"
                for part in action.segments
                if isinstance(part, Text | At)
            )
    return None


def note(decision: Decision) -> str | None:
    return next((str(action.text) for action in decision.actions if isinstance(action, Note)), None)


def kicked(decision: Decision) -> list[int]:
    return [action.qq for action in decision.actions if isinstance(action, Kick)]


def names(*members: Member, heard: dict[int, datetime] | None = None, **more: object) -> list[int]:
    settings_ = replace(PLAIN, **more)  # type: ignore[arg-type]
    configuration = ready(inactive=settings_, roles={7: frozenset({"maintainers"})}).configuration
    census = Census(GROUP, members, len(members), FIRST, ME)
    return [one.qq for one in silent_ones(census, heard or {}, configuration, settings_, FIRST)]


def test_who_is_silent_for_so_long_counts_and_the_longest_silent_is_first() -> None:
    assert names(member(1, spoke=180), member(2, spoke=179.9), member(3, spoke=300), member(4, spoke=300)) == [
        3,
        4,
        1,
    ]


def test_never_having_spoken_is_no_silence_since_1970() -> None:
    newcomer, resident = member(1, joined=29, spoke=29), member(2, joined=31, spoke=31)
    assert names(newcomer, resident) == [2]


def test_somebody_who_has_just_come_has_time_to_speak() -> None:
    assert names(member(1, joined=3, spoke=3), never_spoke_after=180 * DAY) == []


def test_what_a_list_does_not_tell_is_said_of_nobody() -> None:
    assert names(member(1, joined=None), member(2, spoke=None), member(3, joined=None, spoke=None)) == []


def test_owner_admins_and_bots_are_never_silent() -> None:
    spared = [member(ME), member(1, rank=Rank.OWNER), member(2, rank=Rank.ADMIN), member(3, rank=None)]
    assert names(*spared, member(4, robot=True), member(2854196310), member(5)) == [5, 2854196310]
    bot = ready(inactive=PLAIN, bots=frozenset({2854196310})).configuration
    census = Census(GROUP, (member(2854196310),), 1, FIRST, ME)
    assert silent_ones(census, {}, bot, PLAIN, FIRST) == []


def test_roles_titles_and_levels_can_be_exempt_and_what_is_not_known_counts_for_people() -> None:
    exempt = Exempt(frozenset({"maintainers"}), titles=True, level=10)
    people = [
        member(1, level=3),
        member(7, level=3),
        member(2, level=10),
        member(3, level=None),
        member(4, level=3, title="讲师"),
        member(5, level=3, title=None),
    ]
    assert names(*people, exempt=exempt) == [1]
    assert names(*people) == [1, 2, 3, 4, 5, 7]


def test_what_the_bot_heard_itself_counts_as_well() -> None:
    heard = {1: ago(2), 2: ago(200)}
    assert names(member(1), member(2), heard=heard) == [2]
    assert names(member(3, spoke=181), heard={3: ago(400)}) == [3]


times = st.none() | st.floats(0, 1000, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(times, times, st.sampled_from([*Rank, None])), max_size=8))
def test_nobody_counts_of_whom_it_is_not_known(people: list[tuple[float | None, float | None, Rank | None]]) -> None:
    members = [member(n, joined, spoke, rank=rank) for n, (joined, spoke, rank) in enumerate(people, 1)]
    for qq in names(*members):
        joined, spoke, rank = people[qq - 1]
        assert rank is Rank.MEMBER
        assert joined is not None
        assert spoke is not None
        assert min(joined, spoke) >= 30
        assert spoke >= 180 or spoke >= joined


def test_a_report_names_them_and_mentions_nobody() -> None:
    decision = Bot().look(member(1), member(2, spoke=200))
    assert said(decision) == ("【久未发言】2 人\n人1　2024-07-15 入群，没有发过言\n人2　2026-06-15 之后没有发言")
    assert not any(isinstance(part, At) for action in decision.actions if isinstance(action, Say)
                   for part in action.segments)  # fmt: skip


def test_a_report_names_so_many_and_counts_the_rest() -> None:
    text = said(Bot(replace(PLAIN, at_most=2)).look(*(member(n) for n in range(1, 6)))) or ""
    assert text.startswith("【久未发言】5 人\n人1")
    assert text.endswith("\n另有 3 人")


def test_only_the_log_hears_of_it_if_that_is_wished() -> None:
    decision = Bot(replace(PLAIN, action="log")).look(member(1))
    assert (said(decision), note(decision)) == (None, "1 members have been silent for long: 人1 (1)")


def test_a_run_is_done_once_also_by_a_bot_that_begins_anew() -> None:
    bot = Bot()
    assert said(bot.look(member(1))) is not None
    assert Bot(memory=bot.memory).look(member(1), at=FIRST + timedelta(minutes=1)) == Decision()
    assert said(bot.look(member(1), at=FIRST + timedelta(days=31))) is not None


def test_a_warning_is_said_once_to_each_until_they_have_spoken() -> None:
    bot = Bot(replace(PLAIN, action="warn", at_most=2, refuse_above=1.0))
    month = timedelta(days=31)
    three = (member(1), member(2), member(3))
    assert said(bot.look(*three)) == "@1@2 很久没有在群里见到你们说话了，有空来打个招呼吧。"
    assert (said(bot.look(*three, at=FIRST + month)) or "").startswith("@3 ")
    assert said(bot.look(*three, at=FIRST + 2 * month)) is None
    assert (said(bot.look(*three, at=FIRST + 7 * month)) or "").startswith("@1@2 ")


def test_who_was_warned_and_stays_silent_is_removed_and_who_speaks_stays() -> None:
    bot = Bot(KICK)
    warned = bot.look(member(1), member(2), member(3))
    assert said(warned) == (
        "@1@2@3 你们很久没有在群里发言了。到1月8日 03:00 仍没有发言的，会被移出本群；在群里说一句话就会留下。"
    )
    assert kicked(warned) == []
    end = FIRST + timedelta(days=7)
    assert Wake(end) in warned.actions
    bot.hear(message("我在", sender=Person(2, "人2"), at=FIRST + timedelta(days=1)))
    spoke_unheard = replace(member(3), spoke=FIRST + timedelta(days=2))
    assert bot.look(member(1), at=end - timedelta(seconds=1)) == Decision()
    assert kicked(bot.look(member(1), member(2), spoke_unheard, member(4), at=end)) == [1]
    assert bot.look(member(1), at=end + timedelta(minutes=1)) == Decision()


def test_nobody_is_removed_without_a_warning_however_long_they_were_silent() -> None:
    bot = Bot(KICK)
    for month in range(6):
        decision = bot.look(member(10 + month), at=FIRST + timedelta(days=31 * month))
        assert kicked(decision) == []


def test_nobody_is_removed_twice_if_the_bot_dies_while_it_does_so() -> None:
    bot, end = Bot(KICK), FIRST + timedelta(days=7)
    bot.look(member(1))
    assert kicked(bot.look(member(1), at=end)) == [1]
    assert kicked(Bot(KICK, bot.memory).look(member(1), at=end)) == []


def test_who_was_to_be_removed_while_no_bot_ran_for_long_is_warned_again_first() -> None:
    bot = Bot(KICK)
    bot.look(member(1))
    late = FIRST + timedelta(days=40)
    decision = Bot(KICK, bot.memory).look(member(1), at=late)
    assert kicked(decision) == []
    assert (said(decision) or "").startswith("@1 ")


def test_the_day_that_people_were_told_stays_whatever_is_configured_since() -> None:
    bot, end = Bot(KICK), FIRST + timedelta(days=7)
    bot.look(member(1))
    sooner = Bot(replace(KICK, warn_before=DAY), bot.memory)
    assert kicked(sooner.look(member(1), at=FIRST + timedelta(days=2))) == []
    assert kicked(sooner.look(member(1), at=end)) == [1]


def test_who_was_told_is_not_removed_once_nobody_is_to_be() -> None:
    bot, end = Bot(KICK), FIRST + timedelta(days=7)
    bot.look(member(1))
    assert kicked(Bot(PLAIN, bot.memory).look(member(1), at=end)) == []
    assert kicked(Bot(KICK, bot.memory).look(member(1), at=end + timedelta(hours=1))) == []


def test_whoever_became_exempt_or_an_admin_meanwhile_stays() -> None:
    bot, end = Bot(replace(KICK, exempt=Exempt(titles=True))), FIRST + timedelta(days=7)
    bot.look(member(1), member(2), member(3))
    assert kicked(bot.look(member(1, title="讲师"), member(2, rank=Rank.ADMIN), member(3), at=end)) == [3]


def test_who_has_left_meanwhile_is_not_removed_from_elsewhere() -> None:
    bot, end = Bot(KICK), FIRST + timedelta(days=7)
    bot.look(member(1), member(2))
    (kick,) = (action for action in bot.look(member(2), at=end).actions if isinstance(action, Kick))
    assert (kick.qq, kick.look) == (2, True), "and what they are in the group is looked at once more"


def test_a_cleanup_that_would_leave_three_is_refused() -> None:
    decision = Bot(KICK).look(
        *(member(n) for n in range(1, 30)), member(40, spoke=1), member(41, spoke=1), others=False
    )
    assert "29 of 32 members" in (note(decision) or "")
    assert said(decision) is None


@pytest.mark.parametrize("wish", [KICK, replace(PLAIN, action="warn")])
def test_where_too_many_would_count_nobody_is_warned(wish: Inactive) -> None:
    decision = Bot(wish).look(*(member(n) for n in range(1, 13)))
    assert note(decision) == (
        "Nothing is done about silent members: 12 of 33 members would count as silent, more than `refuse_above`."
    )
    assert said(decision) is None
    assert said(Bot(replace(wish, refuse_above=0.5)).look(*(member(n) for n in range(1, 13)))) is not None


def test_one_run_warns_and_removes_no_more_than_at_most() -> None:
    bot, end = Bot(replace(KICK, at_most=2)), FIRST + timedelta(days=7)
    some = [member(n) for n in range(1, 6)]
    assert (said(bot.look(*some)) or "").count("@") == 2
    assert kicked(bot.look(*some, at=end)) == [1, 2]


def test_a_plain_member_warns_nobody_of_what_it_cannot_do() -> None:
    bot = Bot(KICK)
    bot.hear(Tick(GROUP, FIRST, ME))
    census = Census(GROUP, (member(ME), *TALKERS, member(1)), 22, FIRST, ME)
    decision = bot.hear(census)
    assert "not known to be an admin" in (note(decision) or "")
    assert said(decision) is None


DOUBTS = {
    "nobody tells how many": Census(GROUP, (US, *TALKERS, member(1)), None, FIRST, ME),
    "the list has 22 of 500 members": Census(GROUP, (US, *TALKERS, member(1)), 500, FIRST, ME),
    "the account itself is not in the list": Census(GROUP, (*TALKERS, member(1)), 21, FIRST, ME),
    "nobody has ever said anything": Census(GROUP, tuple(member(n) for n in (ME, *range(1, 22))), 22, FIRST, ME),
    "cannot be read": Census(GROUP, None, None, FIRST, ME),
}


@pytest.mark.parametrize("reason", DOUBTS)
@pytest.mark.parametrize("action", ["report", "warn", "kick"])
def test_a_list_that_may_not_be_whole_or_right_is_not_believed(reason: str, action: str) -> None:
    bot = Bot(replace(PLAIN, action=action, refuse_above=1.0))
    bot.hear(Tick(GROUP, FIRST, ME))
    decision = bot.hear(DOUBTS[reason])
    assert reason in (note(decision) or "")
    assert (said(decision), kicked(decision)) == (None, [])


def test_a_list_that_does_not_know_what_the_bot_heard_is_an_old_one() -> None:
    bot = Bot(KICK)
    for talker in TALKERS[:3]:
        bot.hear(message("在", sender=talker.person, at=ago(10)))
    old = [replace(talker, spoke=ago(100)) for talker in TALKERS]
    assert "more than a week ago" in (note(bot.look(member(1), *old, others=False)) or "")


def test_a_list_that_cannot_be_read_is_asked_for_again_and_the_run_is_not_lost() -> None:
    bot = Bot()
    bot.hear(Tick(GROUP, FIRST, ME))
    again = FIRST + timedelta(hours=1)
    assert Wake(again) in bot.hear(DOUBTS["cannot be read"]).actions
    assert said(bot.look(member(1), at=again)) is not None


def test_a_small_group_is_no_reason_to_do_nothing() -> None:
    three = [member(n, spoke=1) for n in (1, 2)]
    assert (said(Bot(KICK).look(*three, member(3), others=False)) or "").startswith("@3 ")


def test_a_list_for_something_else_begins_nothing() -> None:
    bot = Bot()
    census = Census(GROUP, (US, *TALKERS, member(1)), 22, NOON + timedelta(days=1), ME)
    assert bot.hear(census) == Decision()


def test_groups_that_say_nothing_of_it_are_never_looked_at() -> None:
    bare = ready()
    for event in (Tick(GROUP, FIRST, ME), Census(GROUP, (US, member(1)), 2, FIRST, ME), message("好")):
        assert decide(event, bare, Notebook(), FIRST).actions == ()


def test_somebody_who_is_listed_twice_is_warned_once() -> None:
    assert (said(Bot(KICK).look(member(1), member(1), expected=22)) or "").count("@") == 1
