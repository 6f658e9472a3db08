"""Lists of hosts, cards, appeals and conditions in YAML: typed, composed, and told where they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qqgroup_provision.behavior.appeals import Appeal
from qqgroup_provision.behavior.conditions import Any as Either
from qqgroup_provision.behavior.conditions import Not, Personal, Phishing, Qr
from qqgroup_provision.behavior.configuration import Configuration, Penalty
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.workspace.folder import GROUP, faults, groups, load

LISTED = "# 名单\nevil.example\n*.pages.example # 只有子域名\n"
ROLES = "roles: [{key: team, members: [alice], may: [appeal]}]\n"


def written(folder: Path, name: str, content: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")


def behavior(root: Path, rules: str, extra: str = ROLES) -> Configuration:
    """The hub's behaviour, the same after its document has travelled."""
    written(root, "lists/bad.txt", LISTED)
    hub = groups(root, {"hub.yaml": f"{GROUP}{extra}rules: {rules}\n"})["hub"]
    assert hub.behavior is not None
    assert hub.behavior_document is not None
    assert hub.behavior == configuration_of(json.loads(canonical(hub.behavior_document)))
    return hub.behavior


def told(root: Path, rules: str, extra: str = ROLES) -> list[tuple[str, str, int]]:
    found = load(root, {"hub.yaml": f"{GROUP}{extra}rules: {rules}\n"})
    return [(one.code, one.place.file, one.place.line) for one in found.diagnostics if one.place is not None]


def detecting(condition: str) -> str:
    return f"{{items: [{{key: a, text: 一, detect: {condition}, penalties: [warn]}}]}}"


EVERY = ("phone", "identity", "bank_card", "key")


@pytest.mark.parametrize(
    ("condition", "typed"),
    [
        ("{qr: true}", Qr()),
        ("{qr: false}", Not(Qr())),
        ("{qr: {invitation: true}}", Qr(invitation=True)),
        ("{qr: {hosts: [a.com]}}", Qr(("a.com",), others=False)),
        ("{qr: {except: [a.com]}}", Qr(("a.com",))),
        ("{personal_data: true}", Personal(EVERY)),
        ("{personal_data: false}", Not(Personal(EVERY))),
        ("{personal_data: [phone, key]}", Personal(("phone", "key"))),
        ("{any: [{phishing: {imitates: [qq.com]}}, {qr: true}]}", Either((Phishing((), ("qq.com",)), Qr()))),
    ],
)
def test_a_condition_is_what_it_says(tmp_path: Path, condition: str, typed: object) -> None:
    assert typed == behavior(tmp_path, detecting(condition)).rules[0].detect


def test_a_list_of_hosts_travels_with_the_behaviour_and_a_new_line_is_a_change(tmp_path: Path) -> None:
    short = behavior(tmp_path / "a", detecting("{phishing: lists/bad.txt}")).rules[0].detect
    long = behavior(tmp_path / "b", detecting("{phishing: {lists: [lists/bad.txt]}}")).rules[0].detect
    assert isinstance(short, Phishing)
    assert short == long
    (hosts,) = short.lists
    assert (True, True, False) == tuple(
        hosts.takes(h) for h in ("a.evil.example", "x.pages.example", "pages.example")
    )
    written(tmp_path / "c", "lists/bad.txt", LISTED + "new.example\n")
    hub = groups(tmp_path / "c", {"hub.yaml": f"{GROUP}rules: {detecting('{phishing: lists/bad.txt}')}\n"})["hub"]
    assert hub.behavior is not None
    assert hub.behavior.rules[0].detect != short


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("ok.example\nhttp://evil.example/\n", [("QG347", "lists/bad.txt", 2)]),
        ("com\n*.com.cn\n", [("QG348", "lists/bad.txt", 1), ("QG348", "lists/bad.txt", 2)]),
        ("\n".join(f"a{number}.example" for number in range(20_001)), [("QG349", "hub.yaml", 5)]),
        ("#" * ((1 << 20) + 1), [("QG349", "hub.yaml", 5)]),
        ("\x00\n", [("QG347", "lists/bad.txt", 1)]),
    ],
)
def test_what_is_wrong_with_a_list_is_told_at_its_line(
    tmp_path: Path, content: str, expected: list[tuple[str, str, int]]
) -> None:
    written(tmp_path, "lists/bad.txt", content)
    assert expected == told(tmp_path, detecting("{phishing: lists/bad.txt}"))


