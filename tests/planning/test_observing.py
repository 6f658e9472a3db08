"""`statistics` and `inactive` in a plan: one resource each, in one delivery, with a word of what cannot work."""

from __future__ import annotations

from pathlib import Path

from qqgroup_provision.ports import Absent
from qqgroup_provision.resources.observing import InactiveKind, StatisticsKind
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.test_delivery import actions, applied, kept, plan, workspace

COUNTED = "statistics: {keywords: [python], report: {at: 0 22 * * 0}}\n"
SILENT = "inactive: {after: 180d, at: 0 3 1 * *}\n"


def test_each_is_created_changed_and_removed_by_itself(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, COUNTED + SILENT), Absent())
    state, there = applied(first, State()), kept(first.documents["hub"])
    later = plan(workspace(tmp_path, COUNTED.replace("22", "21") + SILENT), there, state)

    assert actions(first) == dict.fromkeys(["hub/behavior", "hub/statistics", "hub/inactive"], "create")
    assert actions(plan(workspace(tmp_path, COUNTED + SILENT), there, state)) == {}
    assert actions(later) == {"hub/statistics": "update"}
    assert [field.name for field in later.changes[0].fields] == ["report"]
    assert actions(plan(workspace(tmp_path, COUNTED), there, state)) == {"hub/inactive": "delete"}


def test_a_plain_member_that_is_to_remove_people_is_told_of(tmp_path: Path) -> None:
    kick = SILENT.replace("}", ", action: kick}")

    assert ["QG542"] == [item.code for item in plan(workspace(tmp_path, kick), Absent()).diagnostics]
    assert [] == [item.code for item in plan(workspace(tmp_path, SILENT), Absent()).diagnostics]


def test_the_fields_are_those_of_the_schema() -> None:
    properties = load_schema("group")["properties"]
    for kind in (StatisticsKind, InactiveKind):
        assert set(kind.fields) == set(properties[kind.name]["properties"])
