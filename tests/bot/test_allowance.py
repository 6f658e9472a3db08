"""Bounds on how often something may be asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.bot.allowance import Allowance


def test_so_many_are_taken_at_once_and_then_as_many_as_the_rate_gives() -> None:
    now = 0.0
    allowance = Allowance(2.0, 3, lambda: now)

    assert [0, 0, 0, 1] == [allowance.take() for _ in range(4)]
    now = 1.0
    assert [0, 0, 1] == [allowance.take() for _ in range(3)]


@given(st.lists(st.floats(-5, 60), max_size=60), st.integers(1, 10), st.sampled_from([0.1, 1.0, 7.5]))
def test_never_more_than_the_burst_and_the_rate_allow_whatever_the_clock_does(
    steps: list[float], burst: int, rate: float
) -> None:
    now = 0.0
    allowance = Allowance(rate, burst, lambda: now)
    taken, forward = 0, 0.0
    for step in steps:
        now += step
        forward += max(0.0, step)
        taken += allowance.take() == 0

    assert taken <= burst + rate * forward + 1e-6


def test_who_waits_as_long_as_was_said_is_served() -> None:
    now = 0.0
    allowance = Allowance(0.3, 1, lambda: now)
    allowance.take()
    now += allowance.take()

    assert 0 == allowance.take()
