"""`topics` in YAML: typed, checked, inherited, and the same again from a bot's document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.behavior.conditions import How, Words
from qqgroup_provision.behavior.configuration import Cooldown
from qqgroup_provision.behavior.topics import DAY, Digest, Nudge, Search, Tag, Topics
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.workspace.folder import GROUP, faults, load

ROLES = "roles: [{key: maintainers, members: [alice]}]\n"
HEAD = GROUP.replace("kind: Group\n", "kind: Group\nextends: [base]\n")
WRITTEN = """\
topics:
  tags:
    - {key: help, name: 求助, aliases: [提问], description: 遇到问题, when: {contains: 报错}}
    - {key: share, name: 分享}
  markers: [maintainers]
  keep: 30d
  nudge: {when: {contains: 怎么}, text: "{at} 请带 #求助", cooldown: {group: 5m, user: 1h}, trial: true}
  digest: {at: "0 21 * * *", characters: 50, most: 5}
  search: {most: 3, cooldown: 20s}
"""


def test_everything_is_typed_and_comes_again_from_the_document(tmp_path: Path) -> None:
    group = load(tmp_path, {"hub.yaml": GROUP + ROLES + WRITTEN}).required().groups["hub"]
    built = group.behavior
    assert built is not None
    assert built.topics is not None
    assert built.topics.nudge is not None
    assert built.topics == Topics(
        (Tag("help", "求助", ("提问",), "遇到问题", Words(How.CONTAINS, "报错")), Tag("share", "分享")),
        30 * DAY,
        frozenset({"maintainers"}),
        Nudge(built.topics.nudge.sayings, Words(How.CONTAINS, "怎么"), Cooldown(300, 3600), trial=True),
        Digest("0 21 * * *", 50, 5),
        Search(3, Cooldown(20)),
    )
    assert {str(item) for item in built.items()} == {"hub/topics"}
    assert group.behavior_document is not None
    assert configuration_of(json.loads(canonical(group.behavior_document))).topics == built.topics


def test_little_has_to_be_written(tmp_path: Path) -> None:
    written = "topics: {tags: [{key: a, name: 甲}], nudge: {}, search: true, digest: {at: 0 9 * * 1}}\n"
    built = load(tmp_path, {"hub.yaml": GROUP + written}).required().groups["hub"].behavior
    assert built is not None
    assert built.topics == Topics((Tag("a", "甲"),), nudge=Nudge(), digest=Digest("0 9 * * 1"), search=Search())


def test_a_group_changes_what_its_template_says_or_takes_it_back(tmp_path: Path) -> None:
    template = "kind: Template\nkey: base\n" + WRITTEN
    own = "topics: {tags: [{key: share, name: 经验}], nudge: null, search: false}\n"
    files = {"base.yaml": template, "hub.yaml": HEAD + own}
    built = load(tmp_path, files).required().groups["hub"].behavior
    assert built is not None
    assert built.topics is not None
    assert [tag.name for tag in built.topics.tags] == ["求助", "经验"]
    assert (built.topics.markers, built.topics.nudge, built.topics.search) == (frozenset(), None, None)
    files["hub.yaml"] = HEAD + "topics: null\n"
    bare = load(tmp_path, files).required().groups["hub"].behavior
    assert bare is None or bare.topics is None


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("topics: {tags: [{key: help, name: 求助}, {key: b, name: 问, aliases: [ＨＥＬＰ]}]}\n", ["QG360"]),
        ("topics: {tags: [{key: a, name: 甲}, {key: a, name: 乙}]}\n", ["QG308"]),
        ("topics: {digest: {at: 0 9 * * *}}\n", ["QG361"]),
        ("topics: {tags: [{key: a, name: 甲}], digest: {at: 0 25 * * *}}\n", ["QG351"]),
        ("topics: {tags: [{key: a, name: 甲, when: {flood: {messages: 3, within: 1s}}}]}\n", ["QG346"]),
        ("topics: {tags: [{key: a, name: 甲, when: {image: true}}]}\n", []),
        ('topics: {tags: [{key: a, name: "\\u200b"}]}\n', ["QG333"]),
        ("topics: {tags: [{key: a, name: 甲}], markers: [nobody]}\n", ["QG336"]),
        ('topics: {tags: [{key: a, name: 甲}], nudge: {text: "{nonsense}"}}\n', ["QG334"]),
        ("topics: {}\n", ["QG20"]),
        ("topics: {search: true}\nreplies: [{key: r, when: {equals: 甲}, reply: 乙, title: 丙}]\n", []),
        ("topics: {search: true}\n", ["QG361"]),
    ],
)
def test_what_is_wrong_is_told_before_anybody_tags_anything(tmp_path: Path, written: str, codes: list[str]) -> None:
    found = faults(load(tmp_path, {"hub.yaml": GROUP + written}))
    assert [fault.split(" ")[0][: len(code)] for fault, code in zip(found, codes, strict=True)] == codes
