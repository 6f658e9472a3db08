"""`links` in YAML: put together over all groups, inherited, told where it is wrong, the same as a document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from qqgroup_provision.behavior.linked import Blacklist, Links, MemberOf, Neighbour, OneGroup, OnMember, Overflow
from qqgroup_provision.behavior.placeholders import parse
from qqgroup_provision.errors import InvalidInput
from qqgroup_provision.workspace.behavior_document import canonical, configuration_of
from tests.workspace.folder import WORKSPACE, faults, groups, load

PY = "links: {name: py}"
A, B, C = (Neighbour(731000000 + n, f"{n}群") for n in (1, 2, 3))
TWO_BOTS = WORKSPACE + "bots:\n" + "".join(
    f'  {key}: {{endpoint: "http://127.0.0.1:{port}", token: "${{env:T}}"}}\n' for key, port in (("x", 3), ("y", 4))
)  # fmt: skip


def files(**links: str) -> dict[str, str]:
    """Groups a, b and c, each with what it says of links and whatever follows."""
    return {
        f"{key}.yaml": f"kind: Group\nkey: {key}\nid: 73100000{number}\naccount: main\n"
        f"profile: {{name: {number}群}}\n{text}\n"
        for number, (key, text) in enumerate(links.items(), 1)
    }


def links_of(root: Path, written: Mapping[str, str], workspace: str = WORKSPACE) -> dict[str, Links | None]:
    found = groups(root, written, workspace)
    for group in found.values():
        if group.behavior_document is not None:
            document = json.loads(canonical(group.behavior_document))
            assert group.behavior == configuration_of(document), "a bot reads what YAML said"
    return {key: group.behavior.links if group.behavior is not None else None for key, group in found.items()}


def test_links_say_all_that_a_bot_has_to_know_of_the_other_groups(tmp_path: Path) -> None:
    written = files(
        a="roles: [{key: team, members: [alice]}]\n"
        "links:\n  name: py\n"
        "  blacklist: {people: [bob, 3000000001], file: lists/b.txt,\n"
        "    removed_by_rules: 30d, on_member: kick, reason: 不行}\n"
        "  whitelist: {people: [3000000009]}\n  shared_strikes: true\n"
        "  one_group: {exempt: {roles: [team], people: [3000000008]}}\n  overflow: {to: b, keep_free: 2}",
        b="links: {name: py, overflow: {to: c, keep_free: 5, reason: '请加 {group_id}'}, blacklist: {except: [bob]},"
        " member_of: {group: a}, one_group: true}",
        c="",
    )
    listed = {"lists/b.txt": "\ufeff# spam\nalice # a name\n3000000002\n\n"}
    found = links_of(tmp_path, {**written, **listed})

    everybody = frozenset({100000001, 100000002, 3000000001, 3000000002})
    white = frozenset({3000000009})
    assert None is found["c"]
    assert found["a"] == Links(
        "py", (B,), Blacklist(everybody, frozenset(), 30 * 86400.0, OnMember.KICK, "不行"), white, True,
        OneGroup((B,), "关联的群每人只能加一个", frozenset({"team"}), frozenset({3000000008})),
        Overflow((Neighbour(B.id, B.name, 5), C), parse("本群已满，请加 {group_name}（{group_id}）"), 2),
    )  # fmt: skip
    assert found["b"] == Links(
        "py", (A,), Blacklist(everybody, frozenset({100000002})), white,
        one_group=OneGroup((), "关联的群每人只能加一个"),
        overflow=Overflow((C,), parse("请加 {group_id}"), 5),
        member_of=MemberOf(A, parse("请先加入 {group_name}（{group_id}）")),
    )  # fmt: skip


def test_a_sub_group_takes_links_over_but_not_where_its_parent_sends_people_and_null_takes_them_back(
    tmp_path: Path,
) -> None:
    found = links_of(
        tmp_path,
        files(
            a="links: {name: py, blacklist: {people: [bob]}, overflow: {to: b}, member_of: {group: c}}",
            b="parent: a",
            c="parent: a\nlinks: null",
        ),
    )

    a, b = found["a"], found["b"]
    assert a is not None
    assert b is not None
    assert None is found["c"]
    assert ("py", a.blacklist, None, None) == (b.name, b.blacklist, b.overflow, b.member_of)
    assert a.overflow is not None
    assert a.member_of is not None


def test_a_list_that_changes_makes_another_plan(tmp_path: Path) -> None:
    written = files(a="links: {name: py, blacklist: {file: b.txt}}", b="links: {name: py}")
    before, after = (load(tmp_path, {**written, "b.txt": text}).required() for text in ("alice\n", "alice\nbob\n"))

    assert before.digest != after.digest
    for key in ("a", "b"):
        assert before.groups[key].behavior_document != after.groups[key].behavior_document


@pytest.mark.parametrize(
    ("a", "b", "code", "at"),
    [
        ("links: {name: py, overflow: {to: d}}", "", "QG366 a.yaml:6", "d}"),
        ("links: {name: py, member_of: {group: d}}", "", "QG366 a.yaml:6", "d}"),
        ("links: {name: py, overflow: {to: a}}", "", "QG367 a.yaml:6", "a}"),
        ("links: {name: py, member_of: {group: b}}", "links: {name: py, member_of: {group: a}}", "QG367", "b}"),
        ("links: {name: py, overflow: {to: b}}", "links: {name: py, overflow: {to: a}}", "QG367 a.yaml:6", "b}"),
        ("links: {name: py, blacklist: {people: [nobody]}}", PY, "QG306 a.yaml:6", "nobody"),
        ("links: {name: py, blacklist: {except: [nobody]}}", PY, "QG306 a.yaml:6", "nobody"),
        ("links: {name: py, one_group: {exempt: {people: [nobody]}}}", PY, "QG306 a.yaml:6", "nobody"),
        ("links: {name: py, one_group: {exempt: {roles: [nobody]}}}", PY, "QG336 a.yaml:6", "nobody"),
        ("links: {name: py, one_group: true}", "links: {name: yp}", "QG374 a.yaml:6", "py"),
        ("links: {name: py, overflow: {to: b, reason: '{name}'}}", "", "QG334 a.yaml:6", "'{name}'"),
        ("links: {name: py, member_of: {group: b, reason: '{'}}", "", "QG334 a.yaml:6", "'{'"),
        ("links: {name: py, blacklist: {people: [bob]}}", PY[:-1] + ", whitelist: {people: [bob]}}", "QG369", ""),
        ("links: {name: py, blacklist: {file: ../b.txt}}", PY, "QG121 a.yaml:6", "../b.txt"),
        ("links: {name: py, blacklist: {file: none.txt}}", PY, "QG122 a.yaml:6", "none.txt"),
        ("links: {name: py, blacklist: {file: wrong.txt}}", PY, "QG370 wrong.txt:2:1", ""),
        ("links: {name: py, blacklist: {file: small.txt}}", PY, "QG370 small.txt:1:1", ""),
        ("links: {name: py, blacklist: {file: long.txt}}", PY, "QG370 long.txt:1:1", ""),
        ("links: {name: py, blacklist: {file: many.txt}}", PY, "QG370 a.yaml:6", "many.txt"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_where_it_stands(tmp_path: Path, a: str, b: str, code: str, at: str) -> None:
    lists = {
        "wrong.txt": "bob\nnobody at all\nnor here\n",
        "small.txt": "12\n",
        "long.txt": "9" * 9999,
        "many.txt": "bob\n" * 20001,
    }
    found = faults(load(tmp_path, {**files(a=a, b=b), **lists}))

    assert found
    assert all(one.startswith(code) for one in found), found
    if at:
        assert a[int(found[0].rsplit(":", 1)[1]) - 1 :].startswith(at)


def test_whom_a_group_excepts_may_be_on_both_lists_as_far_as_it_is_concerned(tmp_path: Path) -> None:
    written = files(
        a="links: {name: py, blacklist: {people: [bob], except: [bob]}}",
        b="links: {name: py, whitelist: {people: [bob]}, blacklist: {except: [bob]}}",
    )

    assert [] == faults(load(tmp_path, written))


def test_groups_of_different_bots_cannot_be_linked(tmp_path: Path) -> None:
    written = files(
        a="bot: x\nlinks: {name: py, one_group: true}",
        b="bot: y\nlinks: {name: py}",
        c="bot: x\nlinks: {name: zz, member_of: {group: b}}",
    )
    found = faults(load(tmp_path, written, TWO_BOTS))

    assert ["QG368 a.yaml:7:15", "QG368 b.yaml:7:15", "QG368 c.yaml:7:38"] == found


@pytest.mark.parametrize(
    "damage",
    [
        {"name": "../x"},
        {"linked": [{"id": "731000002", "name": "b"}]},
        {"linked": [{"id": 1, "name": "b", "token": "x"}]},
        {"blacklist": {"people": ["bob"], "except": []}},
        {"blacklist": {"people": [True], "except": []}},
        {"blacklist": {"people": [], "except": [], "on_member": "burn"}},
        {"overflow": {"to": [], "reason": "{at}"}},
        {"member_of": {"group": None}},
        {"whitelist": 7},
        {"unheard": 1},
        None,
    ],
)
def test_a_document_that_no_workspace_comes_to_is_refused(
    tmp_path: Path, damage: Mapping[str, object] | None
) -> None:
    found = groups(tmp_path, files(a="links: {name: py, one_group: true}", b="links: {name: py}"))["a"]
    document = json.loads(canonical(found.behavior_document or {}))
    document["items"]["links"] = {**document["items"]["links"], **damage} if damage is not None else [1]

    with pytest.raises(InvalidInput):
        configuration_of(document)


@pytest.mark.parametrize(
    "written",
    ["{one_group: true}", "{name: PY}", "{name: py, overflow: {}}", "{name: py, mirror: a}", "[py]",
     "{name: py, blacklist: {on_member: mute}}", "{name: py, blacklist: {removed_by_rules: 5m}}"],
)  # fmt: skip
def test_what_the_schema_does_not_know_is_refused(tmp_path: Path, written: str) -> None:
    assert faults(load(tmp_path, files(a=f"links: {written}", b="")))
