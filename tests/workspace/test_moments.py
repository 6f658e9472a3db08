"""Dates with times: what they mean in a zone, and that those no calendar has mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.workspace.moments import CHINA, moment, zone

BOUNDS = datetime(1900, 1, 1), datetime(2900, 1, 1)  # noqa: DTZ001  (the strategy wants them so)


@pytest.mark.parametrize(
    "written", ["2026-12-01T09:00", "2026-12-01 09:00", "2026-12-01T09:00:00", "2026-12-01T01:00Z",
                "2026-12-01T09:00+08:00", "2026-11-30T20:00-05:00"],
)  # fmt: skip
def test_one_moment_can_be_written_in_many_ways(written: str) -> None:
    assert datetime(2026, 12, 1, 1, 0, tzinfo=UTC) == moment(written, CHINA)


@pytest.mark.parametrize(
    "written", ["2026-02-30T09:00", "2026-13-01T09:00", "2026-12-01T24:01", "2026-12-01T09:60",
                "2026-12-01T09:00+25:00", "0000-01-01T00:00", "0001-01-01T00:00", "x", ""],
)  # fmt: skip
def test_what_no_calendar_has_is_no_moment(written: str) -> None:
    assert moment(written, CHINA) is None


@given(st.text(max_size=30))
def test_any_text_is_a_moment_with_a_zone_or_none(written: str) -> None:
    found = moment(written, CHINA)

    assert found is None or found.tzinfo is not None


@given(st.datetimes(*BOUNDS), st.integers(-12, 14))
def test_an_offset_counts_more_than_the_workspaces_zone(when: datetime, hours: int) -> None:
    there = when.replace(tzinfo=timezone(timedelta(hours=hours)), microsecond=0)

    assert there == moment(there.isoformat(), CHINA)


def test_zones_are_known_by_their_names() -> None:
    berlin = zone("Europe/Berlin")

    assert CHINA is zone("Asia/Shanghai")
    assert berlin is not None
    assert datetime(2026, 7, 1, 7, 0, tzinfo=UTC) == moment("2026-07-01T09:00", berlin)


@pytest.mark.parametrize(
    "name", ["Asia/Nowhere", "Asia", "..", "/etc/passwd", "../etc/passwd", "", "\x00", "a" * 300]
)
def test_a_name_that_is_none_is_no_zone_and_no_error(name: str) -> None:
    assert zone(name) is None
