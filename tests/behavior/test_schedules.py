"""What is said at certain times: once each time, whatever became of the bot and of its clock meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior.calendars import Calendar
from qqgroup_provision.behavior.configuration import CHINA, Schedule
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.decision import Decision, Verdict, Wake
from qqgroup_provision.behavior.event import Tick
from qqgroup_provision.behavior.memory import Memory, Notebook
from qqgroup_provision.behavior.timing import Timing
from tests.behavior.material import GROUP, ME, ready, said, saying, verdicts

MONDAY = datetime(2026, 12, 7, 7, 30, tzinfo=CHINA)
MORNING = MONDAY.replace(hour=8, minute=0)


def daily(text: str = "早安", cron: str = "0 8 * * *", key: str = "daily", **more: object) -> Schedule:
    calendar = more.pop("calendar", None)
    return Schedule(key, Timing(cron, CHINA, calendar), (saying(text),), **more)  # type: ignore[arg-type]


def tick(memory: Memory, at: datetime, *schedules: Schedule) -> Decision:
    found = decide(Tick(GROUP, at, ME), ready(schedules=schedules), memory, at)
    memory.change(found.changes)
    return found


def wakes(found: Decision) -> list[datetime]:
    return [action.at for action in found.actions if isinstance(action, Wake)]


def test_it_is_said_at_its_time_and_asks_for_the_next_one() -> None:
    memory = Notebook()
    first = tick(memory, MONDAY, daily("今日学习计划 {date} {group_name}"))
    assert (said(first), wakes(first)) == (None, [MORNING])
    found = tick(memory, MORNING, daily("今日学习计划 {date} {group_name}"))
    assert said(found) == "今日学习计划 2026-12-07 总群"
    assert verdicts(found) == {"hub/schedule/daily": Verdict.DONE}
    assert wakes(found) == [MORNING + timedelta(days=1)]
    assert said(tick(memory, MORNING, daily())) is None


def test_nothing_is_said_for_a_time_before_it_was_configured() -> None:
    memory = Notebook()
    assert said(tick(memory, MORNING + timedelta(minutes=5), daily())) is None
    assert said(tick(memory, MORNING + timedelta(minutes=6), daily())) is None


def test_after_downtime_it_is_said_once_and_only_if_it_is_not_too_old() -> None:
    """Others lose what was due while they were down, or say all of it at once."""
    memory = Notebook()
    every = daily(cron="0 * * * *", catch_up=3600.0)
    tick(memory, MONDAY, every)
    back = MONDAY + timedelta(hours=7, minutes=20)  # 14:50: seven times have passed
    assert said(tick(memory, back, every)) == "早安"
    assert said(tick(memory, back, every)) is None

    memory = Notebook()
    tick(memory, MONDAY, daily())
    found = tick(memory, MORNING + timedelta(hours=1, minutes=1), daily())
    assert (said(found), verdicts(found)) == (None, {"hub/schedule/daily": Verdict.MISSED})
    assert verdicts(tick(memory, MORNING + timedelta(hours=2), daily())) == {}
    assert said(tick(memory, MORNING + timedelta(days=1), daily())) == "早安"


def test_without_catching_up_it_is_said_in_time_or_not_at_all() -> None:
    for late, expected in ((30, "早安"), (61, None)):
        memory = Notebook()
        tick(memory, MONDAY, daily(catch_up=0.0))
        assert said(tick(memory, MORNING + timedelta(seconds=late), daily(catch_up=0.0))) == expected


def test_other_times_say_nothing_for_what_has_passed_and_other_words_do_not_repeat_it() -> None:
    memory = Notebook()
    tick(memory, MONDAY, daily())
    assert said(tick(memory, MORNING, daily())) == "早安"
    assert said(tick(memory, MORNING + timedelta(minutes=1), daily("早上好"))) is None
    assert said(tick(memory, MORNING + timedelta(minutes=40), daily(cron="30 8 * * *"))) is None
    assert said(tick(memory, MORNING + timedelta(days=1, minutes=30), daily(cron="30 8 * * *"))) == "早安"


def test_a_clock_set_back_says_nothing_again_and_one_that_was_far_ahead_stops_nothing() -> None:
    memory = Notebook()
    tick(memory, MONDAY, daily())
    assert said(tick(memory, MORNING, daily())) == "早安"
    assert said(tick(memory, MONDAY, daily())) is None
    assert said(tick(memory, MORNING, daily())) is None

    memory = Notebook()
    tick(memory, MONDAY.replace(year=2031), daily())
    tick(memory, MONDAY, daily())
    assert said(tick(memory, MORNING, daily())) == "早安"


def test_there_are_as_many_as_one_likes() -> None:
    """QQ's own manager has three, and drops the oldest for a fourth."""
    memory, many = Notebook(), [daily(f"第{n}条", key=f"s{n}") for n in range(30)]
    tick(memory, MONDAY, *many)
    found = tick(memory, MORNING, *many)
    assert len([reason for reason in found.reasons if reason.verdict is Verdict.DONE]) == 30


def test_a_day_off_has_none_and_a_weekend_that_is_worked_has_one() -> None:
    """No other bot knows 调休: 10 October 2026 is a Saturday that is worked, the 7th a Wednesday that is not."""
    plan = daily(calendar=Calendar.WORKDAYS)
    for day, expected in ((7, None), (8, "早安"), (10, "早安"), (11, None)):
        memory, eight = Notebook(), datetime(2026, 10, day, 8, tzinfo=CHINA)
        tick(memory, eight - timedelta(hours=1), plan)
        assert said(tick(memory, eight, plan)) == expected


MOMENTS = st.lists(st.integers(0, 24 * 60), min_size=1, max_size=40)


@given(
    MOMENTS, st.sampled_from(["0 8 * * *", "30 */5 * * *", "7 1-23/3 * * *"]), st.sampled_from([0.0, 1800.0, 86400.0])
)
def test_whenever_it_is_looked_each_time_is_said_at_most_once_and_none_too_late(
    minutes: list[int], cron: str, catch_up: float
) -> None:
    """Moments of a day in any order: the clock goes back as well."""
    memory, schedule = Notebook(), daily(cron=cron, catch_up=catch_up)
    begin = MONDAY + timedelta(minutes=minutes[0])
    told: list[datetime] = []
    for minute in minutes:
        now = MONDAY + timedelta(minutes=minute)
        if said(tick(memory, now, schedule)) is not None:
            due = schedule.timing.due(now - timedelta(days=2), now)
            assert due is not None
            assert now - due <= timedelta(seconds=max(catch_up, 60))
            told.append(due)
    assert len(told) == len(set(told))
    assert all(begin < due for due in told)
