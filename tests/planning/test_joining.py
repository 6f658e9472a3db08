"""Who comes in, as a bot decides it: planned item by item beside QQ's own settings of joining."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.ports import Absent
from qqgroup_provision.resources.joining import JoinReviewKind, NewcomerKind
from qqgroup_provision.state.model import State
from qqgroup_provision.workspace.schema import load_schema
from tests.planning.test_delivery import actions, applied, kept, plan, workspace

REVIEW = "  review: [{reject: {blacklist: true}}, {otherwise: approve}]\n"
NEWCOMER = "  newcomer: {question: 问, answer: {contains: 甲}, within: 10m, otherwise: report}\n"


def test_both_are_resources_of_their_own_and_a_change_of_one_leaves_the_other(tmp_path: Path) -> None:
    first = plan(workspace(tmp_path, "join:\n  blacklist: [bob]\n" + REVIEW + NEWCOMER), Absent())
    there = kept(first.documents["hub"])
    same = plan(
        workspace(tmp_path, "join:\n  blacklist: [bob]\n" + REVIEW + NEWCOMER), there, applied(first, State())
    )
    other = workspace(tmp_path, "join:\n  blacklist: [alice]\n" + REVIEW + NEWCOMER)
    found = plan(other, there, applied(first, State()))
    gone = plan(workspace(tmp_path, "join:\n" + NEWCOMER), there, applied(first, State()))

    assert dict.fromkeys(["hub/behavior", "hub/join_review", "hub/newcomer"], "create") == actions(first)
    assert {} == actions(same)
    assert {"hub/join_review": "update"} == actions(found)
    assert [100000001] == json.loads(found.documents["hub"])["items"]["join_review"]["blacklist"]
    assert {"hub/join_review": "delete"} == actions(gone)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (REVIEW, ["QG543"]),
        (NEWCOMER, []),
        (NEWCOMER.replace("report", "kick"), ["QG542"]),
        (NEWCOMER.replace("report", "{mute: 1d}"), ["QG542"]),
    ],
)
def test_a_note_tells_what_a_plain_member_cannot_do(tmp_path: Path, written: str, code: list[str]) -> None:
    space = workspace(tmp_path, f"join:\n{written}")
    found = plan(space, Absent())

    assert code == [one.code for one in found.diagnostics]
    assert not found.errored
    again = plan(space, kept(found.documents["hub"]), applied(found, State()))
    assert [] == [one.code for one in again.diagnostics], "where nothing changes nothing is told"


def test_the_fields_are_those_of_the_schema() -> None:
    properties = load_schema("group")["properties"]["join"]["properties"]

    assert set(NewcomerKind.fields) == set(properties["newcomer"]["properties"])
    assert set(JoinReviewKind.fields) <= set(properties)
