"""An apply that ends in time: nothing is begun any more, nothing is cut off, and the next one goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.cli.until import moment_of
from tests.stage import Stage

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=CHINA)


def test_what_is_left_at_that_time_is_done_by_the_next_apply(napcat: Stage) -> None:
    # Each write takes longer than there is time: the first one is finished, the second is not begun.
    napcat.simulator.faults({"action": "set_group_name", "delay": 4.5})
    ends = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    done = napcat.run("apply", "--auto-approve", "--until", ends)

    assert 6 == done.code
    assert "The time is up" in done.out + done.err
    assert ["set_group_name"] == napcat.writes()
    assert "新群名" == napcat.live()["name"]
    napcat.simulator.faults()
    assert 0 == napcat.run("apply", "--auto-approve").code
    assert "set_group_name" not in napcat.writes()
    assert 0 == napcat.run("plan", "--detailed-exitcode").code


def test_a_time_that_is_far_off_changes_nothing(napcat: Stage) -> None:
    done = napcat.run("apply", "--auto-approve", "--until", "2999-01-01T00:00")

    assert 0 == done.code
    assert "The time is up" not in done.out + done.err


@pytest.mark.parametrize("written", ["25:00", "22", "soon", "2026-13-01T00:00", "2026-01-01", ""])
def test_what_is_no_time_is_refused(napcat: Stage, written: str) -> None:
    done = napcat.run("apply", "--auto-approve", "--until", written)

    assert 1 == done.code
    assert "--until" in done.err
    assert [] == napcat.writes()


def test_a_moment_that_has_passed_is_refused(napcat: Stage) -> None:
    done = napcat.run("apply", "--auto-approve", "--until", "2026-01-01T00:00")

    assert 1 == done.code
    assert "2026-01-01T00:00 has passed" in done.err
    assert [] == napcat.writes()


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_is_the_next_one_in_the_workspaces_zone(hour: int, minute: int) -> None:
    found = moment_of(f"{hour:02}:{minute:02}", CHINA, NOON.astimezone(UTC))

    assert timedelta() < found - NOON <= timedelta(days=1)
    assert (hour, minute) == (found.astimezone(CHINA).hour, found.astimezone(CHINA).minute)


def test_a_date_without_a_zone_is_one_of_the_workspace() -> None:
    assert NOON + timedelta(hours=1) == moment_of("2026-01-05T13:00", CHINA, NOON)
    with pytest.raises(click.BadParameter):
        moment_of("2026-01-05T12:00", CHINA, NOON)
