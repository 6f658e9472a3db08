"""`statistics` and `inactive` in YAML: typed, checked, inherited, and the same again from a bot's document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.behavior.observing import DAY, Exempt, Inactive, Report, Statistics
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.play import play
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.workspace.folder import GROUP, faults, load

BOTH = """\
statistics:
  keep: 60d
  keywords: [python, rust]
  report: {at: "0 22 * * 0", kinds: [activity, keywords, retention], top: 5, days: 14}
inactive:
  after: 180d
  never_spoke_after: 30d
  exempt: {roles: [maintainers], titles: true, level: 10}
  action: kick
  at_most: 5
  at: "0 3 1 * *"
  warn_before: 14d
  refuse_above: 50%
"""
ROLES = "roles: [{key: maintainers, members: [alice]}]\n"


def test_everything_is_typed_and_comes_again_from_the_document(tmp_path: Path) -> None:
    group = load(tmp_path, {"hub.yaml": GROUP + ROLES + BOTH}).required().groups["hub"]
    built = group.behavior
    assert built is not None
    assert built.statistics == Statistics(
        60 * DAY, ("python", "rust"), Report("0 22 * * 0", ("activity", "keywords", "retention"), 5, 14)
    )
    exempt = Exempt(frozenset({"maintainers"}), titles=True, level=10)
    assert built.inactive == Inactive(180 * DAY, "0 3 1 * *", 30 * DAY, "kick", 5, 14 * DAY, 0.5, exempt)
    assert {str(item) for item in built.items()} == {"hub/statistics", "hub/inactive"}
    assert group.behavior_document is not None
    again = configuration_of(json.loads(canonical(group.behavior_document)))
    assert (again.statistics, again.inactive) == (built.statistics, built.inactive)


def test_little_has_to_be_written(tmp_path: Path) -> None:
    written = "statistics: {report: {at: 0 22 * * 0}}\ninactive: {after: 90d, at: 0 3 1 * *}\n"
    built = load(tmp_path, {"hub.yaml": GROUP + written}).required().groups["hub"].behavior
    assert built is not None
    assert built.statistics == Statistics(90 * DAY, (), Report("0 22 * * 0", ("activity", "leaderboard")))
    assert built.inactive == Inactive(90 * DAY, "0 3 1 * *", 90 * DAY)


TEMPLATE = "kind: Template\nkey: base\n" + BOTH


def test_a_group_changes_what_its_template_says_or_takes_it_back(tmp_path: Path) -> None:
    head = GROUP.replace("kind: Group\n", "kind: Group\nextends: [base]\n")
    own = "statistics: {keywords: null, report: {at: 0 9 * * *, kinds: [activity]}}\ninactive: null\n"
    built = load(tmp_path, {"t.yaml": TEMPLATE, "hub.yaml": head + own}).required().groups["hub"].behavior
    assert built is not None
    assert built.statistics == Statistics(60 * DAY, (), Report("0 9 * * *", ("activity",), 5, 14))
    assert built.inactive is None

    kept = load(tmp_path, {"t.yaml": TEMPLATE, "hub.yaml": head}).required().groups["hub"]
    assert kept.behavior is not None
    assert kept.behavior.inactive is not None
    assert kept.behavior.inactive.exempt.roles == frozenset(), "a role of the template that the group does not have"
    assert kept.behavior_document is not None
    assert configuration_of(json.loads(canonical(kept.behavior_document))).inactive == kept.behavior.inactive


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("statistics: {report: {at: 0 25 * * 0}}\n", ["QG351"]),
        ("inactive: {after: 9d, at: 0 0 30 2 *}\n", ["QG351"]),
        ("statistics: {report: {at: 0 9 * * *, kinds: [keywords]}}\n", ["QG358"]),
        ("statistics: {keep: 30d, report: {at: 0 9 * * *, kinds: [retention]}}\n", ["QG358"]),
        ("statistics: {keep: 14d, report: {at: 0 9 * * *, days: 7}}\n", ["QG358"]),
        ("statistics: {keep: 15d, report: {at: 0 9 * * *, days: 7}}\n", []),
        ('statistics: {keywords: ["\\u200b"]}\n', ["QG333"]),
        ("inactive: {after: 9d, at: 0 0 1 * *, exempt: {roles: [nobody]}}\n", ["QG336"]),
        ("inactive: {after: 5m, at: 0 0 1 * *}\n", ["QG20"]),
        ("inactive: {after: 90d, at: 0 0 1 * *, action: ban}\n", ["QG20"]),
        ("inactive: {after: 90d, at: 0 0 1 * *, action: kick, warn_before: 0d}\n", ["QG20"]),
        ("inactive: {after: 90d}\n", ["QG20"]),
        ("statistics: {}\n", ["QG20"]),
    ],
)
def test_what_cannot_be_meant_is_a_fault_at_its_place(tmp_path: Path, written: str, found: list[str]) -> None:
    told = faults(load(tmp_path, {"hub.yaml": GROUP + written}))
    assert len(told) == len(found)
    assert all(one.startswith(start) and "hub.yaml:4:" in one for one, start in zip(told, found, strict=True))


SCENARIO = """\
kind: Tests
group: hub
scenarios:
- name: 报告与久未发言
  at: 2026-11-30T09:00
  steps:
  - members:
    - {who: alice, joined: 900d, last_spoke: never}
    - {who: bob, joined: 900d, last_spoke: 200d}
    - {who: 100000003, joined: 900d}
    - {who: 100000004, joined: 10d, last_spoke: never}
    - {who: 100000005, joined: 900d, last_spoke: 3d}
  - {from: 100000005, say: 我在学 Python}
  - {after: 12h, expect: {reply: none}}
  - after: 12h
    expect: {by: inactive, reply: {contains: ["@alice@bob", 12月8日]}, actions: [say]}
  - {from: bob, say: 我还在}
  - {after: 6d, expect: {by: statistics, reply: {contains: [消息 2 条, bob　1 条, python　1 条]}}}
  - {after: 2d, expect: {actions: [kick], by: inactive}}
"""


def test_both_can_be_rehearsed(tmp_path: Path) -> None:
    own = (
        'statistics: {keywords: [python], report: {at: "0 22 * * 0", kinds: [activity, leaderboard, keywords]}}\n'
        "inactive: {after: 180d, at: 0 3 1 * *, action: kick, refuse_above: 50%}\n"
    )
    loaded = load(tmp_path, {"hub.yaml": GROUP + own, "tests/hub.yaml": SCENARIO})
    assert faults(loaded) == []
    behavior = loaded.required().groups["hub"].behavior
    assert behavior is not None
    assert [str(one.came) for one in play(loaded.scenarios[0], Prepared(behavior)).failures] == []
