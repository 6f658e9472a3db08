"""What a bot is to do as a document: the same behaviour comes out of it as went in, and nothing else is taken."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of, digest
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Group
from tests.workspace.folder import GROUP, groups

EXAMPLE = Path("groups")
WRITTEN = """\
profile: {name: 学习群}
roles:
- {key: team, members: [alice, bob], title: 组}
replies:
- key: b
  when: {any: [{equals: 安装}, {all: [{at_me: true}, {not: {link: {except: [python.org]}}}]}, {fuzzy: 怎么装}]}
  reply: [{at: alice}, " 看这里 {name}", {image: pic.png}]
  who: {roles: [team], ranks: [member], level: 3}
  hours: [{from: "23:00", to: "07:00"}]
  cooldown: {user: 10m, group: 1m}
  quote: true
- key: a
  when: {regex: "pip.*(失败)"}
  reply: {weighted: [{say: 一, weight: 2}, {say: [{at: sender}, 二], weight: 1}]}
welcome: {text: "欢迎 {at}", merge_within: 20s}
farewell: {text: {random: [再见, 保重]}}
other_bots: [bob]
"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def group(root: Path, written: str = WRITTEN) -> Group:
    root.mkdir(exist_ok=True)
    (root / "pic.png").write_bytes(PNG)
    return groups(root, {"hub.yaml": GROUP + written})["hub"]


def document(root: Path) -> dict[str, Any]:
    found = group(root).behavior_document
    assert found is not None
    return json.loads(canonical(found))  # type: ignore[no-any-return]


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    built = group(tmp_path)

    assert built.behavior == configuration_of(json.loads(canonical(built.behavior_document or {})))


def test_what_the_example_says_comes_out_as_well() -> None:
    found = [one for one in load_workspace(EXAMPLE).required().groups.values() if one.behavior is not None]

    assert found
    for one in found:
        assert one.behavior == configuration_of(one.behavior_document)


def test_items_are_as_an_author_wrote_them_with_people_by_number(tmp_path: Path) -> None:
    found = document(tmp_path)

    assert {"reply/a", "reply/b", "welcome", "farewell"} == set(found["items"])
    assert [{"at": 100000001}, " 看这里 {name}", {"image": "pic.png"}] == found["items"]["reply/b"]["reply"]
    assert (["b", "a"], {"team": [100000001, 100000002]}) == (found["order"]["replies"], found["roles"])
    assert ["pic.png"] == list(found["assets"])


def test_equal_groups_have_equal_documents_and_others_have_not(tmp_path: Path) -> None:
    one, same = document(tmp_path / "a"), document(tmp_path / "b")
    other = group(tmp_path / "c", WRITTEN.replace("欢迎", "你好")).behavior_document

    assert digest(one) == digest(same)
    assert digest(one) != digest(other or {})


def spoilt(found: dict[str, Any], way: str) -> Any:
    changed = copy.deepcopy(found)
    ways: dict[str, Any] = {
        "format": lambda: changed.update(format=2),
        "no items": lambda: changed.pop("items"),
        "unknown item": lambda: changed["items"].update({"plugin/x": {"run": "rm"}}),
        "unknown key": lambda: changed["items"]["welcome"].update(run="rm"),
        "expression": lambda: changed["items"]["reply/a"].update(when={"regex": "(?=x)"}),
        "placeholder": lambda: changed["items"]["welcome"].update(text="{__class__}"),
        "order": lambda: changed["order"]["replies"].append("c"),
        "not in order": changed["order"]["replies"].pop,
        "zone": lambda: changed.update(timezone="../../etc/passwd"),
        "assets": lambda: changed.update(assets={}),
        "other picture": lambda: changed["items"]["welcome"].update(text=[{"image": "/etc/passwd"}]),
        "role": lambda: changed["items"]["reply/b"]["who"].update(roles=["admins"]),
        "person": lambda: changed["items"]["reply/b"].update(reply=[{"at": "alice"}]),
        "id": lambda: changed.update(id="x"),
        "members": lambda: changed.update(roles={"team": "x"}),
    }
    ways[way]()
    return changed


@pytest.mark.parametrize(
    "way", ["format", "no items", "unknown item", "unknown key", "expression", "placeholder", "order", "not in order",
            "zone", "assets", "other picture", "role", "person", "id", "members"])  # fmt: skip
def test_what_no_group_file_could_say_is_refused(tmp_path: Path, way: str) -> None:
    with pytest.raises(InvalidInput):
        configuration_of(spoilt(document(tmp_path), way))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_else_is_sent_is_refused_and_nothing_breaks(tmp_path: Path, data: st.DataObject) -> None:
    found = document(tmp_path)
    key = data.draw(st.sampled_from(sorted(found)))
    found[key] = data.draw(json_values)
    with suppress(InvalidInput):
        configuration_of(found)