@pytest.mark.parametrize("path", ["../bad.txt", "/etc/passwd", "missing.txt"])
def test_a_list_lies_in_the_workspace(tmp_path: Path, path: str) -> None:
    found = told(tmp_path, detecting(f"{{phishing: {path}}}"))
    assert found[0][0] in ("QG121", "QG122")


@pytest.mark.parametrize(
    "change",
    [
        {"hosts": ["evil.example"]},
        {"hosts": ["com"]},
        {"hosts": ["http://x/"]},
        {"hosts": "evil.example"},
        {"hosts": None},
        {"sha256": "0" * 64},
    ],
)
def test_a_bot_takes_no_list_that_is_not_the_one_it_was_made_of(tmp_path: Path, change: dict[str, Any]) -> None:
    written(tmp_path, "lists/bad.txt", LISTED)
    hub = groups(tmp_path, {"hub.yaml": f"{GROUP}rules: {detecting('{phishing: lists/bad.txt}')}\n"})["hub"]
    document = json.loads(canonical(hub.behavior_document or {}))
    document["lists"]["lists/bad.txt"].update(change)
    with pytest.raises(InvalidInput):
        configuration_of(document)
    for other in ([], {"lists/bad.txt": []}, {"lists/bad.txt": None}, "x", None):
        with pytest.raises(InvalidInput):
            configuration_of({**document, "lists": other})


def test_steps_of_a_penalty_may_recall_several(tmp_path: Path) -> None:
    rules = detecting("{contains: x}").replace(
        "[warn]", "[{recall: true}, {recall: {last: 10, within: 10m}, mute: 1h, warn: true}]"
    )
    several = Penalty(warn=True, recall=True, mute=3600, last=10, within=600)
    assert (Penalty(recall=True), several) == behavior(tmp_path, rules).rules[0].penalties


CARD = "{parts: [{one_of: [北京, 上海]}, '-', {han: 2-4}, {digits: 2}], example: 北京-小明01"


def test_a_card_is_said_by_its_parts_or_by_an_expression(tmp_path: Path) -> None:
    found = behavior(tmp_path, f"{{card_format: {CARD}, penalties: [{{mute: 10m}}], remind_every: 2h}}}}").card_format
    assert found is not None
    cards = ["上海-小明12", "北京－小明１２", "北京-小12", "广州-小明12", "北京-小明", "北京-小明123"]
    assert [True, True, False, False, False, False] == [found.fits(card) for card in cards]
    assert (7200.0, (Penalty(mute=600),), "北京-小明01") == (found.every, found.penalties, found.text)
    other = behavior(tmp_path / "b", r"{card_format: {regex: '\d{4}级-.+', example: 2024级-小明, text: 年级-名字}}")
    assert other.card_format is not None
    assert (True, False) == tuple(other.card_format.fits(card) for card in ("2023级-小红", "小红"))


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("{card_format: {example: a}}", "QG350"),
        ("{card_format: {example: a, regex: a, parts: [a]}}", "QG350"),
        ("{card_format: {example: b, regex: a}}", "QG357"),
        ("{card_format: {example: a, regex: '(?=a)a'}}", "QG331"),
        ("{card_format: {example: a, regex: a, penalties: [{mute: 30d}]}}", "QG345"),
        ("{card_format: {example: a, regex: a, exempt: {roles: [nobody]}}}", "QG336"),
        ("{appeal: {word: 申诉}, items: [{key: a, text: 一, detect: {contains: 申}, penalties: [warn]}]}", "QG359"),
        ("{appeal: {word: ' '}}", "QG207"),
        (detecting("{qr: {}}"), "QG208"),
        (detecting("{personal_data: [email]}"), "QG206"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, rules: str, code: str) -> None:
    assert code in [found[0] for found in told(tmp_path, rules)]


