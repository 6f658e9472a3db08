"""`qqgroup state`: what was applied last, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqgroup_provision.addresses import Address
from qqgroup_provision.state.format import dump
from qqgroup_provision.state.model import Entry, State
from tests.cli.inside import run_on
from tests.stage import Stage, write_yaml

WORKSPACE = {
    "kind": "Workspace",
    "accounts": {"main": {"endpoint": "http://127.0.0.1:1", "protocol": "onebot11", "token": "${env:TEST_TOKEN}"}},
}
ENTRIES = {
    Address("hub", "profile"): Entry({}, {"name": "新群名", "remark": "备注"}, ("name", "remark"), "2026-01-02"),
    Address("hub", "title", "alice"): Entry({"user_id": "100000001"}, {"title": "维护者"}, (), "2026-01-02"),
    Address("jobs", "title", "alice"): Entry({}, {"title": None}),
}


@pytest.fixture
def held(tmp_path: Path) -> Stage:
    """A workspace whose state holds three addresses."""
    write_yaml(tmp_path / "workspace.yaml", WORKSPACE)
    (tmp_path / ".qqgroup").mkdir()
    (tmp_path / ".qqgroup" / "state.json").write_bytes(dump(State("lineage", 7, ENTRIES)))
    return Stage(tmp_path, None)  # type: ignore[arg-type]


def test_all_addresses_are_listed_in_order_with_what_could_not_be_verified(held: Stage) -> None:
    ran = run_on(held, "state", "list")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out == "hub/profile  (not verified: name, remark)\nhub/title/alice\njobs/title/alice\n"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["hub"], ["hub/profile", "hub/title/alice"]),
        (["*/title/*"], ["hub/title/alice", "jobs/title/alice"]),
        (["jobs", "hub/profile"], ["hub/profile", "jobs/title/alice"]),
        (["nothing"], []),
    ],
)
def test_patterns_choose_among_the_addresses(held: Stage, patterns: list[str], expected: list[str]) -> None:
    ran = run_on(held, "state", "list", *patterns)

    assert (0, expected) == (ran.code, [line.split()[0] for line in ran.out.splitlines()])


def test_the_whole_state_as_json_is_the_file_itself(held: Stage) -> None:
    assert dump(State("lineage", 7, ENTRIES)).decode() == run_on(held, "state", "list", "--json").out


def test_a_list_in_chinese_has_chinese_commas(held: Stage) -> None:
    held.environment["QQGROUP_LANG"] = "zh_CN"

    assert "name、remark" in run_on(held, "state", "list").out


def test_an_address_is_shown_with_its_ids_and_values(held: Stage) -> None:
    shown = run_on(held, "state", "show", "hub/title/alice")

    expected = "hub/title/alice\n  user_id: 100000001\n  title: 维护者\n  applied at: 2026-01-02\n"
    assert (0, expected) == (shown.code, shown.out)


def test_an_address_as_json_has_the_keys_of_the_state_file(held: Stage) -> None:
    shown = json.loads(run_on(held, "state", "show", "hub/profile", "--json").out)
    resources = json.loads(dump(State("lineage", 7, ENTRIES)))["resources"]

    assert resources[0] == {"address": "hub/profile", **shown}


def test_an_unknown_address_is_answered_with_the_nearest(held: Stage) -> None:
    shown = run_on(held, "state", "show", "hub/title/alcie")

    assert (1, "") == (shown.code, shown.out)
    assert "error QG143  State holds nothing called `hub/title/alcie`." in shown.err
    assert "Did you mean `hub/title/alice`?" in shown.err


def test_a_state_that_holds_nothing_lists_nothing_and_says_where_to_look(held: Stage) -> None:
    (held.folder / ".qqgroup" / "state.json").unlink()

    assert (0, "") == (run_on(held, "state", "list").code, run_on(held, "state", "list").out)
    assert "`qqgroup state list` lists what it holds." in run_on(held, "state", "show", "hub/profile").err


def test_an_address_in_a_state_from_elsewhere_does_not_steer_the_terminal(held: Stage) -> None:
    hostile = State("lineage", 1, {Address("hub", "card", "\x1b[2J\u202e"): Entry({}, {})})
    (held.folder / ".qqgroup" / "state.json").write_bytes(dump(hostile))

    assert "hub/card/\\u001b[2J\\u202e\n" == run_on(held, "state", "list").out
