"""Twice as much in a group is twice the work of planning it, counted in lines of code and not in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from qqgroup_provision.planning.make_plan import make_plan
from qqgroup_provision.planning.plan import Plan
from qqgroup_provision.ports import (
    Known,
    LiveEssence,
    LiveEssences,
    LiveFile,
    LiveFiles,
    LiveFolder,
    LiveMember,
    LiveProfile,
    LiveSpace,
    Rank,
)
from qqgroup_provision.resources.live import LiveGroup
from qqgroup_provision.resources.registry import kinds
from qqgroup_provision.state.model import Entry, State
from qqgroup_provision.workspace.model import Asset, Essence, Files, Group, GroupFile, Ownership, Person
from tests.planning.material import FACTS, GROUP, PLACE, SELF, hub, role, workspace

SMALL, FACTOR = 100, 2
MOST = 2.2  # sorting grows a little faster
Live = Mapping[str, Any]
Case = tuple[Group, Live]
ME = Known({SELF: LiveMember(SELF, Rank.OWNER, "小助手")})


def members(count: int) -> Case:
    people = [Person(f"p{n}", 200000000 + n, f"n{n}") for n in range(count)]
    live = {person.qq: LiveMember(person.qq, Rank.ADMIN, person.name, "card", "头衔") for person in people}
    live[SELF] = LiveMember(SELF, Rank.OWNER, "小助手")
    return hub(roles=(role("all", people, True, "头衔", "新 {name}"),)), {"members": Known(live)}


def strangers(count: int) -> Case:
    """Members nobody names, of whom every second has a card that is to go."""
    live = {n: LiveMember(n, Rank.MEMBER, str(n), "card" if n % 2 else "") for n in range(10001, 10001 + count)}
    live[SELF] = LiveMember(SELF, Rank.OWNER, "小助手")
    return hub(roles=(), manage={"cards": Ownership.EXCLUSIVE}), {"members": Known(live)}


def _files(count: int, version: int) -> Case:
    """Files in folders of fifty, and an earlier version of each; `version` is the size that YAML wants."""
    folders = {f"f{n}": PLACE for n in range(count // 50)}
    paths = [(f"f{n % len(folders)}", f"guide-{n}.pdf") for n in range(count)]
    live = [
        LiveFile(f"{n}-{name}", name, folder, 1, SELF, 1_764_000_000 + n)
        for n, (folder, current) in enumerate(paths)
        for name in (current, f"guide-{n}-20260101-120000.pdf")
    ]
    items = tuple(GroupFile(folder, name, Asset("guide.pdf", "a" * 64, version), PLACE) for folder, name in paths)
    found = LiveFiles(tuple(LiveFolder(f"/{name}", name, 100) for name in folders), tuple(live))
    space = LiveSpace(0, 10 << 30, len(live), 10_000)
    return hub(files=Files(folders, items, 1)), {"files": Known(found), "space": Known(space)}


def _essence(count: int, words: str) -> Case:
    marked = tuple(LiveEssence(n, SELF, f"text {n}") for n in range(count))
    items = tuple(Essence(f"k{n}", f"{words} {n}", PLACE) for n in range(count))
    return hub(essence=items), {"essence": Known(LiveEssences(marked))}


def many_groups(count: int) -> list[Case]:
    """Groups that each have something to change and something to report."""
    card = {10001: LiveMember(10001, Rank.MEMBER, "n", "card")}
    live = {"members": Known({**ME.value, **card})}
    manage = {"cards": Ownership.REPORT}
    return [
        (replace(hub(name="另一个", roles=(), manage=manage), key=f"g{n}", id=GROUP + n), live) for n in range(count)
    ]


CASES: Mapping[str, Callable[[int], list[Case]]] = {
    "members": lambda count: [members(count)],
    "strangers": lambda count: [strangers(count)],
    "files that are there": lambda count: [_files(count, 1)],
    "files that changed": lambda count: [_files(count, 2)],
    "essence messages that are there": lambda count: [_essence(count, "text")],
    "essence messages that are not": lambda count: [_essence(count, "else")],
    "groups": many_groups,
}


def planned(cases: list[Case], state: State) -> Plan:
    profile = Known(LiveProfile("群", "", False))
    live = {group.key: LiveGroup(SELF, **{"profile": profile, "members": ME, **found}) for group, found in cases}
    return make_plan(workspace(*(group for group, _ in cases)), live, state, {"main": FACTS})


@contextmanager
def counting() -> Iterator[list[int]]:
    """Count every line that is begun, each time round a loop, in this thread."""
    found = [0]

    def tell(_frame: FrameType, event: str, _argument: object) -> Any:
        found[0] += event == "line"
        return tell

    before = sys.gettrace()
    sys.settrace(tell)
    try:
        yield found
    finally:
        sys.settrace(before)


def work(cases: list[Case]) -> int:
    """How many lines a plan takes, with everything that is there in state."""
    first = planned(cases, State())
    state = State().folded((change.address, Entry(change.ids, change.applied)) for change in first.changes)
    with counting() as found:
        planned(cases, state)
    return found[0]


@pytest.mark.parametrize("name", CASES)
def test_twice_as_much_is_twice_the_work(name: str) -> None:
    kinds()  # found and kept at the first use
    small, large = (work(CASES[name](SMALL * factor)) for factor in (1, FACTOR))

    assert 1.5 < large / small < MOST, (small, large)
