"""Linked groups on the stage: a scenario says what is seen of the other ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.play import play
from tests.workspace.folder import GROUP, faults, load

HUB = GROUP + "links: {name: py, one_group: true, overflow: {to: c}, member_of: {group: b}}\n"
OTHERS = {
    "b.yaml": "kind: Group\nkey: b\nid: 731000002\n",
    "c.yaml": "kind: Group\nkey: c\nid: 731000003\nlinks: {name: py}\n",
}


def scenario_of(asks: str, actions: str) -> str:
    step = f"{{asks_to_join: {asks}, expect: {{actions: [{actions}]}}}}"
    return f"kind: Tests\ngroup: hub\nscenarios:\n- name: 一\n  steps:\n  - {step}\n"


@pytest.mark.parametrize(
    ("asks", "actions"),
    [
        ("{in_groups: [b]}", ""),
        ("{answer: 不在}", "reject"),
        ("{in_groups: [b, c]}", "reject"),
        ("{in_groups: [b], unseen_groups: [c]}", ""),
        ("{answer: 不知道, unseen_groups: [b]}", ""),
        ("{in_groups: [b], full: true}", "reject"),
        ("{in_groups: [b], full: true, full_groups: [c]}", ""),
    ],
)
def test_what_a_scenario_says_of_other_groups_is_what_the_bot_sees(tmp_path: Path, asks: str, actions: str) -> None:
    loaded = load(tmp_path, {"hub.yaml": HUB, **OTHERS, "tests/hub.yaml": scenario_of(asks, actions)})
    assert [] == faults(loaded)
    behavior = loaded.required().groups["hub"].behavior
    assert behavior is not None

    assert () == play(loaded.scenarios[0], Prepared(behavior)).failures


def test_a_group_that_nobody_describes_is_no_group_to_be_in(tmp_path: Path) -> None:
    written = scenario_of("{in_groups: [nowhere]}", "")
    found = faults(load(tmp_path, {"hub.yaml": HUB, **OTHERS, "tests/hub.yaml": written}))

    assert ["QG366 tests/hub.yaml:6:33"] == found
