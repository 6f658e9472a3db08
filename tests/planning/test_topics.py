"""`topics` in a plan: one resource, delivered with the rest of what the bot does."""

from __future__ import annotations

from pathlib import Path

from qqgroup_provision.ports import Absent
from qqgroup_provision.resources.topics import TopicsKind
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.test_delivery import actions, applied, kept, plan, workspace

TAGGED = "topics: {tags: [{key: help, name: 求助}], search: true}\n"


def test_it_is_created_changed_and_removed_by_itself(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, TAGGED), Absent())
    state, there = applied(first, State()), kept(first.documents["hub"])
    later = plan(workspace(tmp_path, TAGGED.replace("求助", "提问")), there, state)

    assert actions(first) == dict.fromkeys(["hub/behavior", "hub/topics"], "create")
    assert actions(plan(workspace(tmp_path, TAGGED), there, state)) == {}
    assert actions(later) == {"hub/topics": "update"}
    assert [field.name for field in later.changes[0].fields] == ["tags"]
    without = plan(workspace(tmp_path, "farewell: {text: 再见}\n"), there, state)
    assert actions(without) == {"hub/farewell": "create", "hub/topics": "delete"}


def test_the_fields_are_those_of_the_schema() -> None:
    assert set(TopicsKind.fields) == set(load_schema("group")["properties"]["topics"]["properties"])
