"""`last_resort` and the assistants it names in YAML: typed, checked, and the same again from a bot's document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.behavior.conditions import How, Words
from qqgroup_provision.behavior.configuration import Who
from qqgroup_provision.behavior.last_resort import Assistant, LastResort
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.workspace.folder import GROUP, WORKSPACE, faults, load

ASSISTANTS = """\
assistants:
  main:
    {kind: openai, url: "https://api.example.com/v1/", model: small, token: "${env:QQGROUP_ASSISTANT_A}", per_day: 9}
  near: {kind: http, url: "http://127.0.0.1:9/ask", timeout: 5s}
"""
ROLES = "roles: [{key: team, members: [alice]}]\n"
WRITTEN = """\
last_resort:
  assistant: main
  prompt: 简短
  when: {contains: 请问}
  who: {roles: [team]}
  longest: 100
  per_day: {group: 20, user: 3}
  fallback: 不知道
"""


def test_everything_is_typed_and_comes_again_from_the_document_with_no_token_in_it(tmp_path: Path) -> None:
    group = load(tmp_path, {"hub.yaml": GROUP + ROLES + WRITTEN}, WORKSPACE + ASSISTANTS).required().groups["hub"]
    built, document = group.behavior, group.behavior_document
    assert built is not None
    assert built.last_resort is not None
    asked = Assistant("openai", "https://api.example.com/v1", "small", "QQGROUP_ASSISTANT_A", 20.0, 9)
    who = Who(roles=frozenset({"team"}))
    assert built.last_resort == LastResort(
        asked, "简短", Words(How.CONTAINS, "请问"), who, 100, 20, 3, built.last_resort.sayings
    )
    assert {str(item) for item in built.items()} == {"hub/last_resort"}
    assert document is not None
    assert configuration_of(json.loads(canonical(document))).last_resort == built.last_resort


def test_little_has_to_be_written_and_a_group_may_take_it_back(tmp_path: Path) -> None:
    head = GROUP.replace("kind: Group\n", "kind: Group\nextends: [base]\n")
    template = "kind: Template\nkey: base\nlast_resort: {assistant: near}\n"
    space = load(tmp_path, {"base.yaml": template, "hub.yaml": head}, WORKSPACE + ASSISTANTS).required()
    assert space.groups["hub"].behavior is not None
    near = Assistant("http", "http://127.0.0.1:9/ask", timeout=5.0)
    assert space.groups["hub"].behavior.last_resort == LastResort(near)
    none = load(tmp_path, {"hub.yaml": head + "last_resort: null\n"}, WORKSPACE + ASSISTANTS).required()
    assert none.groups["hub"].behavior is None or none.groups["hub"].behavior.last_resort is None


def _replaced(one: str, other: str) -> str:
    assert one in ASSISTANTS
    return ASSISTANTS.replace(one, other)


@pytest.mark.parametrize(
    ("assistants", "written", "codes"),
    [
        (ASSISTANTS, WRITTEN.replace("main", "mian"), ["QG364"]),
        ("", WRITTEN, ["QG364"]),
        (_replaced("https://api", "http://api"), WRITTEN, ["QG362"]),
        (_replaced(", model: small", ""), WRITTEN, ["QG363"]),
        (_replaced("env:QQGROUP_ASSISTANT_A", "env:QQGROUP_BOT_TOKEN"), WRITTEN, ["QG20"]),
        (_replaced("${env:QQGROUP_ASSISTANT_A}", "abc"), WRITTEN, ["QG20"]),
        (_replaced("https://api.", "https://user:pass@api."), WRITTEN, ["QG20"]),
        (ASSISTANTS, WRITTEN.replace("[team]", "[nobody]"), ["QG336"]),
        (ASSISTANTS, WRITTEN.replace("不知道", "'{nobody}'"), ["QG334"]),
        (ASSISTANTS, WRITTEN.replace("contains: 请问", "repeat: {times: 3, within: 1s}"), ["QG346"]),
        (ASSISTANTS, WRITTEN.replace("100", "1"), ["QG20"]),
    ],
)
def test_what_is_wrong_is_told_before_anybody_is_asked(
    tmp_path: Path, assistants: str, written: str, codes: list[str]
) -> None:
    found = faults(load(tmp_path, {"hub.yaml": GROUP + ROLES + written}, WORKSPACE + assistants))
    assert [fault.split(" ")[0][: len(code)] for fault, code in zip(found, codes, strict=True)] == codes


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://api.example.com"},
        {"url": "file:///etc/passwd"},
        {"token": "${env:QQGROUP_BOT_TOKEN}"},
        {"timeout": "9999s"},
        {"more": 1},
        {"kind": "shell"},
    ],
)
def test_a_bot_takes_no_document_that_would_have_it_ask_elsewhere(tmp_path: Path, change: dict[str, object]) -> None:
    group = load(tmp_path, {"hub.yaml": GROUP + ROLES + WRITTEN}, WORKSPACE + ASSISTANTS).required().groups["hub"]
    assert group.behavior_document is not None
    document = json.loads(canonical(group.behavior_document))
    document["items"]["last_resort"]["assistant"].update(change)
    with pytest.raises(InvalidInput):
        configuration_of(document)
