"""Requests to join and newcomers on the stage."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.rehearsal.play import Played, play
from tests.workspace.folder import GROUP, faults, load

HUB = (
    GROUP
    + """\
join:
  review:
  - reject: {level_below: 4, reason: QQ 等级过低}
  - reject: {full: true}
  - approve: {answer: {contains: 爬虫}}
  - approve: {invited: true}
  newcomer: {question: 请回答, answer: {contains: 友善}, within: 10m, otherwise: kick}
"""
)


def scenario_of(step: str) -> str:
    return f"kind: Tests\ngroup: hub\nscenarios:\n- name: 一\n  steps:\n  - {step}\n"


def played(root: Path, step: str) -> Played:
    loaded = load(root, {"hub.yaml": HUB, "tests/hub.yaml": scenario_of(step)})
    assert [] == faults(loaded)
    behavior = loaded.required().groups["hub"].behavior
    assert behavior is not None
    return play(loaded.scenarios[0], Prepared(behavior))


@pytest.mark.parametrize(
    "step",
    [
        "{asks_to_join: 做爬虫, expect: {actions: [approve], by: join_review}}",
        "{asks_to_join: {answer: 做爬虫, level: 3}, expect: {actions: [reject]}}",
        "{asks_to_join: {answer: 做爬虫, full: true}, expect: {actions: [reject]}}",
        "{asks_to_join: {invited: true}, expect: {actions: [approve]}}",
        "{from: alice, asks_to_join: 路过, expect: {actions: [], reply: none}}",
        "{join: stranger, expect: {reply: '@stranger 请回答', by: newcomer}}",
    ],
)
def test_what_is_met_passes(tmp_path: Path, step: str) -> None:
    assert played(tmp_path, step).passed


def test_what_is_not_met_says_which_rule_decided(tmp_path: Path) -> None:
    (failure,) = played(tmp_path, "{asks_to_join: 做爬虫, expect: {actions: [reject]}}").failures

    assert "approve by hub/join_review" == str(failure.came)
    assert "hub/join_review: the request is approved (rule 3 of 4)" == str(failure.why[0].text)
    assert "contains: 爬虫" in str(failure.why[1].text)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{asks_to_join: x, say: y}", "QG338"),
        ("{asks_to_join: x, join: alice}", "QG338"),
        ("{from: nobody, asks_to_join: x}", "QG306"),
        ("{asks_to_join: {}}", "QG208"),
        ("{asks_to_join: {level: 0}}", "QG208"),
    ],
)
def test_what_is_no_step_is_told(tmp_path: Path, step: str, code: str) -> None:
    found = [item.code for item in load(tmp_path, {"hub.yaml": HUB, "tests/hub.yaml": scenario_of(step)}).diagnostics]

    assert [code] == found
