"""Files as the first formats have them, without what was added since: each is still read for what it says."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

from qqgroup_provision.addresses import Address
from qqgroup_provision.applying.recover import recover
from qqgroup_provision.behavior.decide import decide
from qqgroup_provision.behavior.event import Message, Person, Text
from qqgroup_provision.behavior.memory import Notebook
from qqgroup_provision.behavior.prepared import Prepared
from qqgroup_provision.planning.plan_file import read_plan
from qqgroup_provision.planning.snapshot import read_snapshot
from qqgroup_provision.platforms.sessions import Sessions
from qqgroup_provision.ports import Known
from qqgroup_provision.reports.plan_text import render_plan
from qqgroup_provision.state.file_store import FileStore
from qqgroup_provision.state.format import dump
from qqgroup_provision.state.history import Run
from qqgroup_provision.state.journal import read_journal
from qqgroup_provision.workspace.behavior_document import configuration_of
from tests.behavior.material import NOON, said
from tests.planning.material import hub, workspace

FOLDER = Path(__file__).parent / "data" / "format-1"
RULES = Address("hub", "announcement", "rules")


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_a_state_holds_what_it_held_and_is_written_as_it_was(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "state.json", tmp_path)
    state = FileStore(tmp_path / "state.json").load()

    assert ("lineage", 7, (), "") == (state.lineage, state.serial, state.overrides, state.moved_to)
    assert {Address("hub", "profile"), RULES} == state.entries.keys()
    assert ({"notice_id": "x"}, "群规", False) == (
        state.entries[RULES].ids,
        state.entries[RULES].applied["text"],
        state.entries[RULES].protected,
    )
    assert content("state.json") == dump(state)


def test_a_journal_tells_what_was_done_and_what_was_not_seen_to_end() -> None:
    found = read_journal(content("journal.jsonl"), "journal.jsonl")

    assert ("lineage", 7, Run("digest")) == (found.lineage, found.serial, found.run)
    assert {3: "set_title"} == {number: intent.operation for number, intent in found.unsettled.items()}
    assert [Address("hub", "profile"), RULES] == [address for address, _ in found.completed]


def test_a_run_that_died_is_settled_by_this_version(tmp_path: Path) -> None:
    for name in ("state.json", "journal.jsonl"):
        shutil.copy(FOLDER / name, tmp_path)
    store = FileStore(tmp_path / "state.json")
    state, _ = asyncio.run(recover(store, Sessions(workspace(hub()), {})))

    assert {Address("hub", "profile"), RULES} == state.entries.keys()
    assert store.read_journal() is None
    assert ["unclear"] == [step.result for step in store.history()[0].steps if step.operation == "set_title"]


def test_a_plan_is_shown_with_all_its_changes() -> None:
    plan = read_plan(content("plan.json"), "plan.json")
    shown = render_plan(plan)

    assert ((), "", None, None) == (plan.allowed, plan.commit, plan.past, plan.next_opening)
    assert "0.1.0" == plan.version
    for change in json.loads(content("plan.json"))["resource_changes"]:
        assert change["address"] in {str(one.address) for one in plan.changes}
    assert "新群名" in shown


def test_a_snapshot_gives_the_group_as_it_was() -> None:
    snapshot = read_snapshot(content("groups.snapshot"), "groups.snapshot")
    (group,) = snapshot.groups.values()

    assert isinstance(group.profile, Known)
    assert isinstance(group.notices, Known)
    assert ("旧群名", ["别人的 <公告>"]) == (group.profile.value.name, [one.text for one in group.notices.value])


def test_a_behaviour_document_is_put_in_force_and_answers() -> None:
    configuration = configuration_of(json.loads(content("behavior.json")))
    asked = Message(731000001, "1", Person(100000009, "小波"), (Text("安装"),), NOON, 100000000)

    assert "python.org" in str(said(decide(asked, Prepared(configuration), Notebook(), NOON)))
