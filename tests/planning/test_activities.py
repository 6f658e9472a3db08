"""Activities and what roles may: one resource each, delivered with the rest of what the bot does."""

from __future__ import annotations

import json
from pathlib import Path

from qqgroup_provision.ports import Absent
from qqgroup_provision.resources.activity import ActivityKind
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.test_delivery import actions, applied, kept, plan, workspace

ROLES = "roles:\n- {key: team, members: [alice], may: [mute]}\n"
TIMES = "opens: 2026-12-01T09:00, closes: 2026-12-07T22:00"
STAR = f"- {{key: star, kind: nomination, title: 之星, {TIMES}}}\n"
DRAW = f"- {{key: draw, kind: lottery, title: 抽奖, prizes: [{{name: 书, count: 1}}], {TIMES}}}\n"


def test_each_is_a_resource_and_a_change_of_one_leaves_the_others(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, f"{ROLES}activities:\n{STAR}{DRAW}"), Absent())
    there = kept(first.documents["hub"])
    changed = plan(
        workspace(
            tmp_path, f"{ROLES.replace('mute', 'kick')}activities:\n{STAR}{DRAW.replace('count: 1', 'count: 2')}"
        ),
        there,
        applied(first, State()),
    )
    gone = plan(
        workspace(tmp_path, f"{ROLES.replace('[mute]', '[]')}activities:\n{STAR}"), there, applied(first, State())
    )
    same = plan(workspace(tmp_path, f"{ROLES}activities:\n{STAR}{DRAW}"), there, applied(first, State()))

    ours = {"hub/activity/draw", "hub/activity/star", "hub/role_permission/team"}
    assert ours <= actions(first).keys()
    assert {"hub/activity/draw": "update", "hub/role_permission/team": "update"} == actions(changed)
    assert {"hub/activity/draw": "delete", "hub/role_permission/team": "delete"} == actions(gone)
    assert ["star"] == json.loads(gone.documents["hub"])["order"]["activities"]
    assert {} == actions(same)


def test_a_note_tells_that_a_plain_member_can_carry_out_no_command(tmp_path: Path) -> None:
    space = workspace(tmp_path, ROLES)
    found = plan(space, Absent())

    assert ["QG546"] == [one.code for one in found.diagnostics]
    assert not found.errored
    again = plan(space, kept(found.documents["hub"]), applied(found, State()))
    assert [] == [one.code for one in again.diagnostics], "where nothing changes nothing is told"
    assert [] == [one.code for one in plan(workspace(tmp_path, f"activities:\n{STAR}"), Absent()).diagnostics]


def test_the_fields_are_those_of_the_schema() -> None:
    properties = load_schema("group")["$defs"]["activity"]["properties"]

    assert {"key", *ActivityKind.fields} == set(properties)
