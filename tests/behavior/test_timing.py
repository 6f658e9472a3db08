"""When something comes again: cron in a time zone, on days of a calendar, and nights that begin on some of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior import calendars, cron
from qqgroup_provision.behavior.calendars import Calendar
from qqgroup_provision.behavior.configuration import CHINA
from qqgroup_provision.behavior.nights import Night
from qqgroup_provision.behavior.timing import Timing

BERLIN = ZoneInfo("Europe/Berlin")  # on 2026-03-29 there is no 2:30, on 2026-10-25 there are two


def times(timing: Timing, begin: datetime, count: int) -> list[str]:
    """The next times, as the clock on the wall shows them."""
    found, at = [], begin
    for _ in range(count):
        after = timing.after(at)
        assert after is not None
        assert after > at
        found.append(f"{after.astimezone(timing.zone):%m-%d %H:%M}")
        at = after
    return found


def test_a_workday_is_what_was_announced_weekends_that_are_made_up_for_among_them() -> None:
    # The National Day week of 2026: off from Thursday 1 October to Wednesday 7, made up for on two weekends.
    begin = datetime(2026, 9, 17, 12, tzinfo=CHINA)
    assert times(Timing("0 8 * * *", CHINA, Calendar.WORKDAYS), begin, 14) == [
        *(f"09-{day} 08:00" for day in (18, 20, 21, 22, 23, 24, 28, 29, 30)),
        *(f"10-{day:02} 08:00" for day in (8, 9, 10, 12, 13)),
    ]
    assert times(Timing("30 9 * * *", CHINA, Calendar.HOLIDAYS), begin, 6) == [
        f"{day} 09:30" for day in ("09-19", "09-25", "09-26", "09-27", "10-01", "10-02")
    ]


def test_every_known_day_is_in_exactly_one_calendar_and_no_other_day_is_in_any() -> None:
    day = calendars.first_day()
    while day <= calendars.last_day():
        assert {calendars.holds(Calendar.WORKDAYS, day), calendars.holds(Calendar.HOLIDAYS, day)} == {True, False}
        day += timedelta(days=1)
    assert calendars.holds(Calendar.WORKDAYS, day) is None
    assert calendars.holds(Calendar.HOLIDAYS, date(1999, 1, 1)) is None
    late = datetime.combine(calendars.last_day(), time(12), CHINA)
    assert Timing("0 8 * * *", CHINA, Calendar.WORKDAYS).after(late) is None


def test_a_time_the_clock_skips_comes_once_and_one_it_has_twice_comes_once() -> None:
    assert times(Timing("30 2 * * *", BERLIN), datetime(2026, 3, 27, 12, tzinfo=BERLIN), 3) == [
        "03-28 02:30",
        "03-29 03:00",
        "03-30 02:30",
    ]
    assert times(Timing("30 2 * * *", BERLIN), datetime(2026, 10, 24, 12, tzinfo=BERLIN), 2) == [
        "10-25 02:30",
        "10-26 02:30",
    ]
    # Asked within the second of the two hours, the one that was is not told as one that comes.
    within = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert f"{within.astimezone(BERLIN):%H:%M} {within.astimezone(BERLIN).fold}" == "02:10 1"
    assert times(Timing("30 2 * * *", BERLIN), within, 1) == ["10-26 02:30"]


ZONES = st.sampled_from([CHINA, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), UTC])
MOMENTS = st.integers(0, 480_000).map(lambda minutes: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes))
CRONS = st.sampled_from(["0 8 * * *", "30 2 * * *", "15 1,2,3 * * *", "*/20 * * * *", "0 0 L * *", "5 4 * * 1#2"])


@given(CRONS, ZONES, MOMENTS, st.integers(1, 100))
def test_a_time_is_later_than_what_it_was_asked_after_and_the_last_due_is_not(
    written: str, zone: ZoneInfo, now: datetime, hours: int
) -> None:
    timing = Timing(written, zone)
    since = now - timedelta(hours=hours)
    due, after = timing.due(since, now), timing.after(now)
    assert after is not None
    assert after > now
    if due is None:
        assert timing.after(since) == after
    else:
        assert since < due <= now
        assert timing.after(due) == after


FIELD = st.text("0123456789*/,-#LWSUNMON", min_size=1, max_size=6)


@given(st.lists(FIELD, min_size=4, max_size=6).map(" ".join))
def test_whatever_stands_there_is_a_time_or_a_fault(written: str) -> None:
    problem = cron.fault(written)
    assert problem is None or problem
    if problem is None:
        assert Timing(written, CHINA).after(datetime(2026, 1, 1, tzinfo=CHINA)) is not None


@pytest.mark.parametrize("written", ["0 8 30 2 *", "0 8 * *", "0 0 8 * * *", "61 8 * * *", "@daily", "0 8 31 4,6 *"])
def test_what_is_no_cron_or_never_comes_is_a_fault(written: str) -> None:
    assert cron.fault(written)


def night(opens: str, closes: str, **more: object) -> Night:
    return Night(time.fromisoformat(opens), time.fromisoformat(closes), **more)  # type: ignore[arg-type]


def test_a_night_holds_before_and_after_midnight() -> None:
    """What others look at is the time of day alone: then a bot that begins at 2:00 does nothing."""
    one = night("23:00", "06:00")
    for hour, day in ((23, 1), (0, 2), (2, 2), (5, 2)):
        span = one.holding(datetime(2026, 12, day, hour, 30, tzinfo=CHINA), CHINA)
        assert span == (
            datetime(2026, 12, 1, 23, tzinfo=CHINA).astimezone(UTC),
            datetime(2026, 12, 2, 6, tzinfo=CHINA).astimezone(UTC),
        )
    assert one.holding(datetime(2026, 12, 2, 6, tzinfo=CHINA), CHINA) is None
    assert one.holding(datetime(2026, 12, 1, 22, 59, tzinfo=CHINA), CHINA) is None
    assert one.after(datetime(2026, 12, 2, 6, tzinfo=CHINA), CHINA) == datetime(2026, 12, 2, 23, tzinfo=CHINA)


def test_days_and_calendars_are_those_a_night_begins_on() -> None:
    sunday = night("22:00", "07:00", days=frozenset({6}))  # 2026-11-29 is one
    assert sunday.holding(datetime(2026, 11, 30, 3, tzinfo=CHINA), CHINA) is not None
    assert sunday.holding(datetime(2026, 11, 29, 3, tzinfo=CHINA), CHINA) is None
    worked = night("22:00", "07:00", calendar=Calendar.WORKDAYS)
    assert worked.holding(datetime(2026, 10, 10, 23, tzinfo=CHINA), CHINA) is not None  # a Saturday made up for
    assert worked.holding(datetime(2026, 10, 1, 23, tzinfo=CHINA), CHINA) is None
    assert worked.holding(datetime(2027, 1, 5, 23, tzinfo=CHINA), CHINA) is None  # nobody knows yet


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
NIGHTS = st.builds(
    Night,
    MINUTES,
    MINUTES,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from([None, *Calendar]),
).filter(lambda one: one.opens != one.closes)


@given(NIGHTS, NIGHTS, MOMENTS)
def test_two_windows_that_do_not_meet_never_hold_at_once(one: Night, other: Night, now: datetime) -> None:
    assert one.meets(other) == other.meets(one)
    if one.holding(now, CHINA) and other.holding(now, CHINA):
        assert one.meets(other)


def test_windows_that_touch_do_not_meet() -> None:
    assert not night("23:00", "00:00").meets(night("00:00", "06:00"))
    assert night("23:00", "00:01").meets(night("00:00", "06:00"))
    assert not night("12:00", "14:00", calendar=Calendar.WORKDAYS).meets(
        night("13:00", "15:00", calendar=Calendar.HOLIDAYS)
    )
