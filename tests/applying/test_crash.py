"""An apply that dies anywhere, and dies again while it recovers, ends as one that lived: the same world, the same
state, and everything that people notice done exactly once."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.simulator.running import RunningSimulator
from qqgroup_provision.simulator.seed import parse_seed
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.model import State
from tests.cli.inside import run_on
from tests.oracle import differences, effects, state_of, world_of
from tests.stage import Stage
from tests.worlds import GROUPS, SELF, Case, Trial, cases, tried, write_groups, write_workspace

# What an implementation does not tell anybody, nobody can see to be done already. Doing it again changes nothing.
UNSEEN = {"llbot-milky": ("group_muted",), "lagrange": ("group_muted", "member_title")}
GENERATED = settings(
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],  # a case that fails has few parts as it is, and takes long to have fewer
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CHANCES = st.randoms(use_true_random=False)


def lived(case: Case, folder: Path) -> tuple[list[str], Any]:
    """The points an apply passes that nothing happens to, and how all ends then."""
    with tried(case, folder / "lived") as trial:
        fate, applied = trial.run()
        assert applied is not None
        assert () == applied.failures
        return fate.passed, ending(trial)


def ending(trial: Trial) -> Any:
    plan = trial.plan()
    assert ((), ()) == (plan.changes, plan.diagnostics)
    return all_of(trial.case, trial.world.snapshot(), trial.state, trial.world.timeline()[trial.began :])


def all_of(case: Case, world: Mapping[str, Any], state: State, timeline: Iterable[Mapping[str, Any]]) -> Any:
    return world_of(world), state_of(state), noticed(case, timeline)


def noticed(case: Case, timeline: Iterable[Mapping[str, Any]]) -> Counter[str]:
    unseen = UNSEEN.get(case.implementation, ())
    return effects(event for event in timeline if event["event"] not in unseen)


def died(case: Case, folder: Path, *moments: int) -> Any:
    """How all ends if the first run dies at the first of these points, the second at the next, and one more lives."""
    with tried(case, folder / "died") as trial:
        for moment in moments:
            trial.run(moment)
        try:
            _, applied = trial.run()
        except InvalidInput as error:
            # A list that is empty now may be one that could not be read: a person has to look (QG501).
            if {"QG501", "QG612"} != {item.code for item in error.diagnostics}:
                raise
            return None, None, noticed(case, trial.world.timeline()[trial.began :])
        assert applied is not None
        assert () == applied.failures
        assert trial.store.read_journal() is None
        return ending(trial)


def same(expected: Any, found: Any, when: str) -> None:
    if found[0] is None:
        assert found[2] <= expected[2], when
        return
    differing = differences(expected, found)
    if differing:
        pytest.fail(f"{when}: {differing}")


def some(points: list[str], count: int, chance: random.Random) -> list[tuple[int, ...]]:
    """So many ways to die: once, or once more soon after."""
    first = chance.sample(range(len(points)), min(count, len(points)))
    return [(at, chance.randrange(12)) if number % 3 == 2 else (at,) for number, at in enumerate(first)]


@settings(GENERATED, max_examples=9)
@given(case=cases(), chance=CHANCES)
def test_whatever_point_an_apply_dies_at_all_is_as_if_it_had_lived(
    tmp_path: Path, case: Case, chance: random.Random
) -> None:
    points, expected = lived(case, tmp_path)
    for moments in some(points, 6, chance):
        same(expected, died(case, tmp_path, *moments), f"died at {moments}, {points[moments[0]]}")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("implementation", ["llbot", "napcat"])
def test_an_announcement_of_which_only_a_flag_changes_is_replaced_and_not_doubled(
    implementation: str, known: bool, tmp_path: Path
) -> None:
    """NapCat does not tell what is pinned, and a state may never have held what is to be replaced."""
    account = {"qq": SELF, "nickname": "小助手", "implementation": implementation, "token": "s3cret-token"}
    group = {"id": GROUPS["hub"], "name": "群", "owner": SELF, "announcements": [{"text": "群规", "sender": SELF}]}
    plain = {"kind": "Group", "key": "hub", "id": GROUPS["hub"], "announcements": [{"key": "rules", "text": "群规"}]}
    flagged = [{"key": "rules", "text": "群规", "pinned": not known or implementation == "llbot", "confirm": False}]
    first = [{"key": "rules", "text": "群规", "pinned": known and implementation == "napcat"}]
    case = Case(
        {"kind": "World", "clock": 1_790_000_000, "accounts": {"main": account}, "groups": [group]},
        ({**plain, "announcements": first},) if known else (),
        ({**plain, "announcements": flagged},),
    )
    points, expected = lived(case, tmp_path)

    assert 1 == len(expected[0][str(GROUPS["hub"])]["announcements"])
    for at in range(len(points)):
        same(expected, died(case, tmp_path, at), points[at])


@pytest.mark.long
@settings(GENERATED, max_examples=60)
@given(case=cases(), chance=CHANCES)
def test_at_a_thousand_points_of_many_worlds_all_is_as_if_it_had_lived(
    tmp_path: Path, case: Case, chance: random.Random
) -> None:
    points, expected = lived(case, tmp_path)
    for moments in some(points, 25, chance):
        same(expected, died(case, tmp_path, *moments), f"died at {moments}, {points[moments[0]]}")


@pytest.mark.long
@settings(GENERATED, max_examples=25)
@given(case=cases(), chance=CHANCES)
def test_killed_by_the_system_after_any_request_all_is_as_if_it_had_lived(
    tmp_path: Path, case: Case, chance: random.Random
) -> None:
    points, expected = lived(case, tmp_path)
    folder = tmp_path / "killed"
    running = parse_seed(yaml.safe_dump({**case.world, "clock": "real"}, allow_unicode=True))
    with RunningSimulator(running) as simulator:
        write_workspace(folder, case, simulator.endpoint())
        stage = Stage(folder, simulator)
        if case.before:
            write_groups(folder, case.before)
            assert 0 == run_on(stage, "apply", "--auto-approve").code
        write_groups(folder, case.wanted)
        began = len(simulator.timeline())
        for _ in range(2):
            kill_after(stage, chance.randrange(5 + len(points) // 2))
        done = run_on(stage, "apply", "--auto-approve")
        assert 0 == done.code, done.out + done.err
        assert "No changes" in run_on(stage, "plan").out
        state = FileStore(folder / ".qqgroup" / "state.json").load()
        found = all_of(case, simulator.world(), state, simulator.timeline()[began:])
    shutil.rmtree(folder)
    same(expected, found, "killed")


def kill_after(stage: Stage, requests: int) -> None:
    """Start an apply and kill it as soon as it has sent so many requests, if it sends as many."""
    before = len(stage.simulator.control("calls"))
    process = subprocess.Popen(
        stage.command("apply", "--auto-approve"),
        env=stage.process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    while process.poll() is None and len(stage.simulator.control("calls")) < before + requests:
        pass
    process.kill()
    process.wait()
