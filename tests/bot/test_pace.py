"""Pauses between messages, on a clock that only pauses move."""

from __future__ import annotations

import asyncio

from qqgroup_provision.bot.pace import Pace


class Clock:
    """Time that passes where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        self._sleepers.append((self.now + seconds, awake))
        await awake.wait()

    async def run(self) -> None:
        """Wake one sleeper after the other, until none is left."""
        for _ in range(20):
            await asyncio.sleep(0)
        while self._sleepers:
            self._sleepers.sort(key=lambda one: one[0])
            self.now, awake = self._sleepers.pop(0)
            awake.set()
            for _ in range(20):
                await asyncio.sleep(0)


def turns(*wanted: tuple[int, int], group: float, account: float, draw: float = 0.0) -> list[tuple[float, int, int]]:
    """When each (account, group) got its turn, all asking at once; those of a group one after the other."""
    got: list[tuple[float, int, int]] = []

    async def run() -> None:
        clock = Clock()
        pace = Pace(group, account, draw=lambda: draw, now=lambda: clock.now, sleep=clock.sleep)

        async def speak(number: int) -> None:
            for one_account, one_group in wanted:
                if one_group == number:
                    await pace.turn(one_account, one_group)
                    got.append((round(clock.now, 3), one_account, one_group))

        tasks = [asyncio.create_task(speak(number)) for number in dict.fromkeys(group for _, group in wanted)]
        await clock.run()
        await asyncio.gather(*tasks)

    asyncio.run(run())
    return got


def test_messages_in_one_group_are_apart_and_those_of_one_account_in_several_too() -> None:
    assert turns((1, 10), (1, 10), (1, 11), group=2.0, account=0.5) == [(0, 1, 10), (0.5, 1, 11), (2, 1, 10)]


def test_a_group_that_waits_for_its_own_turn_takes_none_of_the_others() -> None:
    got = turns((1, 10), (1, 10), (1, 10), (1, 11), (1, 12), group=100.0, account=1.0)
    assert got[:3] == [(0, 1, 10), (1, 1, 11), (2, 1, 12)]


def test_accounts_do_not_wait_for_each_other_and_pauses_are_not_all_the_same_length() -> None:
    assert turns((1, 10), (2, 11), group=1.0, account=1.0) == [(0, 1, 10), (0, 2, 11)]
    assert turns((1, 10), (1, 10), group=1.0, account=0.0, draw=1.0)[1][0] == 1.3
