"""Queues: in order within a group, side by side between groups, and bounded by dropping the oldest messages."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from qqgroup_provision.bot.queues import Queues

Item = tuple[int, bool]  # a number, and whether it may be lost


def may_be_lost(item: Item) -> bool:
    return item[1]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.booleans()), max_size=60),
    st.integers(1, 5),
    st.integers(1, 4),
)
def test_whatever_is_put_whenever_is_done_in_order_and_only_messages_are_dropped(
    puts: list[tuple[int, bool, bool]], most: int, at_once: int
) -> None:
    done: dict[int, list[Item]] = defaultdict(list)
    put: dict[int, list[Item]] = defaultdict(list)
    waiting: dict[int, list[Item]] = defaultdict(list)

    async def work(group: int, items: Sequence[Item]) -> None:
        assert len(items) == 1 or (len(items) <= at_once and all(map(may_be_lost, items)))
        for item in items:
            waiting[group].remove(item)
        await asyncio.sleep(0)
        done[group] += items

    async def run() -> int:
        queues: Queues[Item] = Queues(work, may_be_lost, most=most, at_once=at_once)
        for number, (group, losable, pause) in enumerate(puts):
            item = (number, losable)
            queues.put(group, item)
            put[group].append(item)
            waiting[group].append(item)
            if pause:
                await asyncio.sleep(0)
            assert len(queues) <= sum(map(len, waiting.values()))
        await queues.close(10)
        assert len(queues) == 0
        return queues.dropped

    dropped = asyncio.run(run())
    for group, items in put.items():
        assert done[group] == [item for item in items if item in done[group]], "in the order in which they came"
        assert [item for item in items if not item[1]] == [item for item in done[group] if not item[1]]
        lost = [item for item in items if item not in done[group]]
        assert len([item for item in items if item[1]]) - len(lost) >= min(most, len([i for i in items if i[1]]))
    assert dropped == sum(map(len, put.values())) - sum(map(len, done.values()))


def test_the_oldest_message_makes_room_and_who_comes_or_goes_is_never_lost() -> None:
    done: list[Item] = []

    async def run() -> int:
        gate = asyncio.Event()

        async def work(_group: int, items: Sequence[Item]) -> None:
            await gate.wait()
            done.extend(items)

        queues: Queues[Item] = Queues(work, may_be_lost, most=2)
        queues.put(1, (0, True))
        await asyncio.sleep(0)  # this one is being worked on
        for number, losable in ((1, True), (2, False), (3, True), (4, True), (5, False)):
            queues.put(1, (number, losable))
        assert len(queues) == 4
        gate.set()
        await queues.close(10)
        return queues.dropped

    assert asyncio.run(run()) == 1
    assert [number for number, _ in done] == [0, 2, 3, 4, 5]


def test_a_slow_group_holds_up_no_other_and_is_let_go_of_in_the_end() -> None:
    done: list[int] = []

    async def run() -> None:
        async def work(group: int, _items: Sequence[Item]) -> None:
            if group == 1:
                await asyncio.Event().wait()
            done.append(group)

        queues: Queues[Item] = Queues(work, may_be_lost)
        for group in (1, 2, 3):
            queues.put(group, (0, True))
        await queues.close(0.05)
        queues.put(2, (1, True))
        assert len(queues) == 0, "nothing is taken any more"

    asyncio.run(run())
    assert done == [2, 3]
