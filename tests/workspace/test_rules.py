"""Rules in YAML: composed, typed, and what nobody could mean told at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.behavior.conditions import Any, Flood, How, Link, Longer, Repeat, Words
from qqgroup_provision.behavior.configuration import Penalty, Rule
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.workspace.folder import GROUP, faults, groups, load

ADS = """\
roles: [{key: team, members: [alice]}]
rules:
  items:
  - key: no-ads
    text: 禁止发布广告
    detect: {any: [{contains: 刷单}, {link: {except: [python.org]}}]}
    penalties: [warn, {mute: 10m}, {recall: true, mute: 1d, warn: true}, kick]
    strikes: {decay: 7d}
    exempt: {roles: [team], ranks: [owner, admin]}
    trial: true
  - {key: flood, text: 禁止刷屏, detect: {any: [{flood: {messages: 8, within: 10s}},
     {repeat: {times: 3, within: 1m}}, {longer_than: 2000}]}, penalties: [recall]}
"""


def test_a_rule_is_what_it_says(tmp_path: Path) -> None:
    hub = groups(tmp_path, {"hub.yaml": GROUP + ADS})["hub"]
    assert hub.behavior is not None
    ads, flood = hub.behavior.rules

    assert ads == Rule(
        "no-ads",
        "禁止发布广告",
        Any((Words(How.CONTAINS, "刷单"), Link(("python.org",)))),
        (Penalty(warn=True), Penalty(mute=600), Penalty(warn=True, recall=True, mute=86400), Penalty(kick=True)),
        7 * 86400,
        frozenset({"team"}),
        True,
    )
    assert (Any((Flood(8, 10), Repeat(3, 60), Longer(2000))), 30 * 86400) == (flood.detect, flood.decay)
    assert ["hub/rule/no-ads", "hub/rule/flood"] == [str(item) for item in hub.behavior.items()]
    assert hub.behavior == configuration_of(json.loads(canonical(hub.behavior_document or {})))


def test_rules_are_composed_by_key_and_inherited_and_those_of_the_group_come_first(tmp_path: Path) -> None:
    template = (
        "kind: Template\nkey: common\nrules: {items: [{key: a, text: 一, detect: {contains: x}, penalties: [warn],"
        " exempt: {roles: [elsewhere], ranks: [admin]}},"
        " {key: b, text: 二, detect: {contains: y}, penalties: [warn]}]}\n"
    )
    hub = GROUP + "extends: [common]\nrules: {items: [{key: b, text: 二, detect: {prefix: z}, penalties: [kick]}, "
    hub += "{key: c, text: 三, detect: {contains: w}, penalties: [kick]}]}\n"
    sub = "kind: Group\nkey: sub\nid: 731000002\naccount: main\nparent: hub\n"
    found = groups(tmp_path, {"t.yaml": template, "hub.yaml": hub, "sub.yaml": sub})
    behavior = found["hub"].behavior

    assert behavior is not None
    assert ["b", "c", "a"] == [rule.key for rule in behavior.rules]
    assert behavior.rules[2].exempt_roles == frozenset(), "what another file exempts may not be here"
    assert behavior == configuration_of(json.loads(canonical(found["hub"].behavior_document or {})))
    assert behavior.rules[0].detect == Words(How.PREFIX, "z"), "half of a condition is another one"
    inherited = found["sub"].behavior
    assert inherited is not None
    assert {"a", "b", "c"} == {rule.key for rule in inherited.rules}


RULES = "rules:\n  items:\n"


def rule(detect: str = "{contains: a}", penalties: str = "[warn]", more: str = "") -> str:
    text = f"{RULES}  - key: a\n    text: 一\n    detect: {detect}\n    penalties: {penalties}\n"
    return text + (f"    {more}\n" if more else "")


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (rule(penalties="[warn, kick, {mute: 1h}]"), "QG344 hub.yaml:9:29"),
        (rule(penalties="[{mute: 1d}, warn]", more="strikes: {decay: 1d}"), "QG344 hub.yaml:9:29"),
        (rule(penalties="[warn, {mute: 30d}]"), "QG345 hub.yaml:9:23"),
        (rule(penalties="[{mute: 0s}]"), "QG345 hub.yaml:9:17"),
        (rule(penalties="[{mute: 500ms}]"), "QG345 hub.yaml:9:17"),
        (rule(more="exempt: {roles: [nobody]}"), "QG336 hub.yaml:10:22"),
        (rule(detect="{contains: ' '}"), "QG333 hub.yaml:8:24"),
        ("rules: {publish: {}}\n", "QG208 hub.yaml:4:18"),
        (rule(penalties="[shame]"), "QG20"),
        (rule(more="strikes: {decay: 0s}"), "QG20"),
        ("replies: [{key: a, when: {flood: {messages: 2, within: 1s}}, reply: b}]\n", "QG346 hub.yaml:4:34"),
        (rule() + rule()[len(RULES) :], "QG308 hub.yaml:10:10"),
    ],
)
def test_what_nobody_could_mean_is_told_at_its_place(tmp_path: Path, written: str, fault: str) -> None:
    (found,) = faults(load(tmp_path, {"hub.yaml": GROUP + written}))

    assert found.startswith(fault)


def test_a_mute_at_the_last_step_may_outlast_a_strike(tmp_path: Path) -> None:
    written = rule(penalties="[warn, {mute: 29d}]", more="strikes: {decay: 1h}")

    assert [] == faults(load(tmp_path, {"hub.yaml": GROUP + written}))
