"""`last_resort` in a plan: one resource, with the assistant in it, so that another address is seen by who reviews."""

from __future__ import annotations

from pathlib import Path

from qqgroup_provision.ports import Absent
from qqgroup_provision.resources.last_resort import LastResortKind
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.load import load_workspace
from qqgroup_provision.workspace.model import Workspace
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.test_delivery import actions, applied, kept, plan, workspace

ASKING = "last_resort: {assistant: main}\n"


def asking(root: Path, assistants: str) -> Workspace:
    workspace(root, "")
    with (root / "workspace.yaml").open("a", encoding="utf-8") as file:
        file.write(assistants)
    with (root / "hub.yaml").open("a", encoding="utf-8") as file:
        file.write(ASKING)
    return load_workspace(root).required()


def test_another_address_of_the_assistant_is_a_change_of_the_group(tmp_path: Path) -> None:
    written = "assistants: {main: {kind: http, url: 'https://one.example.com'}}\n"
    first = plan(asking(tmp_path, written), Absent())
    state, there = applied(first, State()), kept(first.documents["hub"])
    later = plan(asking(tmp_path, written.replace("one", "two")), there, state)

    assert actions(first) == dict.fromkeys(["hub/behavior", "hub/last_resort"], "create")
    assert actions(plan(asking(tmp_path, written), there, state)) == {}
    assert actions(later) == {"hub/last_resort": "update"}
    assert [field.name for field in later.changes[0].fields] == ["assistant"]


def test_the_fields_are_those_of_the_schema() -> None:
    assert set(LastResortKind.fields) == set(load_schema("group")["properties"]["last_resort"]["properties"])