def test_a_code_is_no_answer_to_a_question(tmp_path: Path) -> None:
    review = "join: {review: [{approve: {answer: {qr: true}}}]}\n"
    assert ["QG371"] == [one.code for one in load(tmp_path, {"hub.yaml": GROUP + review}).diagnostics]


def test_appeals_that_nobody_may_grant_are_a_warning(tmp_path: Path) -> None:
    found = load(tmp_path, {"hub.yaml": f"{GROUP}rules: {{appeal: true}}\n"})
    assert ["QG356"] == [one.code for one in found.diagnostics]
    assert found.workspace is not None
    assert Appeal() == behavior(tmp_path / "b", "{appeal: true}").appeal
    assert Appeal("异议", 3 * 86400) == behavior(tmp_path / "c", "{appeal: {word: 异议, within: 3d}}").appeal


def test_a_group_takes_back_what_its_template_says_of_cards_and_appeals(tmp_path: Path) -> None:
    template = f"kind: Template\nkey: common\nrules: {{card_format: {CARD}}}, appeal: true}}\n"
    hub = f"{GROUP}{ROLES}extends: [common]\nrules: {{card_format: null, appeal: {{within: 1d}}}}\n"
    other = GROUP.replace("hub", "other").replace("731000001", "731000002") + f"{ROLES}extends: [common]\n"
    whole = GROUP.replace("hub", "whole").replace("731000001", "731000003") + f"{ROLES}extends: [common]\n"
    whole += "rules: {card_format: {regex: a+, example: a}}\n"
    loaded = load(tmp_path, {"t.yaml": template, "hub.yaml": hub, "other.yaml": other, "whole.yaml": whole})
    assert [] == faults(loaded)
    found = {key: group.behavior for key, group in loaded.required().groups.items()}
    assert found["hub"] is not None and found["other"] is not None and found["whole"] is not None  # noqa: PT018
    assert (None, Appeal(within=86400)) == (found["hub"].card_format, found["hub"].appeal)
    assert found["other"].card_format is not None
    assert Appeal() == found["other"].appeal
    assert found["whole"].card_format is not None
    assert found["whole"].card_format.fits("aa")


def test_a_role_that_is_exempt_from_rules_is_one_of_the_bots_items(tmp_path: Path) -> None:
    extra = (
        "roles: [{key: team, members: [alice], exempt_from_rules: true}, {key: other, exempt_from_rules: false}]\n"
    )
    found = behavior(tmp_path, detecting("{contains: x}"), extra)
    assert frozenset({"team"}) == found.exempt
    assert "hub/role_permission/team" in [str(item) for item in found.items()]
    assert "hub/role_permission/other" not in [str(item) for item in found.items()]


def test_a_card_in_a_scenario_is_somebodys(tmp_path: Path) -> None:
    def codes(step: str) -> list[str]:
        tests = f"kind: Tests\ngroup: hub\nscenarios: [{{name: a, steps: [{step}]}}]\n"
        return [one.code for one in load(tmp_path, {"hub.yaml": GROUP, "tests.yaml": tests}).diagnostics]

    assert [] == codes("{say: 好, card: 小明}")
    assert [] == codes("{changes_card: alice, card: ''}")
    assert ["QG338"] == codes("{join: alice, card: 小明}")
    assert ["QG338"] == codes("{changes_card: alice, say: 好}")


def test_a_list_that_sorts_messages_or_answers_travels_too(tmp_path: Path) -> None:
    tags = "topics: {tags: [{key: bad, name: 坏, when: {phishing: lists/bad.txt}}]}\n"
    assert 1 == len(behavior(tmp_path, "{items: []}", tags).host_lists())
