"""`links` in a plan: one resource a group, that changes with the lists of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from qqgroup_provision.ports import Absent
from qqgroup_provision.resources.linked import LinksKind
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.model import Workspace
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.test_delivery import actions, applied, kept, plan, workspace

ANOTHER = "kind: Group\nkey: beta\nid: 731000002\naccount: main\nlinks: {name: py%s}\n"
LISTED = ", blacklist: {people: [bob]}"


def test_a_list_of_one_group_is_a_change_of_all_that_are_linked(tmp_path: Path) -> None:
    def hub(links: str, elsewhere: str) -> Workspace:
        (tmp_path / "beta.yaml").write_text(ANOTHER % elsewhere, encoding="utf-8")
        return workspace(tmp_path, f"links: {links}\n")

    first = plan(hub("{name: py}", ""), Absent(), None, "hub")
    there = kept(first.documents["hub"])
    same = plan(hub("{name: py}", ""), there, applied(first, State()), "hub")
    other = plan(hub("{name: py}", LISTED), there, applied(first, State()), "hub")
    gone = plan(workspace(tmp_path, "mute_all: false\nwelcome: {text: 好}\n"), there, applied(first, State()), "hub")

    assert {"hub/behavior": "create", "hub/links": "create"} == at_hub(actions(first))
    assert {} == at_hub(actions(same))
    assert {"hub/links": "update"} == at_hub(actions(other))
    assert [100000002] == json.loads(other.documents["hub"])["items"]["links"]["blacklist"]["people"]
    assert "delete" == actions(gone)["hub/links"]


def at_hub(found: Mapping[str, str]) -> dict[str, str]:
    return {address: action for address, action in found.items() if address.startswith("hub/")}


@pytest.mark.parametrize(
    ("links", "codes"),
    [
        ("{name: py}", []),
        ("{name: py, shared_strikes: true}", []),
        ("{name: py, one_group: true}", ["QG543"]),
        ("{name: py, blacklist: {people: [bob], on_member: kick}}", ["QG543", "QG542"]),
    ],
)
def test_a_note_tells_what_a_plain_member_cannot_do(tmp_path: Path, links: str, codes: list[str]) -> None:
    (tmp_path / "beta.yaml").write_text(ANOTHER % "", encoding="utf-8")
    found = plan(workspace(tmp_path, f"links: {links}\n"), Absent(), None, "hub")

    assert sorted(codes) == sorted(
        one.code for one in found.diagnostics if one.code in ("QG542", "QG543") and one.subject == "hub"
    )
    assert not found.errored


def test_the_fields_are_those_of_the_schema_and_who_is_linked() -> None:
    properties = load_schema("group")["properties"]["links"]["properties"]

    assert {*LinksKind.fields} == {*properties, "linked"}
