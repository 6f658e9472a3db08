"""Times of cron: the next one, the last one, and the two days of a year on which clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.behavior import cron
from qqgroup_provision.behavior.configuration import CHINA

BERLIN = ZoneInfo("Europe/Berlin")
EXPRESSIONS = ("0 22 * * 0", "*/7 * * * *", "30 2 * * *", "0 3 1 * *", "0 0 29 2 *", "0 8 * * 1-5")


@given(
    st.sampled_from(EXPRESSIONS),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    st.sampled_from((CHINA, BERLIN)),
)
def test_the_last_time_is_the_one_before_which_nothing_else_comes(written: str, at: datetime, zone: object) -> None:
    moment = at.replace(tzinfo=UTC)
    last = cron.latest(written, moment, zone)  # type: ignore[arg-type]
    following = cron.after(written, moment, zone)  # type: ignore[arg-type]
    assert last is not None
    assert following is not None
    assert last <= moment < following
    assert cron.after(written, last, zone) == following  # type: ignore[arg-type]
    assert cron.latest(written, following, zone) == following  # type: ignore[arg-type]


def test_a_time_is_one_of_the_zone() -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=CHINA)
    assert cron.after("0 22 * * 0", noon, CHINA) == datetime(2026, 12, 6, 22, tzinfo=CHINA)
    assert cron.latest("0 22 * * 0", noon, CHINA) == datetime(2026, 11, 29, 22, tzinfo=CHINA)


def test_a_time_that_the_clock_skips_comes_once_and_one_that_it_has_twice_too() -> None:
    def times(day: datetime) -> list[datetime]:
        found, at = [], day
        while (at := cron.after("30 2 * * *", at, BERLIN) or day) < day + timedelta(days=1):
            found.append(at)
        return found

    assert times(datetime(2026, 3, 29, tzinfo=BERLIN)) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]
    assert times(datetime(2026, 10, 25, tzinfo=BERLIN)) == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize("written", ["61 * * * *", "0 0 30 2 *", "* * * * * *", "@daily", "", "a b c d e"])
def test_what_never_comes_is_a_fault(written: str) -> None:
    assert cron.fault(written) is not None


@pytest.mark.parametrize("written", EXPRESSIONS)
def test_what_comes_is_none(written: str) -> None:
    assert cron.fault(written) is None
