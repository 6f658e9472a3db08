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


# Putting it right


def stored(held: Stage) -> list[str]:
    return run_on(held, "state", "list").out.split("\n")[:-1]


def files(held: Stage) -> dict[str, bytes]:
    folder = held.folder / ".qqgroup"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "state.lock"}


def test_an_entry_is_renamed_and_the_state_before_is_kept(held: Stage) -> None:
    before = files(held)["state.json"]
    ran = run_on(held, "state", "mv", "hub/title/alice", "hub/title/alicia", "--yes")

    assert (0, "") == (ran.code, ran.err)
    assert "  > hub/title/alice → hub/title/alicia\n" in ran.out
    assert ["hub/profile  (not verified: name, remark)", "hub/title/alicia", "jobs/title/alice"] == stored(held)
    assert before == files(held)["state.backup.json"]


def test_a_group_is_renamed_with_all_its_entries(held: Stage) -> None:
    assert 0 == run_on(held, "state", "mv", "hub", "new", "--yes").code
    assert ["jobs/title/alice", "new/profile  (not verified: name, remark)", "new/title/alice"] == stored(held)


def test_entries_are_let_go_of_by_pattern_and_a_group_by_its_key(held: Stage) -> None:
    assert 0 == run_on(held, "state", "rm", "*/title/*", "--yes").code
    assert ["hub/profile  (not verified: name, remark)"] == stored(held)
    assert 0 == run_on(held, "state", "forget", "hub", "--yes").code
    assert [] == stored(held)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("mv", "hub/title/alcie", "hub/title/x"), "QG143"),
        (("mv", "hub/title/alice", "jobs/title/alice"), "QG717"),
        (("mv", "hub/title/alice", "hub/card/alice"), "QG717"),
        (("rm", "hub/title/*", "nothing"), "QG143"),
        (("forget", "other"), "QG143"),
    ],
)
def test_what_cannot_be_done_changes_nothing(held: Stage, words: tuple[str, ...], code: str) -> None:
    before = files(held)
    ran = run_on(held, "state", *words, "--yes")

    assert (1, before) == (ran.code, files(held))
    assert code in ran.err


@pytest.mark.parametrize(("answer", "renamed"), [("yes\n", True), ("y\n", False), ("\n", False)])
def test_it_asks_and_only_yes_will_do(held: Stage, answer: str, renamed: bool) -> None:
    ran = run_on(held, "state", "forget", "jobs", tty=True, stdin=answer)

    assert 0 == ran.code
    assert ("Nothing was changed." in ran.out) != renamed
    assert ("jobs/title/alice" in stored(held)) != renamed


def test_without_a_terminal_it_has_nobody_to_ask(held: Stage) -> None:
    before = files(held)
    ran = run_on(held, "state", "forget", "jobs")

    assert (1, before) == (ran.code, files(held))
    assert "QG611" in ran.err
    assert "--yes" in ran.err


def test_it_waits_for_no_apply_that_holds_the_lock(held: Stage) -> None:
    from qqgroup_provision.state.file_store import FileStore

    with FileStore(held.folder / ".qqgroup" / "state.json").lock("apply"):
        assert 4 == run_on(held, "state", "forget", "jobs", "--yes").code
    assert 3 == len(stored(held))


def test_it_leaves_the_state_alone_while_an_earlier_run_is_open(held: Stage) -> None:
    (held.folder / ".qqgroup" / "journal.jsonl").write_bytes(b"")
    ran = run_on(held, "state", "mv", "hub", "new", "--yes")

    assert 1 == ran.code
    assert "QG718" in ran.err
    assert "hub/title/alice" in stored(held)


def test_a_protected_entry_is_shown_as_one(held: Stage) -> None:
    state = State("l", 1, {Address("hub", "title", "alice"): Entry({}, {"title": "x"}, protected=True)})
    (held.folder / ".qqgroup" / "state.json").write_bytes(dump(state))

    assert run_on(held, "state", "show", "hub/title/alice").out.endswith("  protected\n")
